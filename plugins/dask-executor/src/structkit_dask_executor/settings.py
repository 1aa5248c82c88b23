"""What `[executors.dask]` of `structkit.toml` may say."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from structkit import Settings

Queue = Literal["local", "slurm", "pbs", "lsf", "sge", "moab", "oar", "htcondor"]


class DaskSettings(Settings):
    """Where the workers are. Nothing here changes a result."""

    scheduler: str | None = Field(None, pattern=r"^(tcp|tls|ucx|ws|wss)://\S+$")
    """address of a scheduler that runs already: tcp://host:8786"""
    scheduler_file: Path | None = None
    """the same, as the file that `dask scheduler --scheduler-file` writes"""
    cluster: Queue | None = None
    """where workers are started: processes of this machine, or jobs of a queue; `local` if nothing else is said"""
    options: dict[str, Any] = Field(default_factory=dict)
    """passed on to the cluster: those of dask-jobqueue, such as queue, cores, memory, walltime"""
    failures: int = Field(3, ge=0)
    """how many workers a piece of work may lose before the run gives up: what kills them all is the piece itself"""
    patience: float = Field(300.0, gt=0)
    """seconds that are waited for a scheduler, and for the first worker: a queue may be long"""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.scheduler and self.scheduler_file:
            raise ValueError("scheduler and scheduler_file both say where the scheduler is")
        if (self.scheduler or self.scheduler_file) and self.cluster:
            raise ValueError("a scheduler that runs already has its workers: leave out cluster")
        return self
