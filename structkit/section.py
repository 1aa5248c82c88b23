"""`Section`: what a plugin adds to the report of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Drawing(Protocol):
    """What draws itself into a file: a matplotlib `Figure`."""

    @property
    def savefig(self) -> Callable[..., Any]:
        """Draw it into a file."""


AnyFigure = Drawing | NDArray[np.uint8] | bytes
"""A drawing; pixels, uint8 of shape (height, width, 3); or the bytes of a PNG or an SVG."""


@dataclass(frozen=True)
class Section:
    """A part of the report made by a plugin. Text is escaped, and a figure becomes an image.

    Args:
        title: heading.
        paragraphs: plain text.
        header, rows: one table, if any.
        figures: (figure, caption) pairs; a figure is a matplotlib `Figure`, an array of pixels
            (uint8, height × width × 3), or the bytes of a PNG or an SVG.
    """

    title: str
    paragraphs: Sequence[str] = ()
    header: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()
    figures: Sequence[tuple[AnyFigure, str]] = ()
