"""Spectra as pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import Curve
from structkit_powder_spectra.grid import NAMES, UNITS, grid_of
from structkit_powder_spectra.naming import names

Arrays = Mapping[str, NDArray[Any]]


def picture(arrays: Arrays) -> Curve:
    """A spectrum along its axis; one without an axis along its points."""
    spectrum = np.asarray(arrays["spectrum"], float)
    if "axis" not in arrays:
        return Curve(np.arange(len(spectrum)), spectrum, "point", "intensity")
    grid = grid_of(arrays)
    height = "G(r)" if grid.axis == "r" else "intensity"
    return Curve(grid.values, spectrum, f"{NAMES[grid.axis]} [{UNITS[grid.axis]}]", height)


def map_picture(arrays: Arrays) -> Curve:
    """A spectrum with the relevance of its parts, and the planes that reflect there where they are told."""
    relevance = next(value for name, value in arrays.items() if name.startswith("relevance_"))
    marks: list[tuple[float, str]] = []
    if "line_places" in arrays:
        planes = names(arrays["line_planes"])
        marks = list(zip(arrays["line_places"].tolist(), planes, strict=True))
    return replace(picture(arrays), relevance=relevance, marks=marks)
