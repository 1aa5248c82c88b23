"""What the report draws of explanations: deletion curves, maps with their scale, rows of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib import colormaps
from numpy.typing import NDArray

from structkit.evaluation.faithfulness import Order, curves
from structkit_html_report.plot import Axis, Plot, Series, share_axis
from structkit_html_report.structures import structure_picture

__all__ = ["deletion_curves", "heat_pixels", "structure_picture", "vector_picture"]
MOST_POINTS = 600  # of a small curve
DASHES = {"relevance": 0, "random_weights": 2, "random": 3, "strongest": 1}
GREY = 5  # the colour of what is no method's


def heat_pixels(values: NDArray[Any]) -> NDArray[np.uint8]:
    """One number a pixel: white for none, red for what speaks for the class, blue for what speaks against it.

    A row each of a few atoms is drawn high enough to be seen.
    """
    top = float(np.abs(values).max()) or 1.0
    values = np.repeat(values, max(1, values.shape[1] // (2 * len(values))), axis=0)
    shades = colormaps["RdBu_r"](0.5 + 0.5 * np.asarray(values) / top)[..., :3]
    return np.asarray(255 * shades, dtype=np.uint8)


def deletion_curves(record: Mapping[str, Any], title: str) -> Markup:
    """Mean probability against the deleted fraction: methods in colour, random orders and others beside them."""
    shares = 100 * np.array(record["fractions"], dtype=float)
    x = Axis("deleted, % of what is there", shares.min() / 1.1, shares.max() * 1.1, True)
    x = Axis(x.label, x.low, x.high, True, ticks=_apart(shares))
    ends = np.array([x.low, x.high])
    drawn = [Series("nothing deleted", ends, np.full(2, record["intact"]), way="line", colour=-1)]
    colours = {method: number for number, method in enumerate(record["methods"])}
    for curve in curves(record):
        values, order = np.array(curve.probability, dtype=float), curve.order
        colour, dashes = colours.get(order.method or "", GREY), DASHES[order.by]
        line = Series(_label(order), shares, values, (), "line", colour, dashes=dashes)
        drawn.append(line)
    return Plot(f"deletion curves, {title}", x, share_axis("mean probability"), drawn).markup()


def _apart(shares: NDArray[np.float64]) -> list[float]:
    """Ticks far enough apart on a logarithmic axis for their numbers."""
    kept: list[float] = []
    for share in sorted(shares.tolist()):
        if not kept or share > 1.6 * kept[-1]:
            kept.append(share)
    return kept


def _label(order: Order) -> str:
    method = (order.method or "").replace("_", " ")
    labels = {
        "relevance": method,
        "random_weights": f"{method}, random weights",
        "random": "random order",
        "strongest": "strongest first",
    }
    return labels[order.by]


def vector_picture(values: NDArray[Any]) -> Markup:
    """A row of numbers as a curve, for what has no picture of its own."""
    numbers = np.asarray(values, dtype=float)
    every = max(1, len(numbers) // MOST_POINTS)
    places = np.arange(len(numbers), dtype=float)
    x = Axis.around("number in the row", places, room=4)
    drawn = Series("", places[::every], numbers[::every], way="line")
    return Plot("row of numbers", x, Axis.around("value", numbers, room=4), [drawn]).markup()
