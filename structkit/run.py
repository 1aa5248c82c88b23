"""`Run`: a run folder, to read."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from structkit.data.items.structure import PHYSICAL, atoms_of
from structkit.data.table import Array, Row, Table
from structkit.discovery.loading import discover
from structkit.discovery.registry import Registry
from structkit.errors import IntegrityError, Problem, SpecError, did_you_mean, quoted
from structkit.records import (
    ORIGINS,
    REPEATS,
    ROWS,
    OriginRecord,
    RowIndex,
    StepRecord,
    check_whole,
    lineage_of,
    step_record,
)
from structkit.scored import Scored
from structkit.section import AnyFigure, Drawing, Section
from structkit.showing import Draw, axes, draws, labels
from structkit.store.contents import DoneContents, checked
from structkit.store.entries import Entry, entry_record, open_entry
from structkit.store.files import damaged, digest, read_sealed
from structkit.store.reading import read_json
from structkit.store.result_contents import NotesContents
from structkit.store.run_contents import ProvenanceContents, RunContents

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["AnyFigure", "Drawing", "OriginRecord", "Run", "Section", "StepRecord"]
FORMAT = 1
MARK, DONE, NOTES, REPORT = "run.json", "done.json", "notes.json", "report.html"
REPORTED = "report.json"  # the digest of the report that the run wrote
log = logging.getLogger("structkit")


class Run(Scored):
    """A run folder, to read.

    `run.table("fingerprint")` is a step's table, `run.metrics("classifier")` a model's scores.

    Args:
        folder: that `structkit run` made.
        registry: the plugins that its sections and pictures come from; all installed ones unless
            given.
    """

    def __init__(self, folder: Path | str, registry: Registry | None = None) -> None:
        self.folder = Path(folder)
        self.record = self._read_record()
        self._given = registry
        self._indexed: dict[str, RowIndex] = {}

    def _read_record(self) -> dict[str, Any]:
        path = self.folder / MARK
        if not path.is_file():
            fix = "name a folder that `structkit run` made, such as runs/NAME, before any files"
            raise SpecError(Problem("R005", "not a run folder", str(self.folder), fix))
        record = read_sealed(path, "R004")
        if record.get("format") != FORMAT:
            version = quoted(record.get("format"), 20)
            message = f"run of format {version}, this version reads {FORMAT}"
            raise SpecError(Problem("R003", message, str(path), "use the structkit that made it"))
        return check_whole(checked(record, RunContents, path, "R004"), path)

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

    def step(self, step: str) -> StepRecord:
        """What the run says of a step.

        Raises:
            SpecError: R006, the run has no such step.
        """
        self.path(step)
        return step_record(step, self.record["steps"][step])

    def steps_using(self, component: str) -> list[str]:
        """Ids of the steps that use a component, by short name."""
        return [step for step in self.steps if self.step(step).component == component]

    def steps_of_kind(self, kind: str) -> list[str]:
        """Ids of the steps of one kind, in order."""
        return [step for step, facts in self.steps.items() if facts["kind"] == kind]

    def steps_with(self, shown: str) -> list[str]:
        """Ids of the steps of which the run shows something (`structkit.records`), in order."""
        return [step for step in self.steps if shown in self.step(step).shows]

    def path(self, step: str) -> Path:
        """The folder of a step's results.

        Raises:
            SpecError: R006, the run has no such step.
        """
        if step not in self.record["steps"]:
            raise SpecError(
                Problem(
                    "R006", f"no step '{step}' in {self.folder}", fix=did_you_mean(step, self.steps)
                )
            )
        return self.folder / "steps" / step

    @cached_property
    def keys(self) -> dict[str, str]:
        """The key of the result at every place below `steps`; empty for an older run, which does not say it."""
        jobs = self.record["jobs"].values()
        return {job["shown"]: job["key"] for job in jobs if "shown" in job}

    def entry(self, place: str) -> Entry:
        """What lies at a place below `steps`, every byte checked.

        Raises:
            SpecError: R006, no such step.
            IntegrityError: it is damaged, or what belongs to another place.
        """
        self.path(place.partition("/")[0])
        return open_entry(self.folder / "steps" / place, self.keys.get(place))

    def _require_own(self, place: str) -> None:
        """Refuse a place below `steps` where what belongs elsewhere lies."""
        for shown, key in self.keys.items():
            if shown.rpartition("/")[0] == place:
                entry_record(self.folder / "steps" / shown, key)

    def table(self, step: str) -> Table:
        """The rows of a source, transform, descriptor or explainer step.

        Raises:
            SpecError: R006, no such step, or a model (see `predictions`).
        """
        if self.path(step) and ROWS not in self.step(step).shows:
            raise SpecError(
                Problem("R006", f"'{step}' is a model: it has no rows", fix="see Run.predictions")
            )
        self._require_own(step)
        return Table.open(self.path(step))

    @cached_property
    def lineage(self) -> dict[str, OriginRecord]:
        """Every origin by name: its step, its parent, what was varied; empty for an older run."""
        return lineage_of(self.record)

    def ancestors(self, origin: str) -> list[OriginRecord]:
        """An origin with all that it was made of, the source first; empty for an older run."""
        chain: dict[str, OriginRecord] = {}
        name: str | None = origin
        while name in self.lineage and name not in chain:
            chain[name] = self.lineage[name]
            name = chain[name].parent
        return list(chain.values())[::-1]

    def maker(self, origin: str) -> StepRecord:
        """The source or transform that made an origin's rows.

        Raises:
            SpecError: R006, none did.
        """
        if origin in self.lineage:
            return self.step(self.lineage[origin].step)
        for step in self.steps_with(ORIGINS):
            if origin in self.steps[step]["origins"]:
                return self.step(step)
        raise SpecError(Problem("R006", f"no origin '{origin}' in {self.folder}"))

    def arrays(self, step: str, row: Row) -> dict[str, Array] | None:
        """What a step has of a row, found by origin and id; None where it has no such row."""
        return self._rows_of(step).arrays(row)

    def structure(self, row: Row) -> Atoms:
        """The structure that a row of features, predictions or explanations was made of.

        Raises:
            SpecError: R006, it was made of none (it was measured), or the run has no such row.
        """
        step = self.maker(row.origin).id
        arrays = self.arrays(step, row)
        if arrays is None:
            raise SpecError(Problem("R006", f"no row '{row.id}' of '{row.origin}' in '{step}'"))
        if not set(PHYSICAL) <= arrays.keys():
            raise SpecError(Problem("R006", f"the rows of '{row.origin}' hold no structures"))
        return atoms_of(arrays)

    def _rows_of(self, step: str) -> RowIndex:
        """The rows of a step by origin and id, read once."""
        if step not in self._indexed:
            self._indexed[step] = RowIndex(self.table(step))
        return self._indexed[step]

    def notes(self, step: str) -> list[str]:
        """What was warned of when a step was made: files left out, labels that look alike."""
        files = sorted(self.path(step).glob(f"*/{NOTES}"))
        return [note for path in files for note in checked(read_json(path), NotesContents, path)]

    def predictions(self, step: str) -> Table:
        """What a model predicted, an array or two; `row.subset` is the part of the split.

        `probabilities` (rows, classes) of classes; `value` (rows) of numbers; of the classes of
        atoms `probabilities` (atoms, classes) and `truth` (atoms), both ragged.
        """
        return self._rows_at(step, "predictions")

    def judged(self, step: str, seed: int = 1) -> Table:
        """What a guard gave with the how many-th seed: arrays of `evaluation.verdict`."""
        return self._rows_at(step, "judged" if seed == 1 else f"{REPEATS}/{seed}/judged")

    def _rows_at(self, step: str, place: str) -> Table:
        self._require_own(f"{self.path(step).name}/{place}")
        return Table.open(self.path(step) / place)

    def require_finished(self) -> None:
        """Refuse a run that was stopped before its end, or whose own files are not those that were written.

        Raises:
            SpecError: R007.
            IntegrityError: R004, with the file; results are checked where they are opened.
        """
        if not (self.folder / DONE).exists():
            fix = f"finish it: structkit run {self.record['file']}"
            raise SpecError(Problem("R007", f"{self.folder} is not finished", fix=fix))
        done = read_sealed(self.folder / DONE, "R004", DoneContents)
        bad = damaged(self.folder, sealed_files(done))
        if done["run"] != digest(_without_format(self.record)):
            bad = [MARK, *bad]
        if bad:
            what = "missing, truncated or changed"
            raise IntegrityError(*(Problem("R004", what, str(self.folder / name)) for name in bad))

    @property
    def report(self) -> Path | None:
        """The report, if one has been written since the run was finished."""
        path, done = self.folder / REPORT, self.folder / DONE
        if not (path.exists() and done.exists()):
            return None
        return path if path.stat().st_mtime_ns >= done.stat().st_mtime_ns else None

    def sections(self) -> list[Section]:
        """The sections that plugins add to the report; what fails or is none is logged and left out."""
        kept = []
        for distribution, sections in self._registry.collect("structkit_report_sections", run=self):
            for section in sections:
                if isinstance(section, Section):
                    kept.append(section)
                else:
                    wrong = f"{distribution} gave a {type(section).__name__}, expected a Section"
                    log.warning("structkit_report_sections of %s", wrong)
        return kept

    def picture(self, step: str) -> Draw | None:
        """The function that draws a row of a step, if the installed component declares one."""
        return draws(self._registry, self.steps[step]["use"], self.steps[step]["with"])

    def labels(self, step: str) -> list[str]:
        """The names of the numbers of a step's vectors; none where nobody named them."""
        return labels(self._registry, self.steps[step]["use"], self.steps[step]["with"])

    def axes(self, step: str) -> tuple[str, ...]:
        """What lies along the sides of an explainer's maps, from left to right and downwards."""
        return axes(self._registry, self.steps[step]["use"])

    @cached_property
    def _registry(self) -> Registry:
        return discover() if self._given is None else self._given

    def provenance(self) -> dict[str, Any]:
        """Versions, host, times; empty while the run is not complete."""
        path = self.folder / "provenance.json"
        return read_sealed(path, "R004", ProvenanceContents) if path.exists() else {}


def sealed_files(done: Mapping[str, Any]) -> dict[str, Any]:
    """The files that a finished run vouches for; not the report, which older records list too."""
    return {name: facts for name, facts in done["files"].items() if name != REPORT}


def _without_format(record: dict[str, Any]) -> dict[str, Any]:
    """The record as it was before it was written."""
    return {key: value for key, value in record.items() if key not in ("format", "seal")}
