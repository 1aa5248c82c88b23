"""Charts of scores, errors and trainings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from structkit_html_report.plot import Axis, Plot, Series, share_axis
from structkit_html_report.strip import Dot, forest
from structkit_html_report.svg import Floats

GROUPS = 20
MOST_LINES = 30  # of a chart: more are told apart by nobody
LOSSES = ("train_loss", "valid_loss")


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


def parity(truth: Floats, value: Floats, words: str, title: str) -> Markup:
    """Predictions against what is true, with the diagonal.

    Args:
        truth: numbers of shape (rows).
        value: the predicted ones.
        words: what they are, with the unit.
        title: of the figure.
    """
    both = Axis.around("", np.concatenate([truth, value]), room=5)
    x, y = (Axis(f"{way} {words}", both.low, both.high, room=5) for way in ("true", "predicted"))
    ends = np.array([both.low, both.high])
    drawn = (Series("", ends, ends, way="line", colour=-1), Series("", truth, value, way="spots"))
    return Plot(f"parity plot of {words}, {title}", x, y, drawn, side=300.0).markup()


def residuals(truth: Floats, value: Floats, words: str, unit: str, title: str) -> Markup:
    """Errors against what is true.

    Args:
        truth: numbers of shape (rows).
        value: the predicted ones.
        words: what they are, with the unit.
        unit: ` [unit]` of the errors, or nothing.
        title: of the figure.
    """
    errors = value - truth
    x = Axis.around(f"true {words}", truth)
    y = Axis.around(f"predicted − true{unit}", np.append(errors, 0.0))
    zero = Series("", np.array([x.low, x.high]), np.zeros(2), way="line", colour=-1)
    drawn = (zero, Series("", truth, errors, way="spots"))
    return Plot(f"residuals of {words}, {title}", x, y, drawn).markup()


def residuals_by_group(groups: Sequence[str], errors: Floats, unit: str, title: str) -> Markup:
    """Errors of every group, in the order of their means: what groups share, and what differs within them.

    Args:
        groups: of each row.
        errors: predicted minus true, of shape (rows).
        unit: ` [unit]` of the errors, or nothing.
        title: of the figure.
    """
    names, place = np.unique(np.array(groups, dtype=str), return_inverse=True)
    mean = np.bincount(place, errors) / np.bincount(place)
    rank = np.empty(len(names))
    rank[np.argsort(mean, kind="stable")] = np.arange(1, len(names) + 1)
    x = Axis.around("groups, in the order of their mean error", rank)
    y = Axis.around(f"predicted − true{unit}", np.append(errors, 0.0))
    zero = Series("", np.array([x.low, x.high]), np.zeros(2), way="line", colour=-1)
    rows = Series("a row", rank[place], errors, way="spots")
    means = Series("mean of a group", np.sort(rank), np.sort(mean), way="line", colour=1)
    return Plot(f"residuals by group, {title}", x, y, (zero, rows, means)).markup()


def errors_by_group(groups: Sequence[str], errors: Floats, words: str, title: str) -> Markup:
    """The errors of each of the worst groups: their mean, how far they reach, and of how many rows.

    Args:
        groups: of each row.
        errors: predicted minus true, of shape (rows).
        words: what they are, with the unit.
        title: of the figure.
    """
    worst = worst_groups(groups, errors)
    rows = []
    for name, values in worst.items():
        reach = (float(values.min()), float(values.max()))
        rows.append((f"{name} ({len(values)})", [Dot(float(values.mean()), reach)]))
    axis = Axis.around(words, np.append(np.concatenate([*worst.values(), np.zeros(0)]), 0.0))
    return forest(f"errors of the worst groups, {title}", axis, rows, reference=0.0)


def worst_groups(groups: Sequence[str], errors: Floats) -> dict[str, Floats]:
    """The errors of the groups whose mean absolute error is largest, the worst first."""
    names, place = np.unique(np.array(groups, dtype=str), return_inverse=True)
    size = np.bincount(place, np.abs(errors)) / np.bincount(place)
    order = np.argsort(-size, kind="stable")[:GROUPS].tolist()
    return {str(names[number]): errors[place == number] for number in order}


def against_setting(chart: Chart) -> Markup:
    """A score against a setting: a line for each of the other settings, intervals as error bars."""
    lines = list(chart.lines.items())[:MOST_LINES]
    series = []
    for number, (label, points) in enumerate(lines):
        x, y = np.array([p.x for p in points]), np.array([p.value for p in points])
        series.append(Series(label, x, y, [p.interval for p in points], colour=number))
    at = np.concatenate([one.x for one in series])
    words = f"{chart.words} against {chart.setting}"
    return Plot(
        words, Axis.around(chart.setting, at), _reached(chart.words, lines), series
    ).markup()


def _reached(label: str, lines: Sequence[tuple[str, Sequence[Point]]]) -> Axis:
    """The axis of scores, which holds their intervals; shares that lie high begin where they lie."""
    values = []
    for _, points in lines:
        for point in points:
            values += [point.value, *(point.interval or ())]
    return Axis.around(label, np.array(values))


def learning_curves(history: Sequence[Mapping[str, float]], loss: str = "loss") -> list[Markup]:
    """Losses, and the accuracy where there is one, against the epoch; nothing without losses.

    Args:
        history: a record an epoch.
        loss: what the losses are.
    """
    losses = [name for name in LOSSES if all(name in record for record in history)]
    if not losses:
        return []
    epochs = np.array([record.get("epoch", n) for n, record in enumerate(history, 1)], float)
    around = Axis.around("", epochs)
    x = Axis("epoch", around.low, around.high, ticks=_whole(epochs))
    values = [_column(history, name) for name in losses]
    y = Axis.around(loss, np.append(np.concatenate(values), 0.0))
    drawn = []
    for number, (name, column) in enumerate(zip(losses, values, strict=True)):
        drawn.append(Series(name.replace("_", " "), epochs, column, colour=number))
    charts = [Plot("learning curve", x, y, drawn).markup()]
    if all("valid_accuracy" in record for record in history):
        right = Series("", epochs, _column(history, "valid_accuracy"), colour=1)
        y = share_axis("accuracy of the valid part")
        charts.append(Plot("learning curve: accuracy", x, y, [right]).markup())
    return charts


def _column(history: Sequence[Mapping[str, float]], name: str) -> Floats:
    return np.array([record[name] for record in history], dtype=float)


def _whole(epochs: Floats) -> list[float]:
    """At most seven of the epochs, evenly spread."""
    every = max(1, -(-len(epochs) // 7))
    return [float(epoch) for epoch in epochs[::every]]
