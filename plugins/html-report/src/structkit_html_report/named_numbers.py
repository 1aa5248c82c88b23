"""A row of named numbers: those by which it differs most from the other rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from structkit.data.table import Table
from structkit_html_report.plot import Axis, tick_words
from structkit_html_report.svg import Drawing, Floats, markers, one_line

MOST_NAMED, MOST_ROWS = 6, 2000  # numbers of a row; rows that the others are known by
FARTHEST = 4.0  # standard deviations that an axis holds at least
WIDTH, STEP, EDGE = 350.0, 33.0, 10.0  # of the chart, of a number in it, beside its axis
LONGEST = 54  # letters of a name


@dataclass(frozen=True)
class Usual:
    """Mean and standard deviation of each number over rows.

    Args:
        mean, deviation: of shape (numbers).
    """

    mean: Floats
    deviation: Floats

    @classmethod
    def of(cls, table: Table, array: str) -> Usual:
        """Of a table; of a long one, of rows evenly taken from it."""
        rows = np.unique(np.linspace(0, len(table) - 1, MOST_ROWS).astype(int))
        values = np.stack([np.asarray(table.item(array, row), float) for row in rows.tolist()])
        return cls(values.mean(axis=0), values.std(axis=0))

    def unusual(self, values: Floats) -> tuple[list[int], Floats]:
        """The numbers farthest from the mean, the farthest first, and how many deviations each is away."""
        safe = np.where(self.deviation > 0, self.deviation, np.inf)
        away = (np.asarray(values, float) - self.mean) / safe
        order = np.argsort(-np.abs(away), kind="stable")[:MOST_NAMED]
        return order.tolist(), away[order]


def named_numbers(values: Floats, names: Sequence[str], usual: Usual, words: str) -> Markup:
    """A chart of the numbers that are unusual of a row, each with its value beside its name.

    Args:
        values: of shape (numbers).
        names: of each.
        usual: of the other rows.
        words: what it shows.
    """
    places, away = usual.unusual(values)
    reach = max(FARTHEST, float(np.abs(away).max(initial=0.0)) * 1.05)
    axis = Axis("standard deviations from the mean of all rows", -reach, reach, room=7)
    paper = Drawing(WIDTH, STEP * len(places) + 36, words)
    bottom = STEP * len(places)
    for number, (place, far) in enumerate(zip(places, away.tolist(), strict=True)):
        value = f"{float(values[place]):.4g}".replace("-", "−")
        top = STEP * number
        paper.text(EDGE, top + 12, f"{one_line(names[place], LONGEST)}: {value}")
        _bar(paper, axis, far, top + 24)
    for tick in axis.numbers:
        paper.text(_across(axis, tick), bottom + 16, tick_words(tick), "mid")
    paper.text(WIDTH / 2, bottom + 31, axis.label, "mid label")
    return paper.markup()


def _across(axis: Axis, value: float) -> float:
    return EDGE + (WIDTH - 2 * EDGE) * float(np.clip(axis.share(value), 0, 1))


def _bar(paper: Drawing, axis: Axis, far: float, y: float) -> None:
    """A bar from the mean to the number, with its dot, before the ticks."""
    start, end = _across(axis, 0), _across(axis, far)
    ticks = [f"M{_across(axis, tick):.1f} {y - 6:.1f}v12" for tick in axis.numbers]
    paper.path("".join(ticks), "grid")
    paper.path(f"M{start:.1f} {y - 6:.1f}v12", "ref axis")
    paper.path(f"M{start:.1f} {y:.1f}H{end:.1f}", "c0 bar")
    paper.path(markers([end], [y], 0), "c0 mark")
