"""Dots with error bars: a line a row, in a chart of their own or beside the numbers of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from markupsafe import Markup

from structkit_html_report.plot import Axis, tick_words
from structkit_html_report.svg import (
    COLOURS,
    Drawing,
    fitting,
    laid_out,
    markers,
    one_line,
    rows_in,
    width_of,
)
from structkit_html_report.texts import LONGEST_TICK

STRIP, LINE = 190.0, 20.0  # width and height of a row beside a table's numbers
EDGE = 8.0


@dataclass(frozen=True)
class Dot:
    """A value with its interval.

    Args:
        value: where the dot is.
        interval: ends of the bar.
        colour: a number of the palette; -1 for a baseline.
    """

    value: float
    interval: Sequence[float] | None = None
    colour: int = 0


def strip(axis: Axis, dot: Dot | None, words: str, references: Sequence[float] = ()) -> Markup:
    """The dot of one row of a table, to be set beside its numbers.

    Args:
        axis: the same for all rows.
        dot: nothing where there is no value.
        words: what it says.
        references: where thin upright lines stand in every row.
    """
    paper = Drawing(STRIP, LINE, words, "strip")
    paper.path("".join(f"M{_across(axis, tick):.1f} 0V{LINE}" for tick in axis.numbers), "grid")
    paper.path("".join(f"M{_across(axis, at):.1f} 0V{LINE}" for at in references), "ref line")
    if dot:
        _dot(paper, dot, LINE / 2, partial(_across, axis))
    return paper.markup()


def ruler(axis: Axis) -> Markup:
    """The numbers of the axis that the strips of a table share, for its head."""
    paper = Drawing(STRIP, 2 * LINE - 6, axis.label, "strip")
    paper.text(STRIP / 2, 11, _short(axis.label), "mid label")
    for tick in _apart(axis):
        paper.text(_across(axis, tick), LINE + 11, tick_words(tick), "mid")
    return paper.markup()


def _short(label: str) -> str:
    """A label where there is little room: of a long one the unit alone, as the column beside it has its words."""
    words, bracket, unit = label.rpartition("[")
    return f"[{unit}" if bracket and width_of(label) > STRIP else fitting(label, STRIP)


def _apart(axis: Axis) -> list[float]:
    """The ticks whose numbers have room."""
    kept: list[float] = []
    for tick in axis.numbers:
        room = width_of(tick_words(tick)) + 8
        if not kept or _across(axis, tick) - _across(axis, kept[-1]) > room:
            kept.append(tick)
    return kept


def _across(axis: Axis, value: float) -> float:
    """Where a value lies in a strip; one beyond the axis at its end."""
    return EDGE + (STRIP - 2 * EDGE) * float(np.clip(axis.share(value), 0, 1))


def forest(
    words: str,
    axis: Axis,
    rows: Sequence[tuple[str, Sequence[Dot]]],
    reference: float | None = None,
    legend: Sequence[str] = (),
) -> Markup:
    """A chart with a line a row, and a dot with its bar for each series in it.

    Args:
        words: what it shows.
        axis: along which the dots lie.
        rows: names, each with its dots.
        reference: where an upright line stands.
        legend: names of the colours, where there are several.
    """
    return _Forest(words, axis, rows, legend).drawn(reference)


class _Forest:
    """Where things lie in a chart of dots."""

    def __init__(
        self,
        words: str,
        axis: Axis,
        rows: Sequence[tuple[str, Sequence[Dot]]],
        legend: Sequence[str],
    ) -> None:
        self.axis, self.rows = axis, rows
        self.names = [one_line(name, LONGEST_TICK) for name, _ in rows]
        names = [one_line(name, LONGEST_TICK) for name in legend] if len(legend) > 1 else []
        self.legend = laid_out(names, 388.0, 14)
        self.left = 16 + max(map(width_of, self.names), default=0)
        most = max((len(dots) for _, dots in rows), default=1)
        self.step = max(18.0, 8.0 * most + 6)
        self.bottom = 8 + self.step * len(rows)
        self.width = 388.0
        height = self.bottom + 40 + 16 * rows_in(self.legend)
        self.paper = Drawing(self.width, height, words)

    def drawn(self, reference: float | None) -> Markup:
        """Everything, in order."""
        ticks = [(self._across(tick), tick) for tick in self.axis.numbers]
        self.paper.path("".join(f"M{x:.1f} 8V{self.bottom:.1f}" for x, _ in ticks), "grid")
        if reference is not None:
            x = self._across(reference)
            self.paper.path(f"M{x:.1f} 8V{self.bottom:.1f}", "ref line")
        for x, tick in ticks:
            self.paper.text(x, self.bottom + 15, tick_words(tick), "mid")
        middle = (self.left + self.width - 14) / 2
        self.paper.text(
            middle, self.bottom + 32, fitting(self.axis.label, self.width - self.left), "mid label"
        )
        for number, (_, dots) in enumerate(self.rows):
            self._row(number, dots)
        for number, (row, start, name) in enumerate(self.legend):
            y = self.bottom + 46 + 16 * row
            self.paper.path(markers([start + 4], [y], number), f"c{number % COLOURS} mark")
            self.paper.text(start + 14, y + 4, name)
        return self.paper.markup()

    def _row(self, number: int, dots: Sequence[Dot]) -> None:
        middle = 8 + self.step * (number + 0.5)
        self.paper.text(self.left - 8, middle + 4, self.names[number], "end")
        for place, dot in enumerate(dots):
            y = middle + 8.0 * (place - (len(dots) - 1) / 2)
            _dot(self.paper, dot, y, self._across)

    def _across(self, value: float) -> float:
        share = float(np.clip(self.axis.share(value), 0, 1))
        return self.left + (self.width - 14 - self.left) * share


def _dot(paper: Drawing, dot: Dot, y: float, across: Callable[[float], float]) -> None:
    """A dot and its bar at one height."""
    kind = "ref" if dot.colour < 0 else f"c{dot.colour % COLOURS}"
    if dot.interval:
        low, high = map(across, dot.interval)
        paper.path(f"M{low:.1f} {y:.1f}H{high:.1f}", f"{kind} bar")
    paper.path(markers([across(dot.value)], [y], max(dot.colour, 0)), f"{kind} mark")
