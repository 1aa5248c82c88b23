"""Charts of scores and errors, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from structkit_html_report.figures import BLUE, INK, plain
from structkit_html_report.images import drawing_as_svg
from structkit_html_report.texts import LONGEST_TICK

Floats = NDArray[np.float64]
GROUPS = 20
MOST_LINES = 30  # of a chart: more are told apart by nobody
PALE = "#c8d0d8"


@dataclass(frozen=True)
class Point:
    """A score at one value of a setting, with its interval."""

    x: float
    value: float
    interval: Sequence[float] | None


@dataclass(frozen=True)
class Chart:
    """A score against a setting.

    Args:
        setting: `step.setting`.
        words: the score, with its unit.
        lines: points in the order of the setting, by what else was varied.
    """

    setting: str
    words: str
    lines: Mapping[str, Sequence[Point]]


def parity(truth: Floats, value: Floats, words: str, title: str) -> bytes:
    """Predictions against what is true, with the diagonal.

    Args:
        truth: numbers of shape (rows).
        value: the predicted ones.
        words: what they are, with the unit.
        title: of the figure.
    """
    figure = Figure(figsize=(3.6, 3.6), layout="constrained")
    axis = figure.subplots()
    both = np.concatenate([truth, value])
    margin = 0.04 * (float(np.ptp(both)) or 1.0)
    ends = [float(both.min()) - margin, float(both.max()) + margin]
    axis.plot(ends, ends, color=PALE, lw=1, zorder=0)
    axis.plot(truth, value, "o", color=BLUE, ms=4, alpha=0.6, mew=0, rasterized=len(truth) > 5000)
    axis.set(xlim=ends, ylim=ends, aspect="equal")
    axis.set(xlabel=plain(f"true {words}"), ylabel=plain(f"predicted {words}"))
    axis.set_title(plain(title), fontsize=10)
    return drawing_as_svg(figure)


def residuals(groups: Sequence[str], errors: Floats, words: str, title: str) -> bytes:
    """The errors of each of the worst groups, a line a group, the worst on top.

    Args:
        groups: of each row.
        errors: predicted minus true, of shape (rows).
        words: what they are, with the unit.
        title: of the figure.
    """
    worst = worst_groups(groups, errors)
    figure = Figure(figsize=(5.2, 1.1 + 0.22 * len(worst)), layout="constrained")
    axis = figure.subplots()
    axis.axvline(0, color=PALE, lw=1, zorder=0)
    for place, values in enumerate(worst.values()):
        axis.plot(values, np.full(len(values), place), "o", color=BLUE, ms=4, alpha=0.6, mew=0)
        axis.plot(values.mean(), place, "|", color=INK, ms=11)
    axis.set_yticks(range(len(worst)), [plain(name, LONGEST_TICK) for name in worst], fontsize=8)
    axis.set(xlabel=plain(words), ylim=(len(worst) - 0.5, -0.5))
    axis.set_title(plain(f"{title}, worst groups"), fontsize=10)
    return drawing_as_svg(figure)


def worst_groups(groups: Sequence[str], errors: Floats) -> dict[str, Floats]:
    """The errors of the groups whose mean absolute error is largest, the worst first."""
    names, place = np.unique(np.array(groups, dtype=str), return_inverse=True)
    size = np.bincount(place, np.abs(errors)) / np.bincount(place)
    order = np.argsort(-size, kind="stable")[:GROUPS].tolist()
    return {str(names[number]): errors[place == number] for number in order}


def against_setting(chart: Chart) -> bytes:
    """A score against a setting: a line for each of the other settings, intervals as error bars."""
    figure = Figure(figsize=(5.2, 3.0), layout="constrained")
    axis = figure.subplots()
    for label, points in list(chart.lines.items())[:MOST_LINES]:
        values = [point.value for point in points]
        style: dict[str, Any] = {
            "ms": 4,
            "lw": 1.2,
            "capsize": 2,
            "label": plain(label, LONGEST_TICK),
        }
        axis.errorbar([point.x for point in points], values, _bars(points), fmt="o-", **style)
    axis.set(xlabel=plain(chart.setting), ylabel=plain(chart.words))
    axis.xaxis.set_major_locator(MaxNLocator(5))
    if len(chart.lines) > 1:
        axis.legend(frameon=False, fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    return drawing_as_svg(figure)


def _bars(points: Sequence[Point]) -> Floats:
    """How far the intervals reach down and up, of shape (2, points)."""
    bars = np.zeros((2, len(points)))
    for place, point in enumerate(points):
        if point.interval:
            low, high = point.interval
            bars[:, place] = point.value - low, high - point.value
    return np.maximum(bars, 0)
