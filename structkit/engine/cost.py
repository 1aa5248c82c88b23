"""What a run would take in processor time, memory and disk, from two samples of its rows.

What a job takes is a fixed part and a part for each row: two sizes of a sample tell them apart. The smaller one is done
twice, and its first time not counted: what a process imports and compiles once would pass for the work on its rows. Work
that grows faster than the rows is underestimated, such as comparing every row with every other.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from structkit.engine.jobs import Job, JobGraph, threads_of
from structkit.engine.progress import Shown
from structkit.engine.sampling import Sample, Sampled, SomeTasks, some_rows, some_tasks
from structkit.errors import StructkitError
from structkit.pipeline.checked import CheckedPipeline
from structkit.store.store import Store

SMALLER = 4  # the small sample has a quarter of the rows
SATURATED = 2  # times as many rows that are made of four times as many: no more are made of more
COPIES = 2  # of its rows, that a job which reads all of them at once holds in memory


@dataclass(frozen=True)
class Cost:
    """What a job would take.

    Args:
        job: the job.
        rows: that it makes; of one that makes none, that it reads.
        cpu_seconds: processor time.
        memory: of a process that does it, in MiB.
        bytes: of its result on the disk.
        problem: why nothing is known, or empty.
    """

    job: Job
    rows: float = 0.0
    cpu_seconds: float = 0.0
    memory: float = 0.0
    bytes: float = 0.0
    problem: str = ""


def costs(
    pipeline: CheckedPipeline, graph: JobGraph, place: Path, there: Store, rows: int, note: Shown
) -> list[Cost]:
    """What every job of a pipeline would take, if nothing of it were done.

    Args:
        pipeline: checked.
        graph: its jobs.
        place: an empty folder for the samples.
        there: the store whose rows are taken where a source has been run.
        rows: of the larger sample, of each source.
        note: is told what is being done.
    """
    stores = [Store(place / name) for name in ("tasks", "first", "small", "large")]
    sampled = [Sample(pipeline.registry, store, "cpu", threads_of(pipeline)) for store in stores]
    sources = [job for job in graph.jobs if not job.inputs]
    begun = sampled[0]
    for job in sources:
        if not there.has(job.key):
            note.note(f"some tasks of {job.title}")
    begun.do([some_tasks(job, rows) for job in sources if not there.has(job.key)])
    jobs = [job for job in graph.jobs if not job.options.get("turn")]  # seeds cost the same
    few = max(rows // SMALLER, 1)
    for sample, count in zip(sampled[1:], (few, few, rows), strict=True):
        note.note(f"everything on {count} rows")
        sample.problems.update(begun.problems)
        sample.do(_cut(jobs, begun, there, count))
    return list(_Estimate(graph.jobs, begun, sampled[2:], there, rows).all())


def _cut(jobs: Sequence[Job], begun: Sample, there: Store, rows: int) -> list[Job]:
    """All jobs, of which the sources take some rows of what is there."""

    def given(job: Job) -> Job:
        if job.inputs or job.key in begun.problems:
            return job
        store = there if there.has(job.key) else begun.store
        return some_rows(job, store.open(job.key).folder, rows)

    return [given(job) for job in jobs]


@dataclass
class _Estimate:
    """Jobs, and what they took on samples.

    Args:
        jobs: inputs first.
        begun: some tasks of the sources.
        samples: two sizes of everything, the smaller one first.
        there: the store whose rows were taken where a source had been run.
        asked: how many tasks of a source were asked for.
    """

    jobs: Sequence[Job]
    begun: Sample
    samples: Sequence[Sample]
    there: Store
    asked: int

    def __post_init__(self) -> None:
        self.rows: dict[str, float] = {}  # that each job makes in the whole run
        self.bytes: dict[str, float] = {}

    def all(self) -> Iterator[Cost]:
        """What every job would take; of further seeds, what the first one does."""
        first_costs: dict[tuple[str, ...], Cost] = {}
        for job in self.jobs:
            alike = (job.step, job.work, job.origin)
            cost = first_costs.get(alike) or self._of(job)
            self.bytes[job.key] = cost.bytes
            yield dataclasses.replace(first_costs.setdefault(alike, cost), job=job)

    def _of(self, job: Job) -> Cost:
        problem = self.begun.problems.get(job.key) or self.samples[-1].problems.get(job.key)
        if problem:
            return Cost(job, problem=_reason(problem))
        return self._derived(job) if job.inputs else self._source(job)

    def _source(self, job: Job) -> Cost:
        if self.there.has(job.key):
            sample = dataclasses.replace(self.begun, store=self.there)
            rows = float(sample.rows(job.key))
            self.rows[job.key] = rows
            size = sum(p.stat().st_size for p in self.there.open(job.key).folder.rglob("*"))
            return Cost(job, rows, 0.0, 0.0, size)
        took = self.begun.of(job)
        share = SomeTasks().share(some_tasks(job, self.asked))
        rows = took.made * share
        self.rows[job.key] = rows
        return Cost(job, rows, took.cpu_seconds * share, took.memory, took.bytes * share)

    def _derived(self, job: Job) -> Cost:
        took = [sample.of(job) for sample in self.samples if job.key not in sample.problems]
        large = took[-1]
        came = sum(self.rows.get(need.key, 0.0) for need in job.inputs)
        fixed = _makes_no_more(took)
        made = large.made if fixed else large.made * came / max(large.came, 1)
        self.rows[job.key] = made
        line = _Line(took, came, fixed)
        memory = large.memory if job.spread else self._memory(job, large)
        cpu = line.at(lambda sampled: sampled.cpu_seconds)
        return Cost(job, made or came, cpu, memory, line.at(lambda sampled: float(sampled.bytes)))

    def _memory(self, job: Job, large: Sampled) -> float:
        """What the process held on the sample, and more copies of the rows that all come at once."""
        read = sum(self.bytes.get(need.key, 0.0) for need in job.inputs)
        return large.memory + COPIES * read / 2**20


@dataclass(frozen=True)
class _Line:
    """A straight line through what samples took.

    Args:
        took: one or two samples, the smaller first.
        came: rows that come in the whole run.
        fixed: whether it makes as many rows of few as of many.
    """

    took: Sequence[Sampled]
    came: float
    fixed: bool

    def at(self, value: Callable[[Sampled], float]) -> float:
        """A value in the whole run: a fixed part and one for each row, neither of them negative."""
        large = self.took[-1]
        if self.fixed:
            return value(large)
        if len(self.took) == 1 or self._apart == 0:
            return value(large) * self.came / max(large.came, 1)
        slope = max(value(large) - value(self.took[0]), 0.0) / self._apart
        return max(value(large) - slope * large.came, 0.0) + slope * self.came

    @cached_property
    def _apart(self) -> int:
        return self.took[-1].came - self.took[0].came


def _makes_no_more(took: Sequence[Sampled]) -> bool:
    """Whether a job that makes rows makes hardly more of four times as many, such as so many explanations a class."""
    small, large = took[0], took[-1]
    return small.came != large.came and 0 < large.made < SATURATED * small.made


def _reason(error: StructkitError) -> str:
    return str(error.problems[0])


def by_step(costs: Sequence[Cost]) -> Mapping[tuple[str, str], list[Cost]]:
    """The costs of each step's works, in order."""
    grouped: dict[tuple[str, str], list[Cost]] = {}
    for cost in costs:
        grouped.setdefault((cost.job.step, cost.job.work), []).append(cost)
    return grouped
