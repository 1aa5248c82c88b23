"""Where work is done without a plugin: here, or in processes of this machine. One pool for a whole run."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from structkit.engine.forks import fork_server
from structkit.workers import start_worker

PATIENCE = 1.0  # seconds in which a worker may end by itself


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
        context = fork_server().tell(modules)
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
    """End the workers, those too whose components do not listen to signals."""
    processes = list((pool._processes or {}).values())
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + PATIENCE
    for process in processes:
        process.join(max(0.0, deadline - time.monotonic()))
        process.kill()
