"""Intervals around numbers in the report: each beside its truth, and how often they hold it along the number."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from structkit.data.table import Table
from structkit.evaluation.intervals import share_interval
from structkit.evaluation.verdict import INTERVAL
from structkit_html_report.plot import Axis, Plot, Series, share_axis
from structkit_html_report.svg import Floats
from structkit_html_report.trusted import Trusted
from structkit_html_report.view import Figure

FIFTHS = 5
MOST_BARS = 150  # intervals that are drawn: more hide each other


def interval_figures(trusted: Trusted, origins: list[str]) -> Iterator[Figure]:
    """Of each origin, intervals against the truth; of all together, the coverage along the number."""
    drawn, truths = [], []
    for number, origin in enumerate(origins):
        table = trusted.rows(origin)
        if INTERVAL not in table.arrays:
            continue
        truth = table.target(trusted.first["target"])
        known = np.flatnonzero(np.isfinite(truth))
        if len(known) < FIFTHS:
            continue
        table, truth = table.select(known), truth[known]
        ends = table.stack(INTERVAL).astype(float)
        yield _against_truth(trusted, origin, truth, ends)
        drawn.append(_along(origin, number, table, truth, ends))
        truths.append(truth)
    if drawn:
        yield _coverage(trusted, drawn, np.concatenate(truths))


def _words(trusted: Trusted) -> str:
    unit = f" [{trusted.unit}]" if trusted.unit else ""
    return f"{trusted.first['target']}{unit}"


def _against_truth(trusted: Trusted, origin: str, truth: Floats, ends: Floats) -> Figure:
    """Intervals as bars above their truth, with the diagonal; those that miss it in another colour."""
    order = np.argsort(truth, kind="stable")
    kept = order[np.unique(np.linspace(0, len(order) - 1, MOST_BARS).astype(int))]
    truth, ends = truth[kept], ends[kept]
    inside = (ends[:, 0] <= truth) & (truth <= ends[:, 1])
    both = Axis.around("", np.concatenate([truth, ends.ravel()]), room=5)
    line = np.array([both.low, both.high])
    series = [Series("", line, line, way="line", colour=-1)]
    for words, chosen, colour in (("holds the truth", inside, 0), ("misses it", ~inside, 1)):
        bars = [tuple(pair) for pair in ends[chosen].tolist()]
        middle = ends[chosen].mean(axis=1)
        series.append(Series(words, truth[chosen], middle, bars, "markers", colour))
    name = _words(trusted)
    x, y = (Axis(f"{way} {name}", both.low, both.high, room=5) for way in ("true", "interval of"))
    plot = Plot(f"intervals of {name}, {origin} · test", x, y, series, side=300.0)
    few = f" · {len(kept)} of {len(order)}, evenly taken" if len(kept) < len(order) else ""
    return plot.markup(), f"intervals · {origin} · test{few}"


def _along(origin: str, number: int, table: Table, truth: Floats, ends: Floats) -> Series:
    """The coverage in fifths of the rows, from the smallest number to the largest."""
    inside = ((ends[:, 0] <= truth) & (truth <= ends[:, 1])).astype(float)
    groups = np.array(table.groups, dtype=object)
    middles, shares, intervals = [], [], []
    for part in np.array_split(np.argsort(truth, kind="stable"), FIFTHS):
        middles.append(float(np.median(truth[part])))
        shares.append(float(inside[part].mean()))
        intervals.append(share_interval(inside[part], groups[part].tolist()))
    return Series(origin, np.array(middles), np.array(shares), intervals, colour=number)


def _coverage(trusted: Trusted, drawn: list[Series], truth: Floats) -> Figure:
    name = _words(trusted)
    x, y = Axis.around(f"true {name}", truth), share_axis("intervals that hold the truth")
    promised = trusted.promise("coverage")
    if promised is not None:
        ends = np.array([x.low, x.high])
        level = Series("promised", ends, np.full(2, promised), way="line", colour=-1)
        drawn = [level, *drawn]
    plot = Plot(f"coverage along {name}", x, y, drawn)
    return plot.markup(), "coverage along the number, in fifths of the rows · test"
