"""What is known of each row: words and numbers by which a map is coloured and a row is described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from structkit.data.table import Array, Row
from structkit.evaluation.verdict import CALIBRATED, DISTANCE, NOVELTY
from structkit.records import RowIndex
from structkit_explorer.said import Known, said_of, verdict_of
from structkit_explorer.subject import Subject

UNKNOWN = "not known"


@dataclass(frozen=True)
class Columns:
    """What is known of the rows; a row of which something is not known has `not known` or None.

    Args:
        words: one a row, by what they say.
        numbers: one a row.
        told: texts by which nothing is coloured, such as ids.
    """

    words: Mapping[str, Sequence[str]]
    numbers: Mapping[str, Sequence[float | None]]
    told: Mapping[str, Sequence[str]]


def columns_of(subject: Subject) -> Columns:
    """Everything that a run says of the rows that are shown."""
    guards = {step: RowIndex(subject.run.judged(step)) for step in subject.guards}
    known = [_known(subject, guards, row) for row in subject.rows]
    words = {name: [row.words.get(name, UNKNOWN) for row in known] for name in _names(known, 0)}
    numbers = {name: [row.numbers.get(name) for row in known] for name in _names(known, 1)}
    told = {name: [row.told.get(name, "") for row in known] for name in _names(known, 2)}
    return Columns(words, numbers, told)


def _names(known: Sequence[Known], sort: int) -> list[str]:
    """What is known of any row, in the order in which it is first said."""
    names: dict[str, None] = {}
    for row in known:
        names.update(dict.fromkeys((row.words, row.numbers, row.told)[sort]))
    return list(names)


def _known(subject: Subject, guards: Mapping[str, RowIndex], row: Row) -> Known:
    known = _identity(row)
    predicted = None if subject.predictions is None else subject.predictions.arrays(row)
    if subject.model is None or predicted is None:
        return known
    known.add(said_of(subject.model, subject.classes, row, predicted, subject.unit))
    for step, index in guards.items():
        judged = index.arrays(row) or {}
        if judged:
            also = f" ({step})" if len(guards) > 1 else ""
            known.add(_judged(subject, predicted, judged, also))
    return known


def _judged(
    subject: Subject, predicted: Mapping[str, Array], judged: Mapping[str, Array], also: str
) -> Known:
    """What a guard gave of a row, and what it comes to."""
    known = verdict_of(subject.classes, predicted, judged, also)
    if CALIBRATED in judged:
        known.numbers[f"calibrated probability{also}"] = float(judged[CALIBRATED].max())
    if NOVELTY in judged:
        known.numbers[f"novelty p{also}"] = float(judged[NOVELTY])
    if DISTANCE in judged:
        known.numbers[f"unlikeness{also}"] = float(judged[DISTANCE])
    return known


def _identity(row: Row) -> Known:
    words = {"class": row.label} if row.label else {}
    words["origin"] = row.origin
    if row.subset:
        words["part of the split"] = row.subset
    return Known(words, {}, {"id": row.id, "group": row.group})
