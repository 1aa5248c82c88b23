"""Declarations, and nothing that is slow to import."""

from collections.abc import Iterator

from structkit import Executor, hookimpl
from structkit_dask_executor.settings import DaskSettings

STRUCTKIT_API = 1


@hookimpl
def structkit_executors() -> Iterator[Executor]:
    """One executor."""
    yield Executor(
        name="dask",
        build="structkit_dask_executor.executor:Dask",
        settings=DaskSettings,
        summary="workers of a dask cluster: of this machine, of a scheduler that runs, or of SLURM and its like",
    )
