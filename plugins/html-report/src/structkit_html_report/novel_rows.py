"""The rows that a guard finds least like the training data, and strangers that it did not notice, as cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from structkit.data.columns import Array
from structkit.data.rows import Row
from structkit.data.table import Table
from structkit.evaluation.trust import unlikeness
from structkit.evaluation.verdict import NOVEL, NOVELTY, Verdict, number_verdict, verdict
from structkit.records import RowIndex
from structkit.run import Run
from structkit_html_report.gallery import Illustrator
from structkit_html_report.trusted import Trusted
from structkit_html_report.view import MISTAKES

MOST_CARDS, FARTHEST = 36, 3  # of all, and of an origin
Cards = list[dict[str, Any]]


def novel_cards(run: Run, trusted: Trusted) -> list[tuple[str, Cards]]:
    """Headings, each with its cards."""
    if NOVEL not in trusted.table.arrays:
        return []
    illustrator = Illustrator(run, trusted.model)
    predictions = RowIndex(run.predictions(trusted.model))
    shown, left = [], MOST_CARDS
    for heading, table, order in _chosen(trusted):
        cards = []
        for place in order[:left]:
            judged = {name: table.item(name, place) for name in table.arrays}
            cards.append(_card(trusted, illustrator, predictions, table[place], judged))
        left -= len(cards)
        if cards:
            shown.append((heading, cards))
    return shown


def _chosen(trusted: Trusted) -> Iterator[tuple[str, Table, list[int]]]:
    """For each origin the rows most unlike the training data; before them the strangers that passed."""
    tables = {origin: trusted.rows(origin) for origin in trusted.origins}
    for origin, table in tables.items():
        strange, novel = trusted.unknown(table), table.stack(NOVEL).astype(bool)
        passed = np.flatnonzero(strange & ~novel)
        if len(passed):
            nearest = passed[np.argsort(_distance(table)[passed], kind="stable")].tolist()
            yield f"{origin}: strangers that were not noticed", table, nearest[:MISTAKES]
    for origin, table in tables.items():
        farthest = np.argsort(-_distance(table), kind="stable").tolist()
        rows = _of_all_groups(table, farthest)[:FARTHEST]
        yield f"{origin}: least like what was learnt from", table, rows


def _distance(table: Table) -> Array:
    """Larger for rows more unlike what was learnt from."""
    return unlikeness({name: table.stack(name) for name in _measures(table)})


def _measures(table: Table) -> list[str]:
    """The arrays of a number a row."""
    return [name for name in table.arrays if np.ndim(table.item(name, 0)) == 0]


def _of_all_groups(table: Table, order: list[int]) -> list[int]:
    """The first row of each group, in their order: copies of one row say the same."""
    first: dict[str, int] = {}
    groups = table.groups
    for place in order:
        first.setdefault(groups[place], place)
    return list(first.values())


def _card(
    trusted: Trusted,
    illustrator: Illustrator,
    predictions: RowIndex,
    row: Row,
    judged: Mapping[str, Array],
) -> dict[str, Any]:
    """A row with what is known, what it comes to, and how unlike it is."""
    said = _verdict(trusted, predictions.arrays(row) or judged, judged)
    novelty = judged.get(NOVELTY)
    return {
        "row": row,
        "truth": row.label or "no label",
        "verdict": str(said),
        "right": _right(trusted, row, said),
        "size": "" if novelty is None else f"p = {float(novelty):.3f}",
        "pictures": illustrator.pictures(_drawn(trusted, row)),
    }


def _drawn(trusted: Trusted, row: Row) -> Row:
    """The row of which there are pictures: of an atom its structure, of a column its image."""
    return replace(row, id=row.meta["structure"]) if trusted.of_parts else row


def _verdict(
    trusted: Trusted, predicted: Mapping[str, Array], judged: Mapping[str, Array]
) -> Verdict:
    alone = {name: np.asarray(value)[None] for name, value in judged.items()}
    if not trusted.classes:
        return number_verdict(alone, 0)
    return verdict(trusted.classes, np.asarray(predicted["probabilities"])[None], alone, 0)


def _right(trusted: Trusted, row: Row, said: Verdict) -> bool | None:
    """Whether the verdict is right; None where nothing is known of the row."""
    if not trusted.classes or row.label is None:
        return None
    if row.label in trusted.classes:
        return row.label in said.classes
    return not said.classes
