"""A run: a checked pipeline, its jobs made or found, and the run folder that shows them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from structkit import stopping
from structkit.components import Executor
from structkit.discovery.allowed import remember
from structkit.discovery.plugin import import_string
from structkit.engine.jobs import Job, JobGraph, build_jobs, threads_of
from structkit.engine.logs import logging_to
from structkit.engine.machine import peak_memory_mib
from structkit.engine.making import Fact
from structkit.engine.progress import Progress
from structkit.engine.provenance import bibliography, provenance
from structkit.engine.resolved import resolved_text, run_record
from structkit.engine.scheduler import AHEAD, Scheduler
from structkit.errors import StructkitError
from structkit.pipeline.checked import CheckedPipeline
from structkit.randomness import chance_restored
from structkit.run import Run
from structkit.site import executor_options
from structkit.store.files import sealed, write_json, write_text
from structkit.store.remnants import CITED
from structkit.store.run_folder import RunFolder
from structkit.store.store import Store
from structkit.verbs import ExecutorLike

HERE = "here"  # the executor that does everything in this process


@dataclass
class Runner:
    """One run of one pipeline.

    Args:
        workers: processes that do the work; their number changes no byte.
        device: of torch.
        only: stop after this step and what it needs.
        command: what to type to go on after a failure.
        executor: where the work is done; by default here, or with several workers in processes of
            this machine.
    """

    pipeline: CheckedPipeline
    folder: RunFolder
    store: Store
    progress: Progress
    workers: int = 1
    device: str = "cpu"
    only: str | None = None
    command: str = ""
    executor: str | None = None

    def run(self) -> Run:
        """Run the pipeline; what is in the store is not made again.

        Raises:
            StructkitError: with the step, the component and how to go on.
        """
        spec = self.pipeline.spec
        graph = build_jobs(self.pipeline, self.device)
        if self.only:
            graph = graph.needed_for(self.only)
        record = run_record(self.pipeline, graph)
        self.folder.check(spec.path, record["resolved"])
        with (
            stopping.interruptible(),
            chance_restored(),
            self.folder.locked(),
            self.store.serving(self.folder.path),
            logging_to(self.folder.path / "run.log"),
        ):
            if not (
                self.folder.is_complete(record) and all([self._is_kept(job) for job in graph.jobs])
            ):
                self.folder.begin(record, spec.text, resolved_text(self.pipeline))
                remember(self.pipeline.registry.plugins)
                facts = self._walk(graph)
                self._finish(graph, facts)
                self.folder.finish(record)
            # sealed before anybody is told: whatever a plugin does now, the run is finished
            run = Run(self.folder.path, self.pipeline.registry)
            with self.folder.reporting():
                self.pipeline.registry.notify("structkit_run_finished", run=run)
            stopping.check()
        return run

    def _is_kept(self, job: Job) -> bool:
        """Whether a result is in the store, intact."""
        try:
            self.store.open(job.key)
        except StructkitError:
            return False
        self.store.done_with(job.key)  # a kill between the two leaves unfinished work behind
        return True

    def _walk(self, graph: JobGraph) -> list[Fact]:
        walk = _Walk(self, graph)
        self.pipeline.registry.notify("structkit_run_started", run=walk.run)
        name = self.executor or (HERE if self.workers == 1 else "processes")
        declared = self.pipeline.registry.extension(Executor, name)
        place: ExecutorLike = import_string(declared.build)(**dict(executor_options(declared)))
        aside = name != HERE
        width = self.workers * AHEAD if aside else 1
        try:
            with place.open(self.workers, _modules(graph)) as executor:
                Scheduler(
                    graph.jobs,
                    self.store,
                    executor,
                    width,
                    self.progress,
                    self.device,
                    threads_of(self.pipeline),
                    aside,
                    walk,
                ).run()
        except Exception as error:
            if isinstance(error, StructkitError):
                again = self.command or f"structkit run {self.pipeline.spec.path}"
                error.hint = f"then the same command goes on from here: {again}"
            self.pipeline.registry.notify("structkit_run_failed", run=walk.run, error=error)
            raise
        return walk.facts

    def _finish(self, graph: JobGraph, facts: list[Fact]) -> None:
        used = [self.pipeline.steps[name] for name in dict.fromkeys(job.step for job in graph.jobs)]
        references = [reference for step in used for reference in step.declaration.references]
        write_text(self.folder.path / CITED, bibliography(references))
        where = {
            "threads": threads_of(self.pipeline),
            "device": self.device,
            "workers": self.workers,
        }
        record = provenance(self.pipeline, where, [_written(fact) for fact in facts])
        write_json(self.folder.path / "provenance.json", sealed(record))


def _written(fact: Fact) -> dict[str, Any]:
    """A finished job as `provenance.json` has it."""
    job = fact.job
    words = {"step": job.step, "work": job.work, "origin": job.origin, "key": job.key}
    facts = {name: value for name, value in asdict(fact).items() if name != "job"}
    return {
        **words,
        **facts,
        "cpu": list(fact.cpu),
        "peak_memory_mib": fact.peak_memory_mib or peak_memory_mib(),
    }


def _modules(graph: JobGraph) -> list[str]:
    """What the components of a run import."""
    recipes = [job.recipe for job in graph.jobs if job.recipe and not job.recipe.loose]
    words = [word for recipe in recipes for word in (recipe.plugin, recipe.build)]
    paths = [*(job.kind for job in graph.jobs), *words]
    return list(dict.fromkeys(path.partition(":")[0] for path in paths))


class _Walk:
    """What happens to the steps of a run while its jobs are made: shown in the folder, told to plugins."""

    def __init__(self, runner: Runner, graph: JobGraph) -> None:
        self.runner, self.graph = runner, graph
        self.run = Run(runner.folder.path, runner.pipeline.registry)
        self.facts: list[Fact] = []
        self._left = {
            step: len(graph.of(step)) for step in dict.fromkeys(job.step for job in graph.jobs)
        }
        self._began: dict[str, float] = {}

    def learnt(self, job: Job, record: Mapping[str, float]) -> None:
        """A training has finished an epoch."""
        self.runner.pipeline.registry.notify(
            "structkit_epoch_finished", run=self.run, step=job.step, record=dict(record)
        )

    def ended(self, fact: Fact) -> None:
        """A job is finished."""
        step = fact.job.step
        self.facts.append(fact)
        self._began.setdefault(step, time.monotonic() - fact.seconds)
        self._left[step] -= 1
        if not self._left[step]:
            self._step_finished(step)

    def _step_finished(self, step: str) -> None:
        pipeline = self.runner.pipeline
        checked = pipeline.steps[step]
        jobs = [(job, self.runner.store.open(job.key)) for job in self.graph.of(step)]
        pipeline.registry.kind(checked.kind).show(checked, jobs, self.runner.folder)
        cached = all(fact.cached for fact in self.facts if fact.job.step == step)
        seconds = time.monotonic() - self._began[step]
        pipeline.registry.notify(
            "structkit_step_finished", run=self.run, step=step, cached=cached, seconds=seconds
        )
