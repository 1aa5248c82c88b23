"""A pipeline done on a few rows, in a store of its own: what `plan --cost` learns from.

Sources do some of their tasks. A source's rows are then cut to so many, and every other job is done on those as in any
run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from structkit.components import Executor
from structkit.data.block import Block
from structkit.data.merging import write_table
from structkit.data.opening import INDEX
from structkit.data.table import Table
from structkit.discovery.plugin import import_string
from structkit.discovery.registry import Registry
from structkit.engine.context import Context
from structkit.engine.jobs import Job
from structkit.engine.making import Fact
from structkit.engine.pieces import Input, Piece, adopt
from structkit.engine.progress import Shown
from structkit.engine.scheduler import Scheduler
from structkit.errors import StructkitError
from structkit.kinds.source import SourceKind
from structkit.store.store import Store

LONG = 4  # tasks that are done of a source whose tasks are kept one by one: each takes long


@dataclass(frozen=True)
class Sampled:
    """What a job took on a sample.

    Args:
        came: rows that it read.
        made: rows that it made; 0 where its result has none.
        cpu_seconds: processor time.
        bytes: of its result on the disk.
        memory: largest of the process so far, in MiB.
    """

    came: int
    made: int
    cpu_seconds: float
    bytes: int
    memory: float


class SomeTasks(SourceKind):
    """A source that does some of its tasks, evenly chosen."""

    def contents(self, job: Job, inputs: Sequence[Input]) -> Sequence[Any]:
        """Some tasks for each piece."""
        tasks = [task for piece in super().contents(job, inputs) for task in piece]
        most = LONG if job.shard == 1 else job.options["tasks"]
        chosen = [tasks[place] for place in evenly(len(tasks), most)]
        return [tuple(chosen[i : i + job.shard]) for i in range(0, len(chosen), job.shard)]

    def share(self, job: Job) -> float:
        """How many times as many tasks there are as are done."""
        done = sum(map(len, self.contents(job, ())))
        return sum(map(len, super().contents(job, ()))) / max(done, 1)


class SomeRows(SourceKind):
    """A source that takes rows of a table that is there, evenly chosen."""

    def contents(self, job: Job, inputs: Sequence[Input]) -> Sequence[Any]:
        """One piece."""
        return [None]

    def do(self, piece: Piece, draft: Path, context: Context) -> None:
        """Write the chosen rows."""
        table = Table.open(Path(piece.job.options["given"]))
        block = Block(self.item(piece.job).ragged)
        for place in evenly(len(table), piece.job.options["rows"]):
            arrays = {name: table.item(name, place) for name in table.arrays}
            block.append(table.rows[place], arrays)
        write_table([block.part()], draft)

    def join(self, job: Job, pieces: Sequence[Path], inputs: Sequence[Input], draft: Path) -> None:
        """The piece as it is."""
        adopt(pieces[0], draft)


def evenly(count: int, wanted: int) -> list[int]:
    """Places of at most so many of a sequence, from the first to the last."""
    places = np.unique(np.linspace(0, max(count - 1, 0), min(count, wanted)).astype(int))
    return [int(place) for place in places]


@dataclass
class Sample:
    """The jobs of a pipeline on a few rows.

    Args:
        registry: what is installed.
        store: where the results of the sample are kept.
        device, threads: as of the run.
    """

    registry: Registry
    store: Store
    device: str
    threads: int

    def __post_init__(self) -> None:
        self.facts: dict[str, Fact] = {}
        self.problems: dict[str, StructkitError] = {}

    def do(self, jobs: Sequence[Job]) -> None:
        """Do jobs, inputs first; what fails, and what needs it, is left out."""
        for job in jobs:
            lost = next((need for need in job.inputs if need.key in self.problems), None)
            if lost:
                self.problems[job.key] = self.problems[lost.key]
                continue
            try:
                self._do(job)
            except StructkitError as error:
                self.problems[job.key] = error

    def _do(self, job: Job) -> None:
        here = import_string(self.registry.extension(Executor, "here").build)()
        with here.open(1, ()) as executor:
            where = (executor, 1, _Quiet(), self.device, self.threads, False, self)
            scheduler = Scheduler([job], self.store, *where)
            scheduler.ready = {need.key for need in job.inputs}
            scheduler.run()

    def ended(self, fact: Fact) -> None:
        """A job is finished."""
        self.facts[fact.job.key] = fact

    def learnt(self, job: Job, record: Mapping[str, float]) -> None:
        """A training goes on: nobody asks."""

    def of(self, job: Job) -> Sampled:
        """What a finished job took."""
        fact, entry = self.facts[job.key], self.store.open(job.key).folder
        came = sum(self.rows(need.key) for need in job.inputs)
        size = sum(path.stat().st_size for path in entry.rglob("*") if path.is_file())
        made = self.rows(job.key)
        return Sampled(came, made, fact.cpu_seconds, size, fact.peak_memory_mib)

    def rows(self, key: str) -> int:
        """Rows of a result; 0 where it has none."""
        entry = self.store.open(key).folder
        return len(Table.open(entry)) if (entry / INDEX).exists() else 0


def some_tasks(job: Job, most: int) -> Job:
    """The job of a source that does at most so many tasks."""
    kind = f"{__name__}:{SomeTasks.__name__}"
    return replace(job, kind=kind, options={**job.options, "tasks": most})


def some_rows(job: Job, given: Path, rows: int) -> Job:
    """The job of a source that takes at most so many rows of a table."""
    kind = f"{__name__}:{SomeRows.__name__}"
    return replace(job, kind=kind, options={**job.options, "given": str(given), "rows": rows})


class _Quiet:
    """Progress that says nothing: what is done on a sample is told once for all of it."""

    def task(self, title: str) -> Shown:
        """A job that nobody watches."""
        return _Untold()


class _Untold:
    def begin(self, total: int, done: int = 0) -> None: ...
    def advance(self, count: int = 1) -> None: ...
    def note(self, text: str) -> None: ...
    def end(self, text: str) -> None: ...
