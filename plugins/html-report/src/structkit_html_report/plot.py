"""Charts with two axes: lines, markers with error bars, spots; the legend stands below and never over a curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from markupsafe import Markup
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from structkit_html_report.svg import (
    COLOURS,
    Drawing,
    Floats,
    fitting,
    laid_out,
    markers,
    one_line,
    polyline,
    rows_in,
    segments,
    spots,
    width_of,
)
from structkit_html_report.texts import LONGEST_LEGEND

WIDTH, HEIGHT = 388.0, 220.0
LINE, KEY = 16.0, 26.0  # height of a line of text; room of a sample in the legend
TOP, RIGHT = 10.0, 14.0
APART = 4.0  # between error bars at one place
MARK, MARK_APART = 26.0, 9.0  # room for the names of places above a chart; between two of them
Bools = NDArray[np.bool_]
Way = Literal["line", "markers", "both", "spots", "steps"]


@dataclass(frozen=True)
class Axis:
    """What is drawn along one side.

    Args:
        label: with the unit.
        low, high: the ends; of an axis that runs the other way, low is the larger.
        log: of a logarithmic axis, both ends above zero.
        ticks: where numbers stand; round ones unless given.
        room: how many ticks there is room for.
    """

    label: str
    low: float
    high: float
    log: bool = False
    ticks: Sequence[float] = ()
    room: int = 6

    @classmethod
    def around(cls, label: str, values: Floats, room: int = 6) -> Axis:
        """An axis that holds all values, with a margin."""
        finite = values[np.isfinite(values)]
        if len(finite) == 0:
            return cls(label, 0.0, 1.0, room=room)
        low, high = float(finite.min()), float(finite.max())
        margin = 0.05 * (high - low) or 0.5 * abs(high) or 0.5
        return cls(label, low - margin, high + margin, room=room)

    def share(self, values: Floats | float) -> Floats:
        """How far along the axis values lie: 0 at the low end, 1 at the high one."""
        ends: Floats = np.array([self.low, self.high], dtype=float)
        at: Floats = np.asarray(values, dtype=float)
        if self.log:
            ends, at = np.log10(ends), np.log10(at)
        share: Floats = (at - ends[0]) / (ends[1] - ends[0])
        return share

    @property
    def numbers(self) -> list[float]:
        """Where the ticks are."""
        if self.ticks:
            return list(self.ticks)
        low, high = sorted((self.low, self.high))
        found = MaxNLocator(self.room, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        slack = 1e-9 * (high - low)
        return [float(t) for t in found if low - slack <= t <= high + slack]


SHARE = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def share_axis(label: str) -> Axis:
    """From 0 to 1, with a little more at the ends, where many points lie."""
    return Axis(label, -0.03, 1.03, ticks=SHARE)


@dataclass(frozen=True)
class Series:
    """Points that belong together.

    Args:
        label: in the legend; none without one.
        x, y: of shape (points).
        intervals: the ends of the error bar of each point, where it has one.
        way: how they are drawn.
        colour: a number of the page's palette; -1 for what the others are held against.
        faint: which markers are hollow, for what says little.
        dashes: of its line; those of its colour unless given.
    """

    label: str
    x: Floats
    y: Floats
    intervals: Sequence[Sequence[float] | None] = ()
    way: Way = "both"
    colour: int = 0
    faint: Bools | None = None
    dashes: int | None = None

    @property
    def kind(self) -> str:
        """The class of its colour."""
        return "ref" if self.colour < 0 else f"c{self.colour % COLOURS}"


@dataclass(frozen=True)
class Plot:
    """A chart.

    Args:
        words: what it shows, as a person reads it.
        x, y: the axes.
        series: what is drawn, the first at the back.
        side: length of both axes, where they are equally long.
        height: of the upright axis, where it is another one.
        shades: of shape (parts): equal parts of the level axis are shaded by how much they speak for
            (above zero) or against something.
        marks: names of places on the level axis.
    """

    words: str
    x: Axis
    y: Axis
    series: Sequence[Series] = field(default_factory=tuple)
    side: float = 0.0
    height: float = HEIGHT
    shades: Floats | None = None
    marks: Sequence[tuple[float, str]] = ()

    def markup(self) -> Markup:
        """The chart as a part of the page."""
        return _Canvas(self).drawn()


class _Canvas:
    """Where things lie in a chart."""

    def __init__(self, plot: Plot) -> None:
        self.plot = plot
        self.y_words = [tick_words(tick) for tick in plot.y.numbers]
        self.left = 26.0 + max(map(width_of, self.y_words), default=0.0)
        self.across = plot.side or WIDTH - self.left - RIGHT
        self.down = plot.side or plot.height
        self.top = TOP + (MARK if any(name for _, name in plot.marks) else 0.0)
        self.width = self.left + self.across + RIGHT
        labels = [one_line(s.label, LONGEST_LEGEND) for s in plot.series if s.label]
        self.legend = laid_out(labels, self.width, KEY) if len(labels) > 1 else []
        height = self.top + self.down + 40 + LINE * rows_in(self.legend)
        self.paper = Drawing(self.width, height, plot.words)

    def drawn(self) -> Markup:
        """Everything, in order."""
        if self.plot.shades is not None:
            self._shades(np.asarray(self.plot.shades, dtype=float))
        self._axes()
        self._marks()
        barred = [number for number, one in enumerate(self.plot.series) if any(one.intervals)]
        for number, series in enumerate(self.plot.series):
            place = barred.index(number) - (len(barred) - 1) / 2 if number in barred else 0.0
            self._series(series, APART * place)
        self._legend()
        return self.paper.markup()

    def _shades(self, values: Floats) -> None:
        """Bands behind everything, a path for each strength; those next to nothing are left out."""
        share = values / max(float(np.abs(values).max()), 1e-300)
        strength = np.ceil(10 * np.abs(share) - 0.5).astype(int)
        wide = self.across / len(values)
        for kind, side in (("for", share > 0), ("against", share < 0)):
            for level in range(1, 11):
                parts = np.flatnonzero(side & (strength == level)).tolist()
                bands = [f"M{self.left + wide * n:.1f} {self.top:.1f}h{wide:.2f}" for n in parts]
                steps = [f"{band}v{self.down:.1f}h-{wide:.2f}z" for band in bands]
                self.paper.path("".join(steps), f"{kind} s{level}")

    def _marks(self) -> None:
        """Names of places, upright above the frame, as far apart as they can be read."""
        last = -np.inf
        for at, name in sorted(self.plot.marks):
            x = self.left + self.across * float(self.plot.x.share(at))
            if name and self.left <= x <= self.left + self.across and x - last > MARK_APART:
                last = x
                self.paper.path(f"M{x:.1f} {self.top - 4:.1f}v4", "axis")
                self.paper.text(x + 3.5, self.top - 6, name, "tiny", turn=-90)

    def _at(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return (
            self.left + self.across * self.plot.x.share(x),
            self.top + self.down * (1 - self.plot.y.share(y)),
        )

    def _axes(self) -> None:
        """Grid, ticks with their numbers, and labels."""
        x, y = self.plot.x, self.plot.y
        across, _ = self._at(np.array(x.numbers), np.full(len(x.numbers), y.low))
        _, down = self._at(np.full(len(y.numbers), x.low), np.array(y.numbers))
        right, bottom = self.left + self.across, self.top + self.down
        lines = [f"M{place:.1f} {self.top:.1f}V{bottom:.1f}" for place in across]
        lines += [f"M{self.left:.1f} {place:.1f}H{right:.1f}" for place in down]
        self.paper.path("".join(lines), "grid")
        self.paper.path(f"M{self.left:.1f} {self.top:.1f}V{bottom:.1f}H{right:.1f}", "axis")
        for place, tick in zip(across, x.numbers, strict=True):
            self.paper.text(place, bottom + 15, tick_words(tick), "mid")
        for place, text in zip(down, self.y_words, strict=True):
            self.paper.text(self.left - 6, place + 4, text, "end")
        middle, wide = self.left + self.across / 2, 2 * (RIGHT + self.across / 2)
        self.paper.text(middle, bottom + 32, fitting(x.label, wide), "mid label")
        middle = self.top + self.down / 2
        self.paper.text(12, middle, fitting(y.label, self.down + 30), "mid label", turn=-90)

    def _series(self, series: Series, shift: float) -> None:
        """One series, moved a little to the side, so that error bars do not hide each other."""
        x, y = self._at(np.asarray(series.x, float), np.asarray(series.y, float))
        x = x + shift
        seen = np.isfinite(x) & np.isfinite(y)
        kind = series.kind
        self.paper.path(self._bars(series, shift), f"{kind} bar")
        if series.way == "spots":
            self.paper.path(spots(x[seen], y[seen]), f"{kind} spots")
        if series.way == "steps":
            self.paper.path(_stairs(x[seen], y[seen]), f"{kind} line {_dash(series)}")
        if series.way in ("line", "both"):
            self.paper.path(polyline(x[seen], y[seen]), f"{kind} line {_dash(series)}")
        if series.way in ("markers", "both"):
            faint = np.zeros(len(x), dtype=bool) if series.faint is None else series.faint
            for chosen, way in ((seen & ~faint, "mark"), (seen & faint, "mark hollow")):
                drawn = markers(x[chosen], y[chosen], max(series.colour, 0))
                self.paper.path(drawn, f"{kind} {way}")

    def _bars(self, series: Series, shift: float) -> str:
        """Error bars, cut at the frame."""
        y = self.plot.y
        kept = [(at, ends) for at, ends in zip(series.x, series.intervals, strict=False) if ends]
        if not kept:
            return ""
        x = np.array([at for at, _ in kept], dtype=float)
        low = np.clip([ends[0] for _, ends in kept], y.low, y.high)
        high = np.clip([ends[1] for _, ends in kept], y.low, y.high)
        starts, ends = np.stack(self._at(x, low), 1), np.stack(self._at(x, high), 1)
        return segments(starts + [shift, 0.0], ends + [shift, 0.0])

    def _legend(self) -> None:
        named = [series for series in self.plot.series if series.label]
        for (row, start, text), series in zip(self.legend, named, strict=False):
            y = self.top + self.down + 46 + LINE * row
            kind = series.kind
            if series.way in ("line", "both", "steps"):
                self.paper.path(f"M{start:.1f} {y:.1f}h20", f"{kind} line {_dash(series)}")
            if series.way in ("markers", "both"):
                self.paper.path(markers([start + 10], [y], max(series.colour, 0)), f"{kind} mark")
            if series.way == "spots":
                self.paper.path(f"M{start + 10:.1f} {y:.1f}h.01", f"{kind} spots")
            self.paper.text(start + KEY, y + 4, text)


def _dash(series: Series) -> str:
    """Lines are told apart by their dashes too, not by colour alone."""
    if series.dashes is not None:
        return f"d{series.dashes}"
    return "" if series.colour < 0 else f"d{series.colour % 4}"


def _stairs(x: Floats, y: Floats) -> str:
    """The path of a share that grows in steps."""
    if len(x) == 0:
        return ""
    steps = "".join(f"H{a:.1f}V{b:.1f}" for a, b in zip(x[1:], y[1:], strict=True))
    return f"M{x[0]:.1f} {y[0]:.1f}{steps}"


def tick_words(tick: float) -> str:
    """The number at a tick."""
    return f"{0.0 if abs(tick) < 1e-12 else tick:.6g}".replace("-", "−")
