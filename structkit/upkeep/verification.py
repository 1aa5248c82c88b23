"""`structkit verify`: whether a run is still what was written, and whether making it again gives the same bytes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from structkit.engine.jobs import build_jobs
from structkit.engine.progress import Progress
from structkit.engine.runner import Runner
from structkit.errors import IntegrityError, Problem, StepError, StructkitError
from structkit.run import REPORT, REPORTED, Run
from structkit.store.entries import RECORD, Entry, entry_record, open_entry
from structkit.store.files import damaged, read_sealed
from structkit.store.reading import files_below
from structkit.store.run_folder import RunFolder
from structkit.store.store import Store
from structkit.upkeep.received import pipeline_of


def verify_run(folder: Path) -> int:
    """Check every byte of a finished run folder; returns the number of results.

    Raises:
        SpecError: no run folder, or one that is not finished.
        IntegrityError: what is missing, truncated or changed; R004 the record itself.
    """
    run = Run(folder)
    problems: list[Problem] = []
    try:
        run.require_finished()
    except IntegrityError as error:
        problems.extend(error.problems)
    entries: dict[str, Entry] = {}
    for record in files_below(folder / "steps", RECORD):
        place = record.parent.relative_to(folder / "steps").as_posix()
        try:
            entry = open_entry(record.parent, run.keys.get(place))
            entries[entry.key] = entry
            if run.keys and place not in run.keys:
                problems.append(Problem("I002", "no result of this run", str(record.parent)))
        except StructkitError as error:
            problems.extend(error.problems)
    problems += _missing(run, entries, blamed=bool(problems))
    if problems:
        raise IntegrityError(*problems)
    return len(entries)


def report_note(folder: Path) -> str:
    """What to say of a report that is not the one that the run wrote; nothing of one that is, or of none."""
    if not (folder / REPORT).exists() or not (folder / REPORTED).exists():
        return ""
    try:
        files = read_sealed(folder / REPORTED)["files"]
    except (IntegrityError, KeyError):
        return f"note: {folder / REPORTED} is damaged: nobody knows whether {REPORT} is the run's"
    if damaged(folder, files):
        return f"note: {folder / REPORT} was written anew, or changed, after the run"
    return ""


def _missing(run: Run, entries: Mapping[str, Entry], blamed: bool) -> Iterator[Problem]:
    """Results that the record lists and the folder has not; a damaged one has been named already."""
    for title, job in run.record["jobs"].items():
        if job["key"] not in entries and not blamed:
            yield Problem("I001", f"the result of '{title}' is missing", str(run.folder))


def make_again(folder: Path, workers: int, progress: Progress, allowed: Sequence[Path] = ()) -> int:
    """Make a run anew, beside everything, and compare; returns how many results are the same to the last byte.

    Raises:
        StepError: P007, the code is no longer that of the run.
        SpecError: P008, a loose plugin that no run here has used, and that is not in `allowed`.
        IntegrityError: I006, results that differ, each with its files.
    """
    run = Run(folder)
    run.require_finished()
    pipeline = pipeline_of(run, allowed)
    device = str(run.provenance().get("device", "cpu"))
    before = {title: job["key"] for title, job in run.record["jobs"].items()}
    after = {job.title: job.key for job in build_jobs(pipeline, device).jobs}
    if changed := sorted(title for title in before if after.get(title) != before[title]):
        fix = "verify it with the code and the files that it was made with"
        raise StepError(
            Problem(
                "P007", f"'{changed[0]}' would not be made from the same things", str(folder), fix
            )
        )
    order = run.record["order"]
    # it was stopped after that step on purpose
    only = order[-1] if len(order) < len(pipeline.steps) else None
    with tempfile.TemporaryDirectory(prefix="structkit-verify-") as place:
        store = Store(Path(place) / "store")
        beside = RunFolder(Path(place) / "run", chosen=True)
        Runner(pipeline, beside, store, progress, workers, device, only).run()
        problems = list(_differences(Path(place) / "run", folder, before))
    if problems:
        raise IntegrityError(*problems)
    return len(before)


def _differences(new: Path, old: Path, keys: Mapping[str, str]) -> Iterator[Problem]:
    first, second = (_files(folder) for folder in (old, new))
    for title, key in keys.items():
        names = [name for name in first[key] if first[key][name] != second[key].get(name)]
        if names:
            yield Problem("I006", f"'{title}' made again differs in {', '.join(names)}", str(old))


def _files(folder: Path) -> dict[str, Mapping[str, Any]]:
    """Digests of the files of every result in a run folder, by key."""
    records = [entry_record(path.parent) for path in files_below(folder / "steps", RECORD)]
    return {record["key"]: record["files"] for record in records}
