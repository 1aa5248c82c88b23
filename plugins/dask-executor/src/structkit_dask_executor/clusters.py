"""Clusters: found, or started for the length of a run."""

from __future__ import annotations

import contextlib
import importlib
import logging
from collections.abc import Iterator
from typing import Any

import dask
from distributed import Client, LocalCluster

from structkit import Problem
from structkit.errors import SpecError, StepError
from structkit_dask_executor.settings import DaskSettings
from structkit_dask_executor.told import cause_of, told_to_the_log

CLASSES = {
    "slurm": "SLURMCluster",
    "pbs": "PBSCluster",
    "lsf": "LSFCluster",
    "sge": "SGECluster",
    "moab": "MoabCluster",
    "oar": "OARCluster",
    "htcondor": "HTCondorCluster",
}
PLACE = "structkit.toml: [executors.dask]"


@contextlib.contextmanager
def client_of(settings: DaskSettings, workers: int) -> Iterator[Client]:
    """A `distributed.Client` with at least one worker.

    Args:
        settings: where the workers are.
        workers: how many are asked for, where they are started here.

    Raises:
        SpecError: Y012, options that the cluster does not take; P001, dask-jobqueue is missing.
        StepError: P013, no scheduler, or no worker in time.
    """
    words = {
        "distributed.scheduler.allowed-failures": settings.failures,
        "distributed.scheduler.worker-saturation": 1.0,  # what waits can still go elsewhere
        "distributed.worker.daemon": False,  # components may start processes of their own
    }
    with dask.config.set(words), told_to_the_log(), contextlib.ExitStack() as stack:
        where: Any = settings.scheduler
        if settings.scheduler_file is None and where is None:
            where = stack.enter_context(_started(settings, workers))
        try:
            client = Client(
                where,
                scheduler_file=settings.scheduler_file and str(settings.scheduler_file),
                timeout=settings.patience,
                set_as_default=False,
            )
        except (OSError, ValueError) as error:
            named = settings.scheduler or settings.scheduler_file
            message = f"no dask scheduler at {named}: {cause_of(error)}"
            raise StepError(
                Problem("P013", message, PLACE, "start it, or mend the address")
            ) from error
        stack.callback(client.close, timeout=5)
        _await_worker(client, settings)
        yield client


def _await_worker(client: Client, settings: DaskSettings) -> None:
    try:
        client.wait_for_workers(1, timeout=settings.patience)
    except TimeoutError as error:
        message = f"no dask worker within {settings.patience:g} s"
        fix = "start workers, look at the queue, or raise patience"
        raise StepError(Problem("P013", message, PLACE, fix)) from error


@contextlib.contextmanager
def _started(settings: DaskSettings, workers: int) -> Iterator[Any]:
    """A cluster that lives as long as the block."""
    kind = settings.cluster or "local"
    try:
        cluster = _local(settings, workers) if kind == "local" else _queued(kind, settings, workers)
    except (TypeError, ValueError, RuntimeError) as error:
        message = f"the cluster '{kind}' cannot be made: {cause_of(error)}"
        raise SpecError(Problem("Y012", message, PLACE, "mend `options`")) from error
    with contextlib.closing(cluster):
        yield cluster


def _local(settings: DaskSettings, workers: int) -> Any:
    """Processes of this machine, that nobody else on it can send work to."""
    words = {"threads_per_worker": 1, "processes": True, "dashboard_address": None}
    words |= {"silence_logs": logging.CRITICAL, "security": True, "memory_limit": 0}
    return LocalCluster(**{**words, "n_workers": workers, **settings.options})


def _queued(kind: str, settings: DaskSettings, workers: int) -> Any:
    """Jobs of a queue."""
    try:
        module = importlib.import_module("dask_jobqueue")
    except ImportError as error:
        message = f"the cluster '{kind}' needs dask-jobqueue: {cause_of(error)}"
        fix = "pip install 'structkit-dask-executor[jobqueue]'"
        raise SpecError(Problem("P001", message, PLACE, fix)) from error
    cluster = getattr(module, CLASSES[kind])(**{"cores": 1, **settings.options})
    cluster.scale(n=workers)
    return cluster
