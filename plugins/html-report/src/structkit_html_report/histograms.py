"""How numbers are spread: histograms."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from structkit_html_report.plot import Axis, tick_words
from structkit_html_report.svg import Drawing, Floats, fitting

WIDTH, HEIGHT, TOP, LEFT = 250.0, 70.0, 6.0, 34.0
BARS = 24


def histogram(values: Floats, label: str) -> Markup:
    """A histogram of a number over rows.

    Args:
        values: finite numbers, of shape (rows).
        label: what they are, with the unit.
    """
    counts, edges = np.histogram(values, BARS)
    x = Axis(label, float(edges[0]), float(edges[-1]), room=4)
    most = max(int(counts.max()), 1)
    across, bottom = WIDTH - LEFT - 14, TOP + HEIGHT
    paper = Drawing(WIDTH, bottom + 36, f"histogram of {label}")
    for number, count in enumerate(counts.tolist()):
        high = HEIGHT * count / most
        if count:
            corner = (LEFT + across * number / BARS, bottom - high)
            paper.box(corner, (across / BARS, high), "c0 piece")
    paper.path(f"M{LEFT:.1f} {TOP:.1f}V{bottom:.1f}H{LEFT + across:.1f}", "axis")
    for tick in x.numbers:
        at = LEFT + across * float(x.share(tick))
        paper.text(at, bottom + 14, tick_words(tick), "mid")
    paper.text(LEFT - 4, TOP + 8, str(most), "end")
    paper.text(LEFT - 4, bottom, "0", "end")
    paper.text(LEFT + across / 2, bottom + 30, fitting(label, across + 30), "mid label")
    return paper.markup()
