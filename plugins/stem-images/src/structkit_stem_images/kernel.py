"""The two loops over atoms and pixels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from structkit.compiling import compiled


@compiled(nogil=True)
def add_gaussians(
    image: Any, across: Any, down: Any, heights: Any, width: float, reach: float
) -> None:
    """Add height · exp(−r²/2 width²) for every atom to an image (rows, columns), up to a distance of `reach`.

    Args:
        image: float64, is added to.
        across: places of the atoms along the columns, in pixels.
        down: the same along the rows.
        heights: of the Gaussians.
        width: their standard deviation, in pixels.
        reach: in pixels.
    """
    rows, columns = image.shape
    half = int(math.ceil(reach))
    along = np.empty(2 * half + 2)
    for atom in range(len(heights)):
        left = max(0, int(math.ceil(across[atom] - reach)))
        right = min(columns - 1, int(math.floor(across[atom] + reach)))
        top = max(0, int(math.ceil(down[atom] - reach)))
        bottom = min(rows - 1, int(math.floor(down[atom] + reach)))
        for column in range(left, right + 1):
            away = (column - across[atom]) / width
            along[column - left] = math.exp(-0.5 * away * away)
        for row in range(top, bottom + 1):
            away = (row - down[atom]) / width
            height = heights[atom] * math.exp(-0.5 * away * away)
            for column in range(left, right + 1):
                image[row, column] += height * along[column - left]


@compiled(nogil=True)
def paint_discs(marks: Any, across: Any, down: Any, classes: Any, radius: float) -> None:
    """Write the class of each site to the pixels within `radius` of it; a later site paints over an earlier one.

    Args:
        marks: whole numbers (rows, columns), are written to.
        across: places of the sites along the columns, in pixels.
        down: the same along the rows.
        classes: of the sites.
        radius: in pixels.
    """
    rows, columns = marks.shape
    for site in range(len(classes)):
        for row in range(
            max(0, int(math.ceil(down[site] - radius))),
            min(rows - 1, int(math.floor(down[site] + radius))) + 1,
        ):
            for column in range(
                max(0, int(math.ceil(across[site] - radius))),
                min(columns - 1, int(math.floor(across[site] + radius))) + 1,
            ):
                away = (column - across[site]) ** 2 + (row - down[site]) ** 2
                if away <= radius * radius:
                    marks[row, column] = classes[site]
