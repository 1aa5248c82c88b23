"""An executor in one file: every piece is done twice, in processes of its own, and one result is lost."""

import concurrent.futures
import contextlib
import multiprocessing

from structkit import Executor, hookimpl

STRUCTKIT_API = 1


class Unreliable(concurrent.futures.Executor):
    def __init__(self, pool):
        self.pool, self.lost = pool, False

    def submit(self, fn, /, *args, **kwargs):
        first, second = (self.pool.submit(fn, *args, **kwargs) for _ in range(2))
        first.result()
        second.result()
        if not self.lost:  # nobody hears of what was done: it is done again
            self.lost = True
            return self.pool.submit(fn, *args, **kwargs)
        return second


class Twice:
    @contextlib.contextmanager
    def open(self, workers, modules):
        with concurrent.futures.ProcessPoolExecutor(
            4, multiprocessing.get_context("spawn")
        ) as pool:
            yield Unreliable(pool)


@hookimpl
def structkit_executors():
    yield Executor(name="twice", build=f"{__name__}:Twice", summary="everything twice")
