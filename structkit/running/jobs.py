"""From a checked pipeline to jobs: what is to be computed, from what, under which key.

All keys are known before anything runs, because a key depends on ingredients and never on results. Step names are
not among them: renaming a step makes nothing anew.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from structkit import faithfulness
from structkit.components import Source
from structkit.entries import LAYOUT
from structkit.files import digest
from structkit.pipeline.check import CheckedPipeline, CheckedStep
from structkit.plugins.loading import import_string
from structkit.running.calling import blamed, recipe_of

Work = Literal["source", "transform", "descriptor", "train", "predict", "score", "explain"]
PREDICTIONS_VERSION = 1  # raised when an equal model and equal features now give other predictions
SCORES_VERSION = 4  # raised when equal predictions now give other scores


@dataclass(frozen=True)
class Job:
    """One result to be computed: the rows of one origin, a trained model, predictions, or scores."""

    step: CheckedStep
    work: Work
    ingredients: Mapping[str, Any]
    inputs: tuple[Job, ...] = ()
    origin: str = ""
    key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", digest(self.ingredients))

    @property
    def title(self) -> str:
        """How progress and plan call it."""
        verb = {"train": "training", "predict": "predictions", "score": "scores"}.get(self.work, "")
        parts = [self.step.id, verb, f"[{self.origin}]" if self.origin not in ("", self.step.id) else ""]
        return " ".join(filter(None, parts))


@dataclass(frozen=True)
class JobGraph:
    """All jobs of a pipeline, in an order in which each comes after its inputs."""

    jobs: tuple[Job, ...]

    def of(self, step: str, work: Work | None = None) -> list[Job]:
        """The jobs of one step."""
        return [job for job in self.jobs if job.step.id == step and work in (None, job.work)]

    def needed_for(self, step: str) -> JobGraph:
        """Only the jobs that one step needs, itself included."""
        wanted: set[tuple[str, str, str]] = set()
        todo = self.of(step)
        while todo:
            job = todo.pop()
            wanted.add((job.step.id, job.work, job.origin))
            todo.extend(job.inputs)
        return JobGraph(tuple(j for j in self.jobs if (j.step.id, j.work, j.origin) in wanted))


def threads_of(pipeline: CheckedPipeline) -> int:
    """How many threads numerical libraries may use: as the file says, else every core this process has."""
    return pipeline.spec.pipeline.threads or len(os.sched_getaffinity(0))


def build_jobs(pipeline: CheckedPipeline, device: str = "cpu") -> JobGraph:
    """The jobs of a checked pipeline."""
    builder = _Builder(pipeline, device)
    jobs: list[Job] = []
    for step in pipeline.steps.values():
        jobs.extend(builder.add(step))
    return JobGraph(tuple(jobs))


class _Builder:
    def __init__(self, pipeline: CheckedPipeline, device: str) -> None:
        self.file = pipeline.spec.pipeline
        self.where = {"threads": threads_of(pipeline), "device": device}  # both change the last bits of a model
        self.done: dict[str, list[Job]] = {}

    def add(self, step: CheckedStep) -> list[Job]:
        """The jobs of one step, whose inputs have been added before."""
        made = getattr(self, f"_{step.kind}")(step)
        self.done[step.id] = made
        return list(made)

    def _rows(self, step: CheckedStep, work: Work) -> list[Job]:
        return [job for name in step.inputs for job in self.done[name] if job.work == work]

    def _structures(self, step: CheckedStep) -> list[Job]:
        return [job for name in step.inputs for job in self.done[name]]

    def _base(self, step: CheckedStep, inputs: Sequence[Job], **more: Any) -> dict[str, Any]:
        """What every component's result depends on."""
        versions = step.declaration.versions
        shared = {"versions": dict(versions)} if versions else {}
        return {
            "layout": LAYOUT,
            "component": step.component.qualified,
            "version": step.declaration.version,
            "code": step.component.plugin.code_digest,
            "settings": step.settings.model_dump(mode="json"),
            "inputs": [job.key for job in inputs],
            **shared,
            **more,
        }

    def _source(self, step: CheckedStep) -> list[Job]:
        declared = step.declaration.outside if isinstance(step.declaration, Source) else None
        outside = {}
        if declared:
            with blamed(recipe_of(step, self.file.seed), "saying what it reads (`outside`)"):
                outside = dict(import_string(declared)(step.settings))
        return [Job(step, "source", self._base(step, (), seed=self.file.seed, outside=outside), (), step.id)]

    def _transform(self, step: CheckedStep) -> list[Job]:
        inputs = self._structures(step)
        origins = step.origins
        return [
            Job(step, "transform", self._base(step, [job], seed=self.file.seed), (job,), origin)
            for job, origin in zip(inputs, origins, strict=True)
        ]

    def _descriptor(self, step: CheckedStep) -> list[Job]:
        return [Job(step, "descriptor", self._base(step, [j]), (j,), j.origin) for j in self._structures(step)]

    def _model(self, step: CheckedStep) -> list[Job]:
        features = self._rows(step, "descriptor")
        learnt = [job for job in features if job.origin in step.train_on]
        more = {
            "seed": self.file.seed,
            "split": self.file.split.model_dump(),
            **self.where,
        }
        train = Job(step, "train", self._base(step, learnt, **more), tuple(learnt))
        predictions = [self._predict(step, train, job) for job in features]
        scored = [[job.origin, job.key] for job in predictions]
        made = {"layout": LAYOUT, "scores": SCORES_VERSION, "seed": self.file.seed, "inputs": scored}
        return [train, *predictions, Job(step, "score", made, tuple(predictions))]

    def _predict(self, step: CheckedStep, train: Job, features: Job) -> Job:
        made = {"layout": LAYOUT, "predict": PREDICTIONS_VERSION, "inputs": [train.key, features.key], **self.where}
        return Job(step, "predict", made, (train, features), features.origin)

    def _explainer(self, step: CheckedStep) -> list[Job]:
        (train,) = self._rows(step, "train")
        features = [job.inputs[1] for job in self._rows(step, "predict") if job.origin in step.origins]
        made = {
            "seed": self.file.seed,
            "only": step.only.model_dump(exclude={"origins"}),
            "faithfulness": faithfulness.VERSION,
            **self.where,
        }
        return [
            Job(
                step,
                "explain",
                self._base(step, [train, job], **made),
                (train, job),
                job.origin,
            )
            for job in features
        ]
