"""The executor `dask`: pieces of work on the workers of a cluster."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future
from typing import Any

from distributed import Future as Remote
from distributed import KilledWorker, WorkerPlugin
from distributed.client import FutureCancelledError

from structkit.engine.preload import prepare
from structkit.library import configured
from structkit_dask_executor.clusters import client_of
from structkit_dask_executor.settings import DaskSettings
from structkit_dask_executor.told import cause_of


class Dask:
    """Workers of a dask cluster, for the length of a run.

    Args:
        settings: the words of `DaskSettings`.
    """

    @configured(DaskSettings)
    def __init__(self, settings: DaskSettings) -> None:
        self.settings = settings

    @contextlib.contextmanager
    def open(self, workers: int, modules: Sequence[str]) -> Iterator[concurrent.futures.Executor]:
        """An executor whose workers are there.

        Args:
            workers: how many are started, where a cluster is started.
            modules: what workers import beforehand, those too that come later.

        Raises:
            SpecError: Y012, P001.
            StepError: P013, no scheduler, or no worker in time.
        """
        with client_of(self.settings, workers) as client:
            client.register_plugin(_Preload(tuple(modules)))
            pool = _Pool(client, os.getcwd())  # noqa: PTH109  (a worker of another machine is told a text)
            try:
                yield pool
            finally:
                pool.shutdown(wait=False, cancel_futures=True)


class _Preload(WorkerPlugin):  # type: ignore[misc]  # dask has no types
    """What every worker does first. What it lacks is said by the piece that needs it."""

    idempotent = True
    name = "structkit-preload"

    def __init__(self, modules: tuple[str, ...]) -> None:
        self.modules = modules

    def setup(self, worker: Any) -> None:
        """Import what the run needs, and keep standard output for results."""
        os.dup2(2, 1)
        prepare(self.modules)


class _Pool(concurrent.futures.Executor):
    """Hands calls to a cluster, and lets go of each result when it has come.

    dask's own executor keeps results on the workers: one that dies takes along what it has finished,
    which is then done again.
    """

    def __init__(self, client: Any, folder: str) -> None:
        self.client, self.folder = client, folder
        self.open: set[Remote] = set()
        self.ended = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call a function on a worker, in the folder of this process."""
        if self.ended:
            raise RuntimeError("cannot submit after the block has ended")
        here: Future[Any] = Future()
        here.set_running_or_notify_cancel()
        there = self.client.submit(_called, self.folder, fn, args, kwargs, pure=False)
        self.open.add(there)
        there.add_done_callback(lambda done: self._came(done, here))
        return here

    def _came(self, there: Remote, here: Future[Any]) -> None:
        """Take a result, or what went wrong; called by a thread of dask."""
        try:
            result = there.result()
        except BaseException as error:  # a future that is never done would be waited for for ever
            here.set_exception(_understood(error))
        else:
            here.set_result(result)
        finally:
            self.open.discard(there)
            there.release()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; with `cancel_futures` those under way are given up."""
        self.ended = True
        waiting = list(self.open)
        if cancel_futures and waiting and self.client.status == "running":
            self.client.cancel(waiting, force=True)
        elif wait:
            for future in waiting:
                future.exception()


def _called(
    folder: str, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call a function in a folder: paths of settings are relative to it."""
    if os.getcwd() != folder:  # noqa: PTH109
        os.chdir(folder)
    return fn(*args, **kwargs)


def _understood(error: BaseException) -> BaseException:
    """What happened to the cluster and not to the work, as a broken executor."""
    if isinstance(error, KilledWorker):
        lost = f"it lost {error.allowed_failures + 1} workers one after the other"
        return BrokenExecutor(f"a piece of work was given up by dask: {lost} (out of memory?)")
    if isinstance(error, FutureCancelledError | concurrent.futures.CancelledError | OSError):
        return BrokenExecutor(f"the dask cluster went away: {cause_of(error)}")
    return error
