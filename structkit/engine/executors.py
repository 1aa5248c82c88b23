"""Where work is done without a plugin: here, or in processes of this machine. One pool for a whole run."""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import multiprocessing.forkserver
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from structkit.engine.preload import MODULES
from structkit.workers import start_worker

PRELOAD = "structkit.engine.preload"
READY = "structkit.engine.pieces"  # imported before anything that a component needs


class _Here(concurrent.futures.Executor):
    """Does what is submitted at once, in this process. Ctrl-C and what stops a run go through."""

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> concurrent.futures.Future[Any]:
        """Call the function; the future is done when this returns."""
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Here:
    """One piece after the other, in this process."""

    @contextlib.contextmanager
    def open(self, workers: int, modules: Sequence[str]) -> Iterator[concurrent.futures.Executor]:
        """An executor that does everything when it is submitted."""
        yield _Here()


class Processes:
    """Worker processes of this machine, forked from one that has imported what the run needs."""

    @contextlib.contextmanager
    def open(self, workers: int, modules: Sequence[str]) -> Iterator[concurrent.futures.Executor]:
        """A pool that lives as long as the block; when the block fails, nobody waits for what is under way.

        Args:
            workers: processes.
            modules: imported once, before the workers are forked.
        """
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([PRELOAD])
        with (
            _environment(PYTHONSAFEPATH="1", **{MODULES: ",".join([READY, *modules])}),
            _uninterrupted(),
        ):
            multiprocessing.forkserver.ensure_running()
        pool = concurrent.futures.ProcessPoolExecutor(workers, context, _start, (os.getpid(),))
        try:
            yield pool
        except BaseException:
            _terminate(pool)
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _start(parent: int) -> None:
    """What a worker does first. What its components print goes to standard error: standard output is for results."""
    os.dup2(2, 1)
    start_worker(parent)


def _terminate(pool: concurrent.futures.ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):
        process.terminate()


@contextlib.contextmanager
def _environment(**words: str) -> Iterator[None]:
    """Start processes with these words in their environment: workers import nothing from the working folder."""
    before = {name: os.environ.get(name) for name in words}
    os.environ.update(words)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start processes that no Ctrl-C meets while they import."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
