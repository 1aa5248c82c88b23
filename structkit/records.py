"""Steps and origins as a run records them, typed; and rows of a step found by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from structkit.data.table import Array, Row, Table
from structkit.errors import quoted
from structkit.store.reading import damaged_record

# What a run shows of a step.
ROWS = "rows"  # a table
ORIGINS = "origins"  # rows that the step made itself, of nothing or of others
SCORES = "scores"  # a trained model, predictions and their scores
EXPLANATIONS = "explanations"  # rows that explain predictions, and what they are worth
TRUST = "trust"  # what predictions promise, and whether they keep it
PARTS = ("train", "valid", "calibration", "test")  # of the split
REPEATS = "repeats"  # the folder of what a step made with further seeds
# Runs of the first version do not say it; their steps were of these kinds.
FIRST = {
    "source": (ROWS, ORIGINS),
    "transform": (ROWS, ORIGINS),
    "descriptor": (ROWS,),
    "model": (SCORES,),
    "explainer": (ROWS, EXPLANATIONS),
}


@dataclass(frozen=True)
class StepRecord:
    """A step of a run.

    Args:
        id: as the pipeline file has it.
        kind: source, transform, descriptor, model, explainer, or one that a plugin added.
        use: the component, `distribution/name`.
        component: its short name.
        version: of its plugin.
        settings: with every default.
        inputs: the steps that it reads.
        origins: names of the origins of its rows.
        train_on: origins that a model learnt on.
        target: what a model says: `label`, or a number by name.
        passes: what its rows hold: `structure`, or a representation.
        summary: one line on the component.
        predicts: the sort of target of a model: `classes`, `numbers`, or a word of a plugin.
        per: `structure` or `atom`: what each prediction of a model is about.
        shows: what the run shows of it: `rows`, `origins`, `scores`, `explanations`.
    """

    id: str
    kind: str
    use: str
    component: str
    version: str
    settings: Mapping[str, Any]
    inputs: tuple[str, ...]
    origins: tuple[str, ...]
    train_on: tuple[str, ...] = ()
    target: str = "label"
    passes: str = ""
    summary: str = ""
    predicts: str = "classes"
    per: str = "structure"
    shows: tuple[str, ...] = (ROWS,)


@dataclass(frozen=True)
class OriginRecord:
    """Where rows of a run come from.

    Args:
        name: of the origin; a row carries it.
        step: the step that made the rows.
        parent: the origin that a transform made them of.
        varied: what was varied on the way here, by `step.setting`.
        settings: of the step, as they were for this origin.
    """

    name: str
    step: str
    parent: str | None
    varied: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


def step_record(name: str, facts: Mapping[str, Any]) -> StepRecord:
    """A step as `run.json` has it; older records lack some words."""
    return StepRecord(
        id=name,
        kind=facts["kind"],
        use=facts["use"],
        component=facts["use"].rpartition("/")[2],
        version=facts["version"],
        settings=facts["with"],
        inputs=tuple(facts["from"]),
        origins=tuple(facts["origins"]),
        train_on=tuple(facts.get("train_on", ())),
        target=facts.get("target", "label"),
        shows=tuple(facts.get("shows") or FIRST.get(facts["kind"], (ROWS,))),
        passes=facts.get("passes", ""),
        summary=facts.get("summary", ""),
        predicts=facts.get("predicts", "classes"),
        per=facts.get("per", "structure"),
    )


def check_whole(record: dict[str, Any], path: Path) -> dict[str, Any]:
    """The record of a run, whose steps and origins are those that it speaks of.

    Raises:
        IntegrityError: R004, with the file and the key.
    """
    steps, lineage = record["steps"], record.get("lineage", {})
    named = [("order", record["order"])]
    named += [(f"steps.{step}.from", facts["from"]) for step, facts in steps.items()]
    for key, names in named:
        if strange := [name for name in names if name not in steps]:
            raise damaged_record(path, "R004", f"'{key}': no step {quoted(strange[0])}")
    # a run of one step alone (`--only`) knows where all rows of the file come from
    written = record["resolved"].get("steps", {})
    for name, facts in lineage.items():
        if facts["step"] not in written:
            message = f"'lineage.{name}.step': no step {quoted(facts['step'])}"
            raise damaged_record(path, "R004", message)
    if lacking := [step for step in steps if record["order"].count(step) != 1]:
        raise damaged_record(path, "R004", f"'order': {quoted(lacking[0])} is not there once")
    return record


def lineage_of(record: Mapping[str, Any]) -> dict[str, OriginRecord]:
    """Every origin by name; an older record says nothing of them."""
    return {name: _origin(name, facts) for name, facts in record.get("lineage", {}).items()}


def _origin(name: str, facts: Mapping[str, Any]) -> OriginRecord:
    return OriginRecord(name, facts["step"], facts["parent"], facts["varied"], facts["with"])


class RowIndex:
    """The rows of a table, found by origin and id."""

    def __init__(self, table: Table) -> None:
        self._table = table
        names = zip(table.origins, table.ids, strict=True)
        self._places = {name: place for place, name in enumerate(names)}

    def arrays(self, row: Row) -> dict[str, Array] | None:
        """The arrays of a row; None where the table has no such row."""
        place = self._places.get((row.origin, row.id))
        if place is None:
            return None
        return {name: self._table.item(name, place) for name in self._table.arrays}
