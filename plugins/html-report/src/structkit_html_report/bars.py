"""Shares of rows as bars: a bar an origin, a colour a sort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from structkit_html_report.svg import Drawing, laid_out, one_line, rows_in, width_of
from structkit_html_report.texts import LONGEST_LEGEND, LONGEST_TICK

WIDTH, STEP, THICK, TOP = 388.0, 26.0, 18.0, 6.0
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Sort:
    """What a colour of the palette stands for."""

    name: str
    colour: int


def shares(words: str, rows: Sequence[tuple[str, Sequence[int]]], sorts: Sequence[Sort]) -> Markup:
    """Bars of equal length, divided as counts are; counts stand in the pieces that have room.

    Args:
        words: what they show.
        rows: names, each with a count of every sort.
        sorts: in the order of the counts; those that nothing is of are left out of the legend.
    """
    names = [one_line(name, LONGEST_TICK) for name, _ in rows]
    left = 16 + max(map(width_of, names), default=0)
    bottom = TOP + STEP * len(rows)
    there = [sort for n, sort in enumerate(sorts) if any(counts[n] for _, counts in rows)]
    legend = laid_out([one_line(sort.name, LONGEST_LEGEND) for sort in there], WIDTH, 18)
    paper = Drawing(WIDTH, bottom + 38 + 16 * rows_in(legend), words)
    room = WIDTH - left - 20
    for number, (_, counts) in enumerate(rows):
        y = TOP + STEP * number
        paper.text(left - 8, y + 13, names[number], "end")
        _bar(paper, (left, y), room, list(zip(counts, sorts, strict=True)))
    for share in TICKS:
        paper.text(left + room * share, bottom + 12, f"{100 * share:.0f}", "mid")
    paper.text(left + room / 2, bottom + 28, "% of the test rows", "mid label")
    for sort, (row, start, name) in zip(there, legend, strict=True):
        y = bottom + 38 + 16 * row
        paper.box((start, y), (12, 10), f"c{sort.colour} piece")
        paper.text(start + 18, y + 9, name)
    return paper.markup()


def _bar(
    paper: Drawing, corner: tuple[float, float], room: float, pieces: Sequence[tuple[int, Sort]]
) -> None:
    """One bar."""
    x, y = corner
    total = max(sum(count for count, _ in pieces), 1)
    for count, sort in pieces:
        width = room * count / total
        if count:
            paper.box((x, y), (width, THICK), f"c{sort.colour} piece")
        if width > width_of(str(count)) + 6:
            paper.text(x + width / 2, y + 13, str(count), "mid over")
        x += width
