"""What the verbs do that work on pipelines and runs."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from structkit.cli.checking import checked
from structkit.cli.output import RUNS, plugins_print_aside, say, shown_progress
from structkit.cli.summary import say_results
from structkit.components import Model
from structkit.discovery.plugin import import_string
from structkit.engine.jobs import Job, JobGraph, build_jobs
from structkit.errors import IntegrityError, Problem, SpecError, StepError, did_you_mean
from structkit.pipeline.checked import CheckedPipeline
from structkit.run import MARK, Run
from structkit.store.differences import differences
from structkit.store.files import read_sealed
from structkit.store.run_contents import RunContents
from structkit.store.run_folder import RunFolder
from structkit.store.store import Store, home_store

if TYPE_CHECKING:
    from structkit.discovery.registry import Registry


def run_pipeline(
    file: Path,
    overrides: Sequence[str],
    out: Path | None,
    workers: int,
    only: str | None,
    device: str,
    executor: str | None = None,
    paranoid: bool = False,
) -> None:
    """`structkit run`."""
    pipeline = checked(file, overrides)
    folder = folder_of(pipeline, out)
    pipeline = as_before(pipeline, folder)
    if only is not None and only not in pipeline.steps:
        raise SpecError(
            Problem("Y021", f"no step '{only}'", "--only", did_you_mean(only, pipeline.steps))
        )
    check_device(pipeline, device)
    from structkit.engine.runner import Runner

    with shown_progress() as progress, plugins_print_aside():
        command = shlex.join(["structkit", *sys.argv[1:]])
        store = home_store(paranoid)
        run = Runner(
            pipeline, folder, store, progress, workers, device, only, command, executor
        ).run()
    say_results(run)
    if run.report:
        say(f"report: {run.report}")


def as_before(pipeline: CheckedPipeline, folder: RunFolder) -> CheckedPipeline:
    """The pipeline with as many threads as when it was first run, where the file does not say how many.

    Their number is part of a model's key: on a machine with more cores the same run would train
    again.
    """
    if pipeline.spec.pipeline.threads is not None:
        return pipeline
    threads = folder.threads_of(pipeline.spec.path)
    if threads is None:
        return pipeline
    words = pipeline.spec.pipeline.model_copy(update={"threads": threads})
    return dataclasses.replace(pipeline, spec=dataclasses.replace(pipeline.spec, pipeline=words))


def folder_of(pipeline: CheckedPipeline, out: Path | None) -> RunFolder:
    """The run folder of a pipeline: the one that was chosen, or `runs/NAME`."""
    return RunFolder(out or RUNS / pipeline.spec.pipeline.name, chosen=out is not None)


def check_device(pipeline: CheckedPipeline, device: str) -> None:
    """Refuse what is no device, or one on which a model of the pipeline cannot work here."""
    if not re.fullmatch(r"cpu|mps|cuda(:[0-9]{1,3})?", device):
        raise SpecError(
            Problem("Y012", f"device '{device}'", "--device", "allowed: cpu, cuda, cuda:N, mps")
        )
    declarations = [step.declaration for step in pipeline.steps.values()]
    models = [declaration for declaration in declarations if isinstance(declaration, Model)]
    asked = [model.devices for model in models if model.devices]
    if device != "cpu" and not all(import_string(function)(device) for function in asked):
        raise SpecError(
            Problem("Y012", f"device '{device}' is not available here", "--device", "use cpu")
        )


def show_plan(
    file: Path, overrides: Sequence[str], out: Path | None, device: str, as_json: bool
) -> None:
    """`structkit plan`."""
    pipeline = checked(file, overrides)
    check_device(pipeline, device)
    folder = folder_of(pipeline, out)
    graph, store = build_jobs(as_before(pipeline, folder), device), home_store()
    before = _jobs_before(folder.path)
    lines = list(_planned(graph, store, before))
    if as_json:
        say(json.dumps(lines, indent=1))
        return
    for line in lines:
        say(f"{line['state']:<7}{line['job']:<38} {line['why']}")
    waiting = sum(line["state"] == "run" for line in lines)
    say(f"{waiting} to run, {len(lines) - waiting} in the store")


def _jobs_before(folder: Path) -> dict[str, Any]:
    """Ingredients of the last run in this folder, if there was one."""
    try:
        return dict(read_sealed(folder / MARK, contents=RunContents)["jobs"])
    except IntegrityError:
        return {}


def _planned(graph: JobGraph, store: Store, before: dict[str, Any]) -> Iterator[dict[str, str]]:
    runs: dict[str, str] = {}
    for job in graph.jobs:
        stored = store.has(job.key)
        if not stored:
            runs[job.key] = job.title
        yield {
            "state": "cached" if stored else "run",
            "job": job.title,
            "key": job.key,
            "why": "" if stored else _why(job, runs, before),
        }


def _why(job: Job, runs: dict[str, str], before: dict[str, Any]) -> str:
    """Why a job would run: a change of its own first, then of what it reads."""
    known = before.get(job.title)
    changes = []
    if known:
        changes = list(differences(_own(known["ingredients"]), _own(job.ingredients)))
    if changes:
        return "; ".join(changes[:3])
    if causes := [runs[need.key] for need in job.inputs if need.key in runs]:
        return f"because {', '.join(dict.fromkeys(causes))} runs"
    if not known:
        return "not computed yet"
    return "its inputs changed" if known["key"] != job.key else "not in the store"


def _own(ingredients: Mapping[str, Any]) -> dict[str, Any]:
    """What a job depends on beside its inputs."""
    return {name: value for name, value in ingredients.items() if name != "inputs"}


def write_again(folder: Path, allowed: Sequence[Path]) -> None:
    """`structkit report`."""
    from structkit.discovery.loading import discover
    from structkit.upkeep.received import permit, require_used
    from structkit.upkeep.verification import verify_run

    verify_run(folder)
    files = {facts["plugin_file"] for facts in Run(folder).steps.values()}
    loose = [Path(name) for name in sorted(filter(None, files))]
    require_used(loose, allowed)
    registry = discover(loose, permit(allowed))
    for path in _reports(Run(folder, registry), registry):
        say(f"report: {path}")


def _reports(run: Run, registry: Registry) -> list[Path]:
    """Ask every plugin that writes reports to write one.

    Raises:
        SpecError: P015, no plugin does.
        StepError: P016, none succeeded; why has been said.
    """
    if not registry.implements("structkit_report"):
        fix = "install structkit-html-report"
        raise SpecError(Problem("P015", "no installed plugin writes reports", fix=fix))
    with plugins_print_aside():
        paths = [path for _, path in registry.call("structkit_report", run=run) if path]
    if not paths:
        fix = "--debug shows where it failed"
        raise StepError(Problem("P016", "no report was written", str(run.folder), fix))
    return paths


def verify(folder: Path, rerun: bool, workers: int, allowed: Sequence[Path]) -> None:
    """`structkit verify`."""
    from structkit.upkeep.verification import make_again, report_note, verify_run

    count = verify_run(folder)
    say(f"{folder}: {count} results, every byte as written")
    if note := report_note(folder):
        say(note)
    if rerun:
        with shown_progress() as progress, plugins_print_aside():
            same = make_again(folder, workers, progress, allowed)
        say(f"{folder}: made again, {same} results, every byte the same")


def selftest(folder: Path, seconds: float) -> None:
    """`structkit selftest`."""
    import tempfile
    import time

    from structkit.upkeep.selftest.checks import checked

    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=".structkit-selftest-", dir=folder) as place:
        for line in checked(Path(place), seconds=seconds):
            say(line)
    say(
        f"structkit can be trusted on the disk of {folder.resolve()} ({time.monotonic() - started:.0f} s)"
    )
