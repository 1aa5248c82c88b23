"""The rows that each model of a pipeline would learn from and be tested on, with the structures behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from structkit.components import Executor
from structkit.data.merging import regrouped
from structkit.data.table import Table
from structkit.discovery.plugin import import_string
from structkit.engine.jobs import Before, Job, JobGraph, build_jobs, threads_of
from structkit.engine.making import Fact
from structkit.engine.progress import Progress
from structkit.engine.scheduler import Scheduler
from structkit.errors import DataError, Problem, SpecError
from structkit.evaluation.splits import parts_of
from structkit.evaluation.target import Target, Truth
from structkit.kinds.dealing import alike_of, made_of, parts_of_units, roots_of, units_of_rows
from structkit.pipeline.checked import CheckedPipeline, CheckedStep
from structkit.records import SCORES
from structkit.store.store import Store


@dataclass(frozen=True)
class Rows:
    """What a model would learn from and be tested on.

    Args:
        step: the model's.
        target: what it is to say.
        features: rows of the origins that are learnt from; their groups are what is dealt out.
        truth: what is known of them.
        groups: the group of each row, before coarser units are made of groups.
        structures: the structures that the features were made of, row by row; None where there are
            none, or rows were made of rows.
        begun: rows as the sources made them: structures, or what was measured.
        parts: of each group or unit; empty where the rows cannot be dealt out.
        undealt: why they cannot.
    """

    step: CheckedStep
    target: Target
    features: Table
    truth: Truth
    groups: Sequence[str]
    structures: Table | None
    begun: Table
    parts: Mapping[str, str]
    undealt: str = ""

    @property
    def subsets(self) -> list[str]:
        """The part of each row of the features; of all `train` where rows cannot be dealt out."""
        if not self.parts:
            return ["train"] * len(self.features)
        return parts_of(self.features, self.parts)

    @property
    def labels(self) -> list[str | None]:
        """A class a row, of a model of classes of structures; else None."""
        return list(self.truth.values) if self.classes else [None] * len(self.features)

    @property
    def classes(self) -> list[str]:
        """The classes of structures that the model tells apart; none for other models."""
        declared = self.step.declaration
        told = (getattr(declared, "predicts", ""), getattr(declared, "per", ""))
        if told != ("classes", "structure"):
            return []
        return sorted({str(value) for value in self.truth.values if value is not None})


class Workshop:
    """Makes jobs of a pipeline in the store, or finds them there, without a run folder.

    Args:
        pipeline: checked.
        store: where results are kept.
        progress: shows how far it is.
        device: of torch.
    """

    def __init__(
        self, pipeline: CheckedPipeline, store: Store, progress: Progress, device: str = "cpu"
    ) -> None:
        self.pipeline, self.store, self.progress, self.device = pipeline, store, progress, device
        self.graph = build_jobs(pipeline, device)

    @property
    def models(self) -> list[CheckedStep]:
        """The model steps.

        Raises:
            SpecError: R006, there are none.
        """
        kinds = self.pipeline.registry.kind
        steps = self.pipeline.steps.values()
        models = [step for step in steps if SCORES in kinds(step.kind).shows]
        if not models:
            file = str(self.pipeline.spec.path)
            fix = "audit a pipeline with one: what is fair depends on what is to be told apart"
            raise SpecError(Problem("R006", "no model step to audit", file, fix))
        return models

    def make(self, jobs: Sequence[Job]) -> None:
        """Make jobs and all that they need.

        Raises:
            StructkitError: as a run.
        """
        wanted = needed(self.graph, jobs)
        declared = self.pipeline.registry.extension(Executor, "here")
        threads = threads_of(self.pipeline)
        with import_string(declared.build)().open(1, []) as executor:
            Scheduler(
                wanted,
                self.store,
                executor,
                1,
                self.progress,
                self.device,
                threads,
                False,
                _Unwatched(),
            ).run()

    def before(self, step: CheckedStep) -> Before:
        """What the jobs of a step are made from."""
        done: dict[str, list[Job]] = {}
        for job in self.graph.jobs:
            if job.step != step.id:
                done.setdefault(job.step, []).append(job)
        return Before(self.pipeline, self.device, done)

    def table(self, job: Job) -> Table:
        """The rows of a finished job."""
        return Table.open(self.store.open(job.key).folder, job.origin)

    def rows(self, step: CheckedStep) -> Rows:
        """The rows of a model step, made where they are not in the store."""
        before = self.before(step)
        incoming = before.rows(step)
        self.make(incoming)
        learnt = [job for job in incoming if job.origin in step.train_on]
        features = Table.chain([self.table(job) for job in learnt])
        behind = [made_of(before, job) for job in learnt]
        tables = [self.table(job) for job in behind if job is not None]
        structures = Table.chain(tables) if len(tables) == len(learnt) else None
        if structures is not None and structures.ids != features.ids:
            structures = None
        return self._dealt(step, before, features, structures, self._begun(before, learnt))

    def _begun(self, before: Before, learnt: Sequence[Job]) -> Table:
        """The rows that sources made, of which those that are learnt from were made."""
        by_key = {job.key: job for jobs in before.done.values() for job in jobs}
        roots: dict[str, Job] = {}
        for job in learnt:
            while job.inputs:
                job = by_key[job.inputs[0].key]
            roots[job.key] = job
        return Table.chain([self.table(job) for job in roots.values()])

    def _dealt(
        self,
        step: CheckedStep,
        before: Before,
        features: Table,
        structures: Table | None,
        begun: Table,
    ) -> Rows:
        split, seed = self.pipeline.spec.pipeline.split, self.pipeline.spec.pipeline.seed
        target = self.pipeline.target(step.id)
        truth = target.truth(features, structures)
        groups, parts, undealt = features.groups, {}, ""
        try:
            target.check(truth, features)
            if split.by is not None:
                alike = [self.table(job) for job in alike_of(step, before)]
                units = units_of_rows(alike, split.by, roots_of(step, self.pipeline))
                features = regrouped(features, units)
            parts = parts_of_units(features, truth, split, seed)
        except DataError as error:
            undealt = str(error)
        return Rows(step, target, features, truth, groups, structures, begun, parts, undealt)


def needed(graph: JobGraph, jobs: Sequence[Job]) -> list[Job]:
    """Jobs with all that they need, inputs first."""
    wanted = {job.key for job in jobs}
    for job in reversed(graph.jobs):
        if job.key in wanted:
            wanted |= {need.key for need in job.inputs}
    return list(_once(job for job in graph.jobs if job.key in wanted))


def _once(jobs: Iterator[Job]) -> Iterator[Job]:
    """Each key once: two steps with the same words share their results."""
    seen: set[str] = set()
    for job in jobs:
        if job.key not in seen:
            seen.add(job.key)
            yield job


def holds_structures(table: Table) -> bool:
    """Whether rows are structures."""
    return {"numbers", "positions", "cell", "pbc"} <= set(table.arrays)


class _Unwatched:
    """Nobody is told how jobs go."""

    def ended(self, fact: Fact) -> None:
        """A job is finished."""

    def learnt(self, job: Job, record: Mapping[str, float]) -> None:
        """A training has finished an epoch."""
