"""Walking a checked pipeline: each job is found in the store or made, then shown in the run folder."""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from structkit.components import Task
from structkit.entries import Entry
from structkit.errors import DataError, IntegrityError, Problem, StepError, StructkitError
from structkit.files import damaged, read_sealed, sealed, write_json, write_text
from structkit.pipeline.check import CheckedPipeline, CheckedStep
from structkit.results.run_folder import RunFolder
from structkit.results.store import Store
from structkit.running import model_steps
from structkit.running.calling import Recipe, blamed, build, recipe_of
from structkit.running.jobs import Job, JobGraph, build_jobs, threads_of
from structkit.running.logs import logging_to, warnings_kept
from structkit.running.pool import computed
from structkit.running.progress import Progress
from structkit.running.provenance import bibliography, peak_memory_mib, provenance
from structkit.running.resolved import resolved_text, run_record
from structkit.running.shards import Shard
from structkit.runs import NOTES, Run
from structkit.structures import RAGGED
from structkit.table import Table, merge

log = logging.getLogger("structkit")
HOPELESS = 3  # when that many tasks of a source have failed and none has not, the others would fail too


@dataclass
class Runner:
    """One run of one pipeline.

    Args:
        workers: processes that compute shards; 1 computes in this process. The number changes no byte.
        only: stop after this step and what it needs.
        command: what to type to go on after a failure.
    """

    pipeline: CheckedPipeline
    folder: RunFolder
    store: Store
    progress: Progress
    workers: int = 1
    device: str = "cpu"
    only: str | None = None
    command: str = ""
    facts: list[dict[str, Any]] = field(default_factory=list)

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
        with self.folder.locked(), self.store.serving(self.folder.path), logging_to(self.folder.path / "run.log"):
            if not (self.folder.is_complete(record) and all([self._found(job) for job in graph.jobs])):
                self.folder.begin(record, spec.text, resolved_text(self.pipeline))
                self.store.use(p.file for p in self.pipeline.registry.plugins if p.file)
                self._walk(graph)
                self._finish(graph)
                self.folder.finish(record)
            # sealed before anybody is told: whatever a plugin does now, the run is finished
            run = Run(self.folder.path, self.pipeline.registry)
            self.pipeline.registry.notify("structkit_run_finished", run=run)
        return run

    def _walk(self, graph: JobGraph) -> None:
        run = Run(self.folder.path, self.pipeline.registry)
        self.pipeline.registry.notify("structkit_run_started", run=run)
        for step in self.pipeline.steps.values():
            jobs = graph.of(step.id)
            if not jobs:
                continue
            started = time.monotonic()
            cached = all([self._do(job) for job in jobs])
            self._show_step(step, jobs)
            seconds = time.monotonic() - started
            self.pipeline.registry.notify(
                "structkit_step_finished", run=run, step=step.id, cached=cached, seconds=seconds
            )

    def _finish(self, graph: JobGraph) -> None:
        used = [self.pipeline.steps[name] for name in dict.fromkeys(job.step.id for job in graph.jobs)]
        references = [reference for step in used for reference in step.declaration.references]
        write_text(self.folder.path / "references.bib", bibliography(references))
        where = {"threads": threads_of(self.pipeline), "device": self.device, "workers": self.workers}
        write_json(self.folder.path / "provenance.json", sealed(provenance(self.pipeline, where, self.facts)))

    def _do(self, job: Job) -> bool:
        """Find or make one result; returns whether it was found."""
        started = time.monotonic()
        cached = self._found(job)
        if not cached:
            with self.store.claimed(job.key):
                if not self._found(job, claimed=True):  # another process may have made it while we waited
                    self._make(job)
        seconds = round(time.monotonic() - started, 3)
        fact = {"step": job.step.id, "work": job.work, "origin": job.origin, "key": job.key, "cached": cached}
        self.facts.append({**fact, "seconds": seconds, "peak_memory_mib": peak_memory_mib()})
        return cached

    def _found(self, job: Job, claimed: bool = False) -> bool:
        """Whether an intact result is in the store; who has claimed it names a damaged one and sets it aside."""
        if not self.store.has(job.key):
            return False
        try:
            self.store.open(job.key)
            self.store.done_with(job.key)
        except IntegrityError as error:
            if not claimed:  # another process may be making it again already
                return False
            self.progress.begin(job.title, 1)
            self.progress.end(f"{error} — making it again; the damaged one is in {self.store.drop(job.key)}")
            return False
        log.info("%s: found in the store (%s)", job.title, job.key[:12])
        return True

    def _make(self, job: Job) -> None:
        started = time.monotonic()
        try:
            with self.store.making(job.key, job.ingredients) as draft:
                told = _MAKERS[job.work](self, job, draft)
        except StructkitError as error:
            log.error("step %s failed", job.step.id, exc_info=True)
            failure = type(error)(*(_placed(job, problem) for problem in error.problems))
            failure.hint = (
                f"then the same command goes on from here: {self.command or f'structkit run {self.pipeline.spec.path}'}"
            )
            raise failure from error
        self.progress.end(f"{told} in {time.monotonic() - started:.1f} s")

    def _entry(self, job: Job) -> Entry:
        return self.store.open(job.key)

    def _table(self, job: Job) -> Table:
        return Table.open(self._entry(job).folder, job.origin)

    # Rows: sources, transforms, descriptors -------------------------------------------------------------

    def _make_rows(self, job: Job, draft: Path) -> str:
        recipe = recipe_of(job.step, self._seed)
        with warnings_kept() as told:
            shards = self._shards(job, recipe)
        waiting = [shard for shard in shards if not _finished(shard)]
        self.progress.begin(job.title, len(shards), len(shards) - len(waiting))
        for _ in self._computed(recipe, waiting):
            self.progress.advance()
        ragged = recipe.ragged if job.work == "descriptor" else RAGGED
        count = merge([shard.folder for shard in shards], draft, ragged)
        _check_rows(job, draft, count)
        if told:
            write_json(draft / NOTES, told)
        return f"{count} rows"

    def _shards(self, job: Job, recipe: Recipe) -> list[Shard]:
        size, place = job.step.declaration.shard, self.store.partial(job.key)

        def folder(number: int) -> Path:
            return place / f"shard-{number:06d}"

        if job.work == "source":
            tasks = _tasks(recipe)
            cuts = [tuple(tasks[i : i + size]) for i in range(0, len(tasks), size)]
            return [Shard(folder(n), "source", tasks=cut) for n, cut in enumerate(cuts)]
        table = self._entry(job.inputs[0]).folder
        count = len(Table.open(table))
        work: Any = job.work
        return [
            Shard(folder(n), work, table=table, rows=range(start, min(start + size, count)))
            for n, start in enumerate(range(0, count, size))
        ]

    def _computed(self, recipe: Recipe, shards: Sequence[Shard]) -> Iterator[int]:
        """Compute shards, whichever order they finish in. A failed task of a source waits until the others are done."""
        failed: list[StructkitError] = []
        made = 0
        with computed(recipe, shards, self.workers, self.progress.note) as results:
            for result in results:
                try:
                    yield result()
                    made += 1
                except (StepError, DataError) as error:
                    log.error("a part of %s failed", recipe.who, exc_info=True)
                    failed.append(error)
                    if shards[0].work != "source" or (not made and len(failed) == HOPELESS):
                        raise _all(failed) from error
                    if len(shards) > 1:
                        self.progress.note(f"failed, the other tasks go on: {error.problems[0]}")
        if failed:
            raise _all(failed)

    # Models and explanations ------------------------------------------------------------------------------

    def _train(self, job: Job, draft: Path) -> str:
        recipe = recipe_of(job.step, self._seed)
        features = Table.chain([self._table(needed) for needed in job.inputs])
        scratch = self.store.partial(job.key) / "scratch"
        scratch.mkdir(exist_ok=True)
        self.progress.begin(job.title, 1)
        split = self.pipeline.spec.pipeline.split
        with self._fixed_threads(job.step):
            learnt = model_steps.train(
                recipe, features, split, self._seed, self._threads, self.device, scratch, draft, self.progress.note
            )
        return f"trained on {learnt} of {len(features)} rows"

    def _predict(self, job: Job, draft: Path) -> str:
        trained, features = job.inputs
        self.progress.begin(job.title, 1)
        with self._fixed_threads(job.step):
            table = self._table(features)
            model_steps.predict(recipe_of(job.step, self._seed), self._entry(trained).folder, table, draft)
        return f"{len(table)} rows"

    def _score(self, job: Job, draft: Path) -> str:
        self.progress.begin(job.title, 1)
        model_steps.score([(needed.origin, self._entry(needed).folder) for needed in job.inputs], self._seed, draft)
        return "done"

    def _explain(self, job: Job, draft: Path) -> str:
        trained, features = job.inputs
        self.progress.begin(job.title, 1)
        folder = self._entry(trained).folder
        with self._fixed_threads(job.step):
            model = model_steps.load_model(recipe_of(trained.step, self._seed), folder)
            recipe = recipe_of(job.step, self._seed)
            count = model_steps.explain(recipe, model, folder, self._table(features), job.step.only, draft)
        return f"{count} rows explained"

    @contextlib.contextmanager
    def _fixed_threads(self, step: CheckedStep) -> Iterator[None]:
        """As many threads as the run promises, whatever a library would choose."""
        import sys

        from threadpoolctl import threadpool_limits

        build(recipe_of(step, self._seed))  # imports what it needs first
        if torch := sys.modules.get("torch"):
            torch.set_num_threads(self._threads)
        with threadpool_limits(self._threads):
            yield

    @property
    def _seed(self) -> int:
        return self.pipeline.spec.pipeline.seed

    @property
    def _threads(self) -> int:
        return threads_of(self.pipeline)

    # The view -------------------------------------------------------------------------------------------------

    def _show_step(self, step: CheckedStep, jobs: Sequence[Job]) -> None:
        for job in jobs:
            entry = self._entry(job)
            if job.work == "train":
                self.folder.show(entry, step.id, "trained")
            elif job.work == "predict":
                self.folder.show(entry, step.id, "predictions", job.origin)
            elif job.work == "score":
                self.folder.show_files(entry, step.id)
            else:
                self.folder.show(entry, step.id, job.origin)
        place = (step.id, "predictions") if step.kind == "model" else (step.id,)
        self.folder.show_parts([job.origin for job in jobs if job.origin], *place)


_MAKERS: dict[str, Callable[[Runner, Job, Path], str]] = {
    "source": Runner._make_rows,
    "transform": Runner._make_rows,
    "descriptor": Runner._make_rows,
    "train": Runner._train,
    "predict": Runner._predict,
    "score": Runner._score,
    "explain": Runner._explain,
}


def _placed(job: Job, problem: Problem) -> Problem:
    """A problem with the step it happened in, where it does not say a place of its own."""
    return Problem(problem.code, problem.message, problem.where or f"step '{job.step.id}'", problem.fix)


def _all(failed: Sequence[StructkitError]) -> StructkitError:
    """Several failures as one, of the gravest kind."""
    gravest = max(failed, key=lambda error: error.exit_code)
    return type(gravest)(*(problem for error in failed for problem in error.problems))


def _tasks(recipe: Recipe) -> list[Task]:
    with blamed(recipe, "listing its tasks"):
        tasks = list(build(recipe).tasks())
    if bad := [task for task in tasks if not isinstance(task, Task)]:
        raise StepError(Problem("P011", f"{recipe.who}: tasks() gave a {type(bad[0]).__name__}, expected a Task"))
    if len({task.id for task in tasks}) < len(tasks):
        raise StepError(Problem("P011", f"{recipe.who} gave two tasks the same id"))
    return tasks


def _finished(shard: Shard) -> bool:
    """Whether a shard was published and is still what was written."""
    try:
        files = read_sealed(shard.folder / "shard.json")["files"]
        intact = not damaged(shard.folder, files)
    except IntegrityError:
        intact = False
    if not intact:
        shutil.rmtree(shard.folder, ignore_errors=True)
    return intact


def _check_rows(job: Job, draft: Path, count: int) -> None:
    """A step that makes nothing, or one id twice, is an error where it happens."""
    if job.work == "descriptor":
        return
    if count == 0:
        fix = "look at the settings of this step"
        raise DataError(Problem("D022", f"{job.step.declaration.name} made no structures", fix=fix))
    ids = [row.id for row in Table.open(draft).rows]
    twice = [name for name, found in Counter(ids).items() if found > 1]
    if twice:
        raise DataError(Problem("D021", f"{len(twice)} ids occur twice (first: '{twice[0]}')", fix="make ids unique"))
