"""The run folder: a view of a pipeline's results that a person opens, and the `Run` that code reads it with."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from structkit.errors import BusyError, IntegrityError, Problem, SpecError, did_you_mean, quoted
from structkit.files import damaged, digest, inventory, link_or_copy, read_sealed, sealed, write_json, write_text
from structkit.store import RECORD, Entry, open_entry
from structkit.table import Table

FORMAT = 1
MARK, DONE, NOTES = "run.json", "done.json", "notes.json"


@dataclass(frozen=True)
class Section:
    """A part of the report made by a plugin. Text is escaped; a figure is PNG or SVG bytes with its caption.

    Args:
        title: heading.
        paragraphs: plain text.
        header, rows: one table, if any.
        figures: (PNG or SVG bytes, caption) pairs.
    """

    title: str
    paragraphs: Sequence[str] = ()
    header: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()
    figures: Sequence[tuple[bytes, str]] = ()


class Run:
    """A run folder, to read.

    `run.table("fingerprint")` is a step's table, `run.metrics("classifier")` a model's scores.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.record = self._read_record()

    def _read_record(self) -> dict[str, Any]:
        path = self.folder / MARK
        if not path.is_file():
            fix = "name a folder that `structkit run` made"
            raise SpecError(Problem("R005", "not a run folder", str(self.folder), fix))
        record = read_sealed(path, "R004")
        if record.get("format") != FORMAT:
            message = f"run of format {record.get('format')}, this version reads {FORMAT}"
            raise SpecError(Problem("R003", message, str(path), "use the structkit that made it"))
        return record

    @property
    def name(self) -> str:
        """The pipeline's name."""
        return str(self.record["resolved"]["name"])

    @property
    def resolved(self) -> dict[str, Any]:
        """The pipeline with every default written out."""
        return dict(self.record["resolved"])

    @property
    def steps(self) -> dict[str, dict[str, Any]]:
        """Every step, inputs first: its `kind`, `use`, `version`, `from`, `with`."""
        return {step: self.record["steps"][step] for step in self.record["order"]}

    def steps_using(self, component: str) -> list[str]:
        """Ids of the steps that use a component, by short name."""
        return [step for step, facts in self.steps.items() if facts["use"].rpartition("/")[2] == component]

    def steps_of_kind(self, kind: str) -> list[str]:
        """Ids of the steps of one kind, in order."""
        return [step for step, facts in self.steps.items() if facts["kind"] == kind]

    def path(self, step: str) -> Path:
        """The folder of a step's results.

        Raises:
            SpecError: R006, the run has no such step.
        """
        if step not in self.record["steps"]:
            raise SpecError(Problem("R006", f"no step '{step}' in {self.folder}", fix=did_you_mean(step, self.steps)))
        return self.folder / "steps" / step

    def table(self, step: str) -> Table:
        """The rows of a source, transform, descriptor or explainer step.

        Raises:
            SpecError: R006, no such step, or a model (see `predictions`).
        """
        if self.path(step) and self.steps[step]["kind"] == "model":
            raise SpecError(Problem("R006", f"'{step}' is a model: it has no rows", fix="see Run.predictions"))
        return Table.open(self.path(step))

    def notes(self, step: str) -> list[str]:
        """What was warned of when a step was made: files left out, labels that look alike."""
        files = sorted(self.path(step).glob(f"*/{NOTES}"))
        return [str(note) for path in files for note in json.loads(path.read_text(encoding="utf-8"))]

    def predictions(self, step: str) -> Table:
        """What a model predicted: `probabilities` (rows, classes); the subset of a row is in its `meta`."""
        return Table.open(self.path(step) / "predictions")

    def metrics(self, step: str) -> dict[str, Any]:
        """A model's scores, as in its `metrics.json`, every byte checked."""
        return dict(json.loads((open_entry(self.path(step)).folder / "metrics.json").read_text()))

    def faithfulness(self, step: str) -> dict[str, dict[str, Any]]:
        """What the tests of `structkit.faithfulness` say of an explainer's maps, by origin."""
        folders = {origin: self.path(step) / origin for origin in self.steps[step]["origins"]}
        return {o: json.loads((path / "faithfulness.json").read_text()) for o, path in folders.items() if path.is_dir()}

    def passed(self, step: str, method: str, origin: str | None = None) -> bool:
        """Whether a method's maps passed their tests, on one origin or on all that could be tested."""
        found = [f for o, f in self.faithfulness(step).items() if origin in (None, o)]
        verdicts = [f["methods"][method]["passed"] for f in found if method in f["methods"]]
        return bool(verdicts) and all(verdicts)

    def history(self, step: str) -> list[dict[str, float]]:
        """A model's learning curve: one record an epoch."""
        return list(json.loads((self.path(step) / "trained" / "history.json").read_text()))

    def tested(self, step: str) -> dict[str, dict[str, Any]]:
        """A model's scores on the test part of every origin that has one, in the order of the pipeline."""
        found = self.metrics(step)["origins"]
        return {o: found[o]["test"] for o in self.steps[step]["origins"] if "test" in found.get(o, {})}

    def scores(self) -> dict[str, dict[str, Any]]:
        """The scores of every model step."""
        return {step: self.metrics(step) for step in self.steps_of_kind("model")}

    def trained(self, step: str) -> Entry:
        """The trained model of a step, every byte checked."""
        return open_entry(self.path(step) / "trained")

    def require_finished(self) -> None:
        """Refuse a run that was stopped before its end.

        Raises:
            SpecError: R007.
        """
        if not (self.folder / DONE).exists():
            fix = f"finish it: structkit run {self.record['file']}"
            raise SpecError(Problem("R007", f"{self.folder} is not finished", fix=fix))

    def provenance(self) -> dict[str, Any]:
        """Versions, host, times; empty while the run is not complete."""
        path = self.folder / "provenance.json"
        return read_sealed(path, "R004") if path.exists() else {}


def differences(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """What changed between two JSON values: `steps.cnn.with.epochs: 5 → 10`."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*after, *(k for k in before if k not in after)]:
            yield from differences(before.get(key, ...), after.get(key, ...), f"{path}.{key}" if path else str(key))
    elif before != after:
        yield f"{path}: {_short(before)} → {_short(after)}"


def _short(value: Any) -> str:
    return "nothing" if value is ... else quoted(value, 40)


class RunFolder:
    """A run folder while a run writes it."""

    def __init__(self, path: Path, chosen: bool) -> None:
        self.path = path
        self.chosen = chosen  # named by --out: it is then never given to another spec

    def check(self, file: Path, resolved: Mapping[str, Any]) -> None:
        """Refuse a folder that holds something else; nothing is ever deleted for it.

        Raises:
            SpecError: R001, with what differs.
        """
        if self.path.is_symlink() or (self.path.exists() and not self.path.is_dir()):
            kind = "a symbolic link" if self.path.is_symlink() else "no folder"
            raise self._refuse(f"is {kind}")
        if not self.path.exists():
            return
        if not (self.path / MARK).exists():
            if foreign := sorted(p.name for p in self.path.iterdir() if not _is_beginning(p)):
                raise self._refuse(f"holds files that are no structkit run ({foreign[0]})")
            return
        record = Run(self.path).record
        if digest(record["resolved"]) == digest(resolved):
            return
        changes = list(differences(record["resolved"], dict(resolved)))
        spec = digest(record["resolved"])[:8]
        shown = "; ".join(changes[:3]) + (f"; and {len(changes) - 3} more" if len(changes) > 3 else "")
        if self.chosen and ((self.path / DONE).exists() or record["file"] != str(file.resolve())):
            raise self._refuse(f"holds run {spec} of another spec (differs: {shown})")
        if record["file"] != str(file.resolve()):
            raise self._refuse(f"holds run {spec} of another file, {record['file']} (differs: {shown})")

    def _refuse(self, what: str) -> SpecError:
        return SpecError(Problem("R001", f"{self.path} {what}", fix="choose another --out, or another name"))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder; the kernel lets go when the process dies, so nothing is ever unlocked by hand.

        Raises:
            BusyError: R002, naming who holds it.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / ".lock").open("a+", encoding="utf-8") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                stream.seek(0)
                holder = stream.read().strip() or "another process"
                fix = "wait for it, or choose another --out"
                raise BusyError(Problem("R002", f"{self.path} in use by {holder}", fix=fix)) from error
            stream.truncate(0)
            stream.write(f"pid {os.getpid()} on host {socket.gethostname()} since {datetime.now():%Y-%m-%d %H:%M}\n")
            stream.flush()
            yield

    def is_complete(self, record: Mapping[str, Any]) -> bool:
        """Whether the folder shows exactly this run, finished, with every file as it was written."""
        try:
            done = read_sealed(self.path / DONE)
        except IntegrityError:
            return False
        return done["run"] == digest(record) and not damaged(self.path, done["files"])

    def finish(self, record: Mapping[str, Any]) -> None:
        """Write the record that the run is done, last of all."""
        names = ("pipeline.yaml", "resolved.yaml", MARK, "provenance.json", "references.bib", "report.html")
        write_json(self.path / DONE, sealed({"run": digest(record), "files": inventory(self.path, names)}))

    def begin(self, record: Mapping[str, Any], text: str, resolved: str) -> None:
        """Write the user's file byte for byte, the resolved one, and the record of what this run is."""
        (self.path / DONE).unlink(missing_ok=True)
        (self.path / "pipeline.yaml").write_bytes(text.encode())
        write_text(self.path / "resolved.yaml", resolved)
        write_json(self.path / MARK, sealed({"format": FORMAT, **record}))
        self._tidy(record["steps"])

    def _tidy(self, steps: Mapping[str, Any]) -> None:
        """Views of steps that are no longer in the file go; the store keeps their results."""
        for folder in sorted((self.path / "steps").glob("*")):
            if folder.name not in steps:
                shutil.rmtree(folder)

    def show(self, entry: Entry, *place: str) -> None:
        """Link an entry's files into the folder; a view of the same entry stays as it is."""
        target = self.path.joinpath("steps", *place)
        if _same_view(entry, target):
            return
        shutil.rmtree(target, ignore_errors=True)
        record = json.loads((entry.folder / RECORD).read_text())
        for name in [*record["files"], RECORD]:  # the record last: a view without it is no view
            link_or_copy(entry.folder / name, target / name)

    def show_files(self, entry: Entry, *place: str) -> None:
        """Link an entry's files straight into a step's folder, beside what else is there."""
        for name in [*json.loads((entry.folder / RECORD).read_text())["files"], RECORD]:
            link_or_copy(entry.folder / name, self.path.joinpath("steps", *place, name))

    def show_parts(self, origins: Sequence[str], *place: str) -> None:
        """Make one table of the origins' tables in a folder."""
        parts = [{"folder": origin, "origin": origin} for origin in origins]
        folder = self.path.joinpath("steps", *place)
        write_json(folder / "table.json", {"parts": parts})
        for stale in [p for p in folder.iterdir() if (p / RECORD).exists() and p.name not in (*origins, "trained")]:
            shutil.rmtree(stale)


def _is_beginning(path: Path) -> bool:
    """Whether a file is what a run leaves that is killed before its record is written."""
    return path.name in (".lock", "run.log", "pipeline.yaml", "resolved.yaml") or path.name.endswith(".tmp")


def _same_view(entry: Entry, target: Path) -> bool:
    try:
        return open_entry(target).key == entry.key
    except IntegrityError:
        return False
