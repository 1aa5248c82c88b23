"""`structkit recognise`: files, folders and patterns through a ready model, structure by structure."""

from __future__ import annotations

import contextlib
import csv
import functools
import io
import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor as Pool
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit.cli.atom_frames import write_frame
from structkit.cli.output import plugins_print_aside, say, shown_progress
from structkit.cli.predicting import found_files
from structkit.components import Executor
from structkit.discovery.loading import discover
from structkit.discovery.plugin import import_string
from structkit.engine.reader import place_names, read_places
from structkit.errors import DataError, Problem, SpecError
from structkit.kinds.spreadsheet import harmless
from structkit.ready import names, opened
from structkit.recognised import Recognised, Recognition
from structkit.site import executor_options
from structkit.store.files import write_text
from structkit.store.inside import move, text_to
from structkit.words import counted

if TYPE_CHECKING:
    from structkit.discovery.registry import Registry
    from structkit.engine.progress import Shown

HERE = "here"


@dataclass(frozen=True)
class Wanted:
    """What is asked of `structkit recognise`.

    Args:
        files: files, folders and patterns.
        model: name of a ready model.
        skip: whether files that cannot be used are left out, and listed.
        csv, extxyz, report: files to write.
        workers: processes.
        executor: where work is done.
        as_json: whether the terminal gets JSON.
    """

    files: Sequence[Path]
    model: str | None = None
    skip: bool = False
    csv: Path | None = None
    extxyz: Path | None = None
    report: Path | None = None
    workers: int = 1
    executor: str | None = None
    as_json: bool = False


@dataclass
class Told:
    """What was said of all structures: facts alone, so that memory does not grow with the atoms."""

    facts: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[Problem] = field(default_factory=list)
    species: int = 0
    shown: tuple[Any, Recognised] | None = None


def recognise_files(wanted: Wanted) -> None:
    """`structkit recognise`.

    Raises:
        DataError: what is wrong with a file, or, where those are skipped, that none is left.
        SpecError: no such model, or one that does not fit what is installed.
    """
    registry = discover()
    model = opened(registry, wanted.model)
    told = Told()
    with plugins_print_aside(), shown_progress() as progress, _frames_file(wanted.extxyz) as frames:
        shown = progress.task("recognising")
        paths = list(found_files(wanted.files, place_names(registry)))
        shown.begin(len(paths))
        reading = _samples(registry, paths, wanted.skip, told, shown)
        for sample, result in _results(registry, reading, wanted, told):
            told.facts.append(result.facts())
            species = int(np.count_nonzero(np.bincount(sample.atoms.numbers)))
            told.species = max(told.species, species)
            if wanted.report:
                told.shown = (sample.atoms, result)
            if wanted.extxyz:
                write_frame(frames, sample.atoms, result)
        shown.end(f"recognised {len(told.facts)} structures")
    if not told.facts:
        raise DataError(*told.skipped[:20] or [Problem("D022", "the files hold no structure")])
    _write(registry, wanted, told, model)
    _say(wanted, told)


def _results(
    registry: Registry, samples: Iterator[Any], wanted: Wanted, told: Told
) -> Iterator[tuple[Any, Recognised]]:
    """What is said of each structure, in order; as many are under way as there are workers."""
    task = functools.partial(recognise_one, wanted.model)
    under_way = wanted.workers if wanted.workers > 1 else 0
    with _pool(registry, wanted) as pool:
        waiting: deque[tuple[Any, Future[Recognised]]] = deque()
        for sample in samples:
            waiting.append((sample, pool.submit(task, sample)))
            if len(waiting) > under_way:
                yield from _done(waiting, wanted, told)
        while waiting:
            yield from _done(waiting, wanted, told)


def _done(
    waiting: deque[tuple[Any, Future[Recognised]]], wanted: Wanted, told: Told
) -> Iterator[tuple[Any, Recognised]]:
    sample, future = waiting.popleft()
    try:
        yield sample, future.result()
    except DataError as error:
        problems = [
            problem if problem.where else _at(problem, sample.id) for problem in error.problems
        ]
        _keep_or_raise(told, DataError(*problems), wanted.skip)


def _at(problem: Problem, where: str) -> Problem:
    return Problem(problem.code, problem.message, where, problem.fix)


def _samples(
    registry: Registry, paths: Sequence[Path], skip: bool, told: Told, shown: Shown
) -> Iterator[Any]:
    """The structures of all files, one after the other; a part of the progress is a file."""
    for path in paths:
        try:
            yield from read_places(registry, path)
        except DataError as error:
            _keep_or_raise(told, error, skip)
        shown.advance()


def _keep_or_raise(told: Told, error: DataError, skip: bool) -> None:
    if not skip:
        raise error
    told.skipped += error.problems


@functools.cache
def _model(name: str | None) -> Any:
    return opened(discover(), name)


def recognise_one(model: str | None, sample: Any) -> Recognised:
    """What a ready model says of a sample, wherever this runs."""
    result: Recognised = _model(model).recognise(sample.atoms, sample.id)
    return result


@contextlib.contextmanager
def _pool(registry: Registry, wanted: Wanted) -> Iterator[Pool]:
    name = wanted.executor or (HERE if wanted.workers == 1 else "processes")
    declared = registry.extension(Executor, name)
    place = import_string(declared.build)(**dict(executor_options(declared)))
    with place.open(wanted.workers, ["structkit.cli.recognising"]) as pool:
        yield pool


@contextlib.contextmanager
def _frames_file(path: Path | None) -> Iterator[Any]:
    """A file for frames, which gets its name when all of them are there."""
    if path is None:
        yield io.StringIO()
        return
    draft = path.with_name(f".{path.name}.draft")
    with text_to(draft) as stream:
        yield stream
    move(draft, path)


def _write(registry: Registry, wanted: Wanted, told: Told, model: Any) -> None:
    if wanted.csv is not None:
        write_text(wanted.csv, table_text(told.facts))
    if wanted.report is None:
        return
    assert told.shown is not None  # noqa: S101  (a structure was recognised)
    recognition = Recognition(
        wanted.model or names(registry)[0], model.card(), told.facts, told.shown, _notes(told)
    )
    asked = {"recognition": recognition, "path": wanted.report}
    written = [path for _, path in registry.call("structkit_recognition_report", **asked) if path]
    if not written:
        message = "no installed plugin writes pages about what was recognised"
        raise SpecError(Problem("P015", message, "--report", "install structkit-html-report"))


def table_text(facts: Iterable[dict[str, Any]]) -> str:
    """Facts of structures as CSV: a row each, with a share and its bounds for every class."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    rows = [_cells(recognised) for recognised in facts]
    writer.writerow(map(harmless, rows[0]))
    for row in rows:
        writer.writerow(map(harmless, row.values()))
    return text.getvalue()


def _cells(recognised: dict[str, Any]) -> dict[str, str]:
    cells = {
        "structure": recognised["name"],
        "atoms": str(recognised["atoms"]),
        "verdict": recognised["verdict"],
    }
    for name, share in recognised["fractions"].items():
        low, high = recognised["intervals"][name]
        cells |= {
            name: f"{share:.6g}",
            f"{name} least": f"{low:.6g}",
            f"{name} most": f"{high:.6g}",
        }
    cells["perfect"] = f"{recognised['perfect']:.6g}"
    cells["grains"] = str(len(recognised["grains"]))
    return cells


def _say(wanted: Wanted, told: Told) -> None:
    if wanted.as_json:
        say(json.dumps({"structures": told.facts, "notes": _notes(told)}, indent=1))
        return
    for recognised in told.facts:
        say(
            f"{recognised['name']}: {recognised['verdict']} ({counted(recognised['atoms'], 'atom')})"
        )
        for name, share in recognised["fractions"].items():
            low, high = recognised["intervals"][name]
            if share >= 0.0005 or high >= 0.005:
                say(f"  {name:18} {share:8.2%}  ({low:.2%} to {high:.2%})")
        if recognised["grains"]:
            largest = counted(recognised["grains"][0]["atoms"], "atom")
            say(f"  grains: {len(recognised['grains'])}, the largest of {largest}")
    for note in _notes(told):
        say(f"note: {note}")


def _notes(told: Told) -> list[str]:
    notes = [f"skipped: {problem}" for problem in told.skipped]
    if told.species > 1:
        notes.append("the model looks at places only: atoms of different species are alike to it")
    return notes
