"""Drawings as SVG inside the page: text stays text, and colours follow the page, dark or light.

They are built as trees of elements, which escape whatever names they hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from structkit.errors import printable
from structkit_html_report.texts import LONGEST_DRAWN, shortened

LETTER = 6.8  # mean width of a letter, of the size that charts are written in
COLOURS = 6  # `c0` to `c5` in the page's style
Floats = NDArray[np.float64]


def one_line(text: str, longest: int = LONGEST_DRAWN) -> str:
    """Text as it is drawn: one line of bounded length."""
    return shortened(" ".join(printable(str(text)).split()), longest)


def width_of(text: str) -> float:
    """How much room a text takes, about; letters beyond Latin are wider."""
    wide = sum(ord(letter) > 0x2E80 for letter in text)
    return LETTER * (len(text) + 0.9 * wide)


def fitting(text: str, room: float) -> str:
    """Text as it is drawn where there is so much room."""
    return one_line(text, min(LONGEST_DRAWN, max(12, int(room / LETTER))))


def laid_out(labels: Sequence[str], width: float, key: float) -> list[tuple[int, float, str]]:
    """The row of a legend that each label stands in, and where its key begins.

    Args:
        labels: in order.
        width: of the drawing.
        key: room for the sample before each label.
    """
    places, row, start = [], 0, 8.0
    for text in labels:
        room = key + width_of(text) + 16
        if start > 8 and start + room > width:
            row, start = row + 1, 8.0
        places.append((row, start, text))
        start += room
    return places


def rows_in(legend: Sequence[tuple[int, float, str]]) -> int:
    """How many rows a legend has."""
    return max((row for row, _, _ in legend), default=-1) + 1


class Drawing:
    """An SVG element that is filled piece by piece.

    Args:
        width, height: of the drawing, in pixels of the page at full size.
        words: what stands for it where it cannot be seen.
        kind: its class in the page's style.
    """

    def __init__(self, width: float, height: float, words: str, kind: str = "chart") -> None:
        size = {"viewBox": f"0 0 {width:g} {height:g}", "width": f"{width:g}"}
        described = {"class": kind, "role": "img", "aria-label": one_line(words)}
        self._root = ElementTree.Element("svg", {**size, "height": f"{height:g}", **described})

    def text(self, x: float, y: float, words: str, kind: str = "", turn: float = 0) -> None:
        """Write words: `kind` has the classes that say how they are aligned."""
        place = {"x": f"{x:.1f}", "y": f"{y:.1f}"}
        if kind:
            place["class"] = kind
        if turn:
            place["transform"] = f"rotate({turn:g} {x:.1f} {y:.1f})"
        ElementTree.SubElement(self._root, "text", place).text = one_line(words)

    def path(self, steps: str, kind: str) -> None:
        """Draw a path in the manner of its classes."""
        if steps:
            ElementTree.SubElement(self._root, "path", {"d": steps, "class": kind})

    def box(self, corner: tuple[float, float], size: tuple[float, float], kind: str) -> None:
        """Draw a rectangle."""
        place = {"x": f"{corner[0]:.1f}", "y": f"{corner[1]:.1f}", "class": kind}
        extent = {"width": f"{size[0]:.1f}", "height": f"{size[1]:.1f}"}
        ElementTree.SubElement(self._root, "rect", {**place, **extent})

    def image(self, corner: tuple[float, float], size: tuple[float, float], uri: str) -> None:
        """Place an image that is given as a data URI; its pixels are shown as they are."""
        place = {"x": f"{corner[0]:.1f}", "y": f"{corner[1]:.1f}", "class": "pixels"}
        extent = {"width": f"{size[0]:.1f}", "height": f"{size[1]:.1f}", "href": uri}
        ElementTree.SubElement(self._root, "image", {**place, **extent})

    def markup(self) -> Markup:
        """The drawing as a part of the page."""
        return Markup(ElementTree.tostring(self._root, encoding="unicode"))  # noqa: S704  (escaped by the tree)


def polyline(x: Floats, y: Floats) -> str:
    """The path through points."""
    if len(x) == 0:
        return ""
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))


def spots(x: Floats, y: Floats) -> str:
    """A spot at each point, as steps of a path with round ends; those that would be drawn on each other once."""
    places = np.unique(np.round(np.stack([x, y], axis=1)), axis=0)
    return "".join(f"M{a:g} {b:g}h.01" for a, b in places.tolist())


def segments(starts: Floats, ends: Floats) -> str:
    """Straight pieces, from (pieces, 2) to (pieces, 2)."""
    pairs = zip(starts.tolist(), ends.tolist(), strict=True)
    return "".join(f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}" for (a, b), (c, d) in pairs)


MARKERS = (
    "m-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0z",  # circle
    "m-2.9-2.9h5.8v5.8h-5.8z",  # square
    "m0-4l3.8 6.4h-7.6z",  # triangle
    "m0-4l4 4l-4 4l-4-4z",  # diamond
    "m-3.8-2.4h7.6l-3.8 6.4z",  # triangle, point down
    "m-4-1.1h2.9v-2.9h2.2v2.9h2.9v2.2h-2.9v2.9h-2.2v-2.9h-2.9z",  # cross
)


def markers(x: Sequence[float] | Floats, y: Sequence[float] | Floats, number: int) -> str:
    """A marker at each point, of another form for each series."""
    form = MARKERS[number % len(MARKERS)]
    return "".join(f"M{a:.1f} {b:.1f}{form}" for a, b in zip(x, y, strict=True))
