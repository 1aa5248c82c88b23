"""What the picture of a row may be: bare pixels, pixels with scales, or a curve with its axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Scale:
    """What lies along a side of a picture, or along its colours.

    Args:
        label: with the unit: `2θ [°]`.
        low, high: at the outer edges of the first and of the last pixel; from left to right, from
            below upwards.
        colours: of a scale of colours, as `#rrggbb`, evenly spaced from `low` to `high`.
    """

    label: str
    low: float
    high: float
    colours: Sequence[str] = ()


@dataclass(frozen=True)
class Picture:
    """Pixels, and what they mean.

    Args:
        pixels: uint8 (height, width, 3), the uppermost row first.
        x, y: along the sides.
        colours: where colours stand for numbers.
        key: where colours stand for things: `{"vacancy": "#ff3c3c"}`.
    """

    pixels: NDArray[np.uint8]
    x: Scale | None = None
    y: Scale | None = None
    colours: Scale | None = None
    key: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Curve:
    """Numbers along an axis.

    Args:
        x: of shape (points).
        y: of shape (points), or (curves, points) with `names`.
        x_label, y_label: with their units.
        names: of several curves.
        relevance: of shape (parts): the axis in equal parts, and how much each speaks for (above
            zero) or against the prediction.
        marks: places on the axis with their names, such as the planes that reflect there.
    """

    x: NDArray[Any]
    y: NDArray[Any]
    x_label: str
    y_label: str
    names: Sequence[str] = ()
    relevance: NDArray[Any] | None = None
    marks: Sequence[tuple[float, str]] = ()


Drawn = Picture | Curve | NDArray[np.uint8]
"""A picture with scales, a curve, or bare pixels: uint8 (height, width, 3)."""
