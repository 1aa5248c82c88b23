"""Shards computed in this process or in a pool of workers, and how what a component tells reaches the parent."""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import logging
import logging.handlers
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from structkit.errors import Problem, StepError
from structkit.running.calling import Recipe
from structkit.running.shards import Shard, run_shard
from structkit.workers import PROGRESS, listen, start_worker

Results = Iterator[Callable[[], int]]


@contextlib.contextmanager
def computed(recipe: Recipe, shards: Sequence[Shard], count: int, tell: Callable[[str], None]) -> Iterator[Results]:
    """For each shard, as they finish, a function that gives its rows or raises what it raised.

    Args:
        recipe: the component.
        shards: what it is to do.
        count: worker processes; with one, or one shard, this process does the work.
        tell: gets every line that the component tells.

    Raises:
        StepError: P013, a worker died.
    """
    if count == 1 or len(shards) < 2:
        with _heard(tell):
            yield (functools.partial(run_shard, recipe, shard) for shard in shards)
        return
    context = multiprocessing.get_context("spawn")
    messages = context.Queue()
    arguments = (os.getpid(), messages)
    pool = concurrent.futures.ProcessPoolExecutor(min(count, len(shards)), context, _start, arguments)
    listener = logging.handlers.QueueListener(messages, _Teller(tell))
    listener.start()
    try:
        with _quiet_start():
            futures = [pool.submit(run_shard, recipe, shard) for shard in shards]
        yield (future.result for future in concurrent.futures.as_completed(futures))
    except concurrent.futures.process.BrokenProcessPool as error:
        message = f"a worker process of {recipe.who} died (killed, or out of memory)"
        raise StepError(Problem("P013", message, fix="use fewer --workers")) from error
    except BaseException:
        for worker in multiprocessing.active_children():  # stopped, or failed: nobody waits for what is under way
            worker.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        listener.stop()


def _start(parent: int, messages: Any) -> None:
    """What a worker does first. What its components print goes to standard error: standard output is for results."""
    os.dup2(2, 1)
    start_worker(parent, messages)


@contextlib.contextmanager
def _quiet_start() -> Iterator[None]:
    """Start processes that no Ctrl-C meets while they import, and that import nothing from the working folder."""
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.environ.pop("PYTHONSAFEPATH")
        if before is not None:
            os.environ["PYTHONSAFEPATH"] = before


@contextlib.contextmanager
def _heard(tell: Callable[[str], None]) -> Iterator[None]:
    handler = _Teller(tell)
    listen(handler)
    try:
        yield
    finally:
        PROGRESS.removeHandler(handler)


class _Teller(logging.Handler):
    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__()
        self.tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        self.tell(record.getMessage())
