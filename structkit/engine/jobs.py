"""From a checked pipeline to jobs: what is to be computed, from what, under which key.

All keys are known before anything runs, because a key depends on ingredients and never on results.
Step names are
not among them: renaming a step makes nothing anew.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from structkit.components import Settings
from structkit.discovery.plugin import import_string
from structkit.discovery.travelling import dumped
from structkit.engine.recipe import Recipe, recipe_of
from structkit.pipeline.checked import CheckedPipeline, CheckedStep
from structkit.store.entries import LAYOUT
from structkit.store.files import digest
from structkit.surroundings import left_as_found

# how progress and plan call a work
VERBS = {"train": "training", "predict": "predictions", "score": "scores"}
VERBS |= {"fit": "calibration", "judge": "judgements", "trust": "promises kept"}


@dataclass(frozen=True)
class Need:
    """A result that a job reads: its key, the origin of its rows, and the work that makes it."""

    key: str
    origin: str = ""
    work: str = ""


@dataclass(frozen=True)
class Job:
    """One result to be computed, as plain data: any executor can carry it.

    Args:
        kind: import path of the kind that knows how it is done.
        step: id of its step.
        work: what the kind calls it, such as `descriptor` or `train`.
        ingredients: everything that decides the result.
        inputs: the results that it reads.
        origin: of its rows; empty where it has none.
        recipe: of the component; None where it needs none.
        options: what the kind must know to do it, as JSON holds it.
        shard: how many tasks or rows make a piece.
        spread: whether its pieces compute with one thread each, beside others.
        shown: where the run folder shows it, below `steps`; by step and origin unless given.
    """

    kind: str
    step: str
    work: str
    ingredients: Mapping[str, Any]
    inputs: tuple[Need, ...] = ()
    origin: str = ""
    recipe: Recipe | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    shard: int = 0
    spread: bool = False
    shown: str = ""
    key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", digest(self.ingredients))
        if not self.shown:
            object.__setattr__(self, "shown", "/".join(filter(None, (self.step, self.origin))))

    @property
    def need(self) -> Need:
        """This result, as a job that reads it names it."""
        return Need(self.key, self.origin, self.work)

    @property
    def component(self) -> Recipe:
        """The recipe of a job that has a component."""
        if self.recipe is None:
            raise ValueError(f"{self.title} has no component")
        return self.recipe

    @property
    def title(self) -> str:
        """How progress and plan call it."""
        verb = VERBS.get(self.work, "")
        turn = self.options.get("turn", 0)
        parts = [
            self.step,
            verb,
            f"[{self.origin}]" if self.origin not in ("", self.step) else "",
            f"(seed {turn + 1})" if turn else "",
        ]
        return " ".join(filter(None, parts))


@dataclass(frozen=True)
class JobGraph:
    """All jobs of a pipeline, in an order in which each comes after its inputs."""

    jobs: tuple[Job, ...]

    def of(self, step: str, work: str | None = None) -> list[Job]:
        """The jobs of one step."""
        return [job for job in self.jobs if job.step == step and work in (None, job.work)]

    def needed_for(self, step: str) -> JobGraph:
        """Only the jobs that one step needs, its own included."""
        by_key = {job.key: job for job in self.jobs}
        wanted: set[str] = set()
        todo = [job.key for job in self.of(step)]
        while todo:
            key = todo.pop()
            if key not in wanted:
                wanted.add(key)
                todo.extend(need.key for need in by_key[key].inputs)
        return JobGraph(tuple(job for job in self.jobs if job.key in wanted))


@dataclass(frozen=True)
class Before:
    """What the jobs of a step are made from: the pipeline's words, and the jobs of the steps before it.

    Args:
        pipeline: the checked pipeline.
        device: of torch.
        done: the jobs of the steps so far.
        turn: of what is repeated with another seed, from 0.
    """

    pipeline: CheckedPipeline
    device: str
    done: Mapping[str, list[Job]]
    turn: int = 0

    @property
    def seed(self) -> int:
        """Of the pipeline, and of what is repeated the numbers after it."""
        return self.pipeline.spec.pipeline.seed + self.turn

    def turns(self) -> list[Before]:
        """The same for each seed of what is repeated."""
        return [
            replace(self, turn=turn) for turn in range(self.pipeline.spec.pipeline.repeat.seeds)
        ]

    @property
    def where(self) -> dict[str, Any]:
        """What changes the last bits of a model: threads and device."""
        return {"threads": threads_of(self.pipeline), "device": self.device}

    def rows(self, step: CheckedStep) -> list[Job]:
        """The jobs that made the rows that a step reads."""
        jobs = [job for name in step.inputs for job in self.done[name]]
        return [job for job in jobs if job.origin in step.incoming]

    def base(
        self, step: CheckedStep, inputs: Sequence[Job], settings: Settings | None = None
    ) -> dict[str, Any]:
        """What every component's result depends on."""
        versions = dict(step.declaration.versions)
        return {
            "layout": LAYOUT,
            "component": step.component.qualified,
            "version": step.declaration.version,
            "code": step.component.plugin.code_digest,
            "settings": dumped(settings or step.settings),
            "inputs": [job.key for job in inputs],
            **({"versions": versions} if versions else {}),
        }

    def seed_of(self, step: CheckedStep, settings: Settings | None = None) -> int:
        """The seed of a step's component: 0 for one that declares no chance, whatever the pipeline's is."""
        chance = step.declaration.chance
        if isinstance(chance, str):
            own = (settings or step.settings).model_copy(deep=True)
            with left_as_found(step.component.qualified, "in `chance`"):
                chance = import_string(chance)(own)
        return self.seed if chance else 0

    def recipe(self, step: CheckedStep, settings: Settings | None = None) -> Recipe:
        """All that is needed to build a step's component."""
        return recipe_of(step, self.seed_of(step, settings), settings)


def threads_of(pipeline: CheckedPipeline) -> int:
    """How many threads numerical libraries may use: as the file says, else every core this process has."""
    return pipeline.spec.pipeline.threads or len(os.sched_getaffinity(0))


def build_jobs(pipeline: CheckedPipeline, device: str = "cpu") -> JobGraph:
    """The jobs of a checked pipeline."""
    done: dict[str, list[Job]] = {}
    for step in pipeline.steps.values():
        done[step.id] = pipeline.registry.kind(step.kind).jobs(step, Before(pipeline, device, done))
    return JobGraph(tuple(job for jobs in done.values() for job in jobs))
