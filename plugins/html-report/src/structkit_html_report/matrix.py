"""Confusion matrices: colour and the upper number are the share of a row, the lower number counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from structkit_html_report.svg import Drawing, Floats, one_line, width_of
from structkit_html_report.texts import LONGEST_TICK

MOST_NAMED = 40  # classes: the names and numbers of more would be drawn over each other
CELL, SMALLEST, WIDEST = 33.0, 22.0, 480.0
SHADES = 10
SCALE = 260.0  # room for the colours and their words
SLANT = 0.7  # of names below the columns


def confusion(classes: Sequence[str], counts: Sequence[Sequence[int]], title: str) -> Markup:
    """A confusion matrix: rows are true classes, columns predicted ones.

    Of many classes the colours alone are drawn, in the order of `metrics.json`.

    Args:
        classes: names.
        counts: of shape (true, predicted).
        title: of the figure.
    """
    return _Matrix(classes, np.array(counts), title).drawn()


class _Matrix:
    """Where things lie in a matrix."""

    def __init__(self, classes: Sequence[str], counts: NDArray[np.int64], title: str) -> None:
        self.counts = counts
        self.share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        self.named = len(classes) <= MOST_NAMED
        self.names = [one_line(name, LONGEST_TICK) for name in classes] if self.named else []
        size = max(len(classes), 1)
        fitting = WIDEST / size
        self.cell = min(CELL, max(SMALLEST, fitting)) if self.named else fitting
        self.extent = self.cell * size
        longest = max(map(width_of, self.names), default=0.0)
        self.left, self.top = 32 + longest, 8.0
        self.below = self.top + self.extent + 20 + SLANT * longest
        width = self.left + max(self.extent + 16, SCALE)
        self.paper = Drawing(width, self.below + 66, f"confusion matrix, {title}")

    def drawn(self) -> Markup:
        """Everything, in order."""
        self._shades()
        if self.named:
            self._lines()
        corner = f"M{self.left:.1f} {self.top:.1f}"
        self.paper.path(f"{corner}h{self.extent:.1f}v{self.extent:.1f}h-{self.extent:.1f}z", "axis")
        if self.named:
            self._numbers()
            self._names()
        self.paper.text(self.left + self.extent / 2, self.below + 10, "predicted", "mid label")
        middle = self.top + self.extent / 2
        self.paper.text(13, middle, "true", "mid label", turn=-90)
        self._scale()
        return self.paper.markup()

    def _shades(self) -> None:
        """The cells that hold rows, a path for each shade."""
        shade = np.ceil(self.share * SHADES).astype(int)
        for number in range(1, SHADES + 1):
            rows, columns = np.nonzero(shade == number)
            side = f"h{self.cell:.2f}v{self.cell:.2f}h-{self.cell:.2f}z"
            corners = zip(self._x(columns), self._y(rows), strict=True)
            steps = "".join(f"M{x:.2f} {y:.2f}{side}" for x, y in corners)
            self.paper.path(steps, f"shade s{number}")

    def _x(self, columns: NDArray[np.int64]) -> Floats:
        return np.asarray(self.left + self.cell * columns, dtype=float)

    def _y(self, rows: NDArray[np.int64]) -> Floats:
        return np.asarray(self.top + self.cell * rows, dtype=float)

    def _lines(self) -> None:
        """Thin lines between the cells."""
        places = [self.cell * number for number in range(1, len(self.counts))]
        upright = [f"M{self.left + at:.1f} {self.top:.1f}v{self.extent:.1f}" for at in places]
        level = [f"M{self.left:.1f} {self.top + at:.1f}h{self.extent:.1f}" for at in places]
        self.paper.path("".join([*upright, *level]), "grid")

    def _numbers(self) -> None:
        """The share of a row, and below it the count, in each cell that holds rows."""
        roomy = self.cell >= 32
        for row, column in np.argwhere(self.counts > 0).tolist():
            x = self.left + self.cell * (column + 0.5)
            y = self.top + self.cell * (row + 0.5)
            count, share = self.counts[row, column], self.share[row, column]
            kind = "mid over" if share > 0.55 else "mid"
            if roomy:
                self.paper.text(x, y - 1, _percent(share), kind)
                self.paper.text(x, y + 11, str(count), f"{kind} tiny")
            else:
                self.paper.text(x, y + 4, str(count), f"{kind} tiny")

    def _names(self) -> None:
        for number, name in enumerate(self.names):
            middle = self.cell * (number + 0.5)
            self.paper.text(self.left - 6, self.top + middle + 4, name, "end")
            x, y = self.left + middle + 4, self.top + self.extent + 13
            self.paper.text(x, y, name, "end", turn=-45)

    def _scale(self) -> None:
        """What the colours mean."""
        y, room = self.below + 24, 16.0
        for number in range(1, SHADES + 1):
            self.paper.box((self.left + room * (number - 1), y), (room, 9), f"shade s{number}")
        for share, words in ((0.0, "0"), (0.5, "50"), (1.0, "100 % of a row")):
            kind = "" if share == 1.0 else "mid"
            at = self.left + room * SHADES * share - (8 if share == 1.0 else 0)
            self.paper.text(at, y + 23, words, kind)


def _percent(share: float) -> str:
    """A share in whole per cent, and never as all or nothing where it is not."""
    whole = round(100 * share)
    if whole == 100 and share < 1:
        return "> 99"
    return "< 1" if whole == 0 and share > 0 else str(whole)
