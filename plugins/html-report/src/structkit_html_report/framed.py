"""Pixels between axes, and curves of components: what a declared picture becomes on the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from structkit.pictures import Curve, Drawn, Picture, Scale
from structkit_html_report.figures import heat_pixels
from structkit_html_report.images import data_uri, pixels_as_png
from structkit_html_report.pictured import ColourBar, Pictured
from structkit_html_report.plot import Axis, Plot, Series, tick_words
from structkit_html_report.svg import Drawing, Floats, fitting, width_of

SIDE = 132.0  # of the longer side of the pixels
TICKS = 3  # room for so many numbers along a side
MOST_POINTS = 700  # of a curve
CURVE_HEIGHT = 130.0


def shown_picture(step: str, drawn: Drawn) -> Pictured:
    """What a component drew of a row, with its scales.

    Args:
        step: the caption.
        drawn: pixels, a picture or a curve.

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(drawn, Curve):
        return Pictured(step, curve_plot(drawn, step), bar=_relevance_bar(drawn), kind="curve")
    if not isinstance(drawn, Picture):
        return Pictured(step, pixels_as_png(drawn))
    bar = _bar(drawn.colours) if drawn.colours else None
    if drawn.x is None and drawn.y is None:
        return Pictured(step, pixels_as_png(drawn.pixels), bar=bar, key=drawn.key)
    png = pixels_as_png(drawn.pixels)
    image = framed(png, drawn.pixels.shape[:2], drawn.x, drawn.y, step)
    return Pictured(step, image, bar=bar, key=drawn.key, kind="framed")


def heat_map(caption: str, values: NDArray[Any], axes: Sequence[str]) -> Pictured:
    """A map of relevance, between the axes that its explainer names.

    Args:
        caption: below it.
        values: of shape (down, across).
        axes: what lies across and down; nothing for a map that lies as the input's picture does.
    """
    top = f"{float(np.abs(values).max()):.2g}"
    bar = ColourBar.of("relevance", (f"−{top}", "0", top), "RdBu_r")
    pixels = heat_pixels(values)
    if len(axes) != 2:
        return Pictured(caption, pixels_as_png(pixels), bar=bar)
    x = Scale(axes[0], 0.5, values.shape[1] + 0.5)
    y = Scale(axes[1], values.shape[0] + 0.5, 0.5)
    image = framed(pixels_as_png(pixels), pixels.shape[:2], x, y, caption)
    return Pictured(caption, image, bar=bar, kind="framed")


def _bar(scale: Scale) -> ColourBar:
    middle = (scale.low + scale.high) / 2
    ends = [f"{value:.3g}".replace("-", "−") for value in (scale.low, middle, scale.high)]
    return ColourBar(scale.label, ends, scale.colours)


def _relevance_bar(curve: Curve) -> ColourBar | None:
    if curve.relevance is None:
        return None
    return ColourBar(
        "relevance, of the largest", ("−1", "0", "1"), ("#2166ac", "#f7f7f7", "#b2182b")
    )


def framed(
    png: bytes, shape: tuple[int, ...], x: Scale | None, y: Scale | None, words: str
) -> Markup:
    """A picture between its axes.

    Args:
        png: the pixels.
        shape: (height, width) of them.
        x: along its lower side.
        y: along its left side.
        words: what it shows.
    """
    scale = SIDE / max(shape)
    high, wide = scale * shape[0], scale * shape[1]
    across, down = _axis(x), _axis(y)
    written = [tick_words(tick) for tick in down.numbers] if down else []
    left = 22.0 + max(map(width_of, written)) if written else 2.0
    paper = Drawing(left + wide + 12, 6 + high + (34 if across else 4), words, "chart framed")
    paper.image((left, 6), (wide, high), data_uri(png))
    if across:
        _write_below(paper, across, lambda share: left + wide * share, 6 + high)
    if down:
        middle = 6 + high / 2
        for tick, text in zip(down.numbers, written, strict=True):
            at = 6 + high * (1 - float(down.share(tick)))
            paper.path(f"M{left - 3:.1f} {at:.1f}h3", "axis")
            paper.text(left - 5, at + 4, text, "end")
        paper.text(11, middle, fitting(down.label, high + 30), "mid label", turn=-90)
    return paper.markup()


def _axis(scale: Scale | None) -> Axis | None:
    if scale is None or scale.low == scale.high:
        return None  # nothing lies along a side without extent
    return Axis(scale.label, scale.low, scale.high, room=TICKS)


def _write_below(
    paper: Drawing, axis: Axis, place: Callable[[float], float], bottom: float
) -> None:
    """Ticks, their numbers and the label below a picture."""
    for tick in axis.numbers:
        at = place(float(axis.share(tick)))
        paper.path(f"M{at:.1f} {bottom:.1f}v3", "axis")
        paper.text(at, bottom + 14, tick_words(tick), "mid")
    paper.text(
        place(0.5), bottom + 29, fitting(axis.label, place(1.0) - place(0.0) + 30), "mid label"
    )


def curve_plot(curve: Curve, words: str) -> Markup:
    """A curve with its axes, the relevance of its parts behind it and names of places above it."""
    x, lines = np.asarray(curve.x, float), np.atleast_2d(np.asarray(curve.y, float))
    names = curve.names or [""] * len(lines)
    series = []
    for number, (name, line) in enumerate(zip(names, lines, strict=True)):
        kept = _outline(line)
        series.append(Series(name, x[kept], line[kept], way="line", colour=number))
    across = Axis(curve.x_label, float(x.min()), float(x.max()), room=6)
    if across.low == across.high:
        across = Axis.around(curve.x_label, x)
    down = Axis.around(curve.y_label, lines, room=3)
    return Plot(
        words, across, down, series, height=CURVE_HEIGHT, shades=curve.relevance, marks=curve.marks
    ).markup()


def _outline(line: Floats) -> NDArray[np.intp]:
    """Which points are drawn: all of a short curve; of a long one the lowest and highest of each stretch."""
    if len(line) <= MOST_POINTS:
        return np.arange(len(line))
    kept: list[int] = []
    for part in np.array_split(np.arange(len(line)), MOST_POINTS // 2):
        kept += {int(part[np.argmin(line[part])]), int(part[np.argmax(line[part])])}
    return np.array(sorted(kept), dtype=np.intp)
