"""How many pairs of atoms there are at each distance, counted without a list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from structkit_neighbours.kernel import counts_of_near, images

if TYPE_CHECKING:
    from ase import Atoms

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BOXES_PER_CUTOFF = 2  # along each axis


def distance_histogram(atoms: Atoms, cutoff: float, bins: int) -> Floats:
    """Count the distances between atoms, or an atom and a periodic image, each pair once.

    A distance is divided between the two bins whose middles it lies between: one on the edge of two
    counts half in each, whatever rounding made of it. Images are made as far as the cutoff reaches
    beyond the cell, for one of every two opposite directions; all are sorted into boxes, and each
    atom tries those around its own.

    Args:
        atoms: periodic in any directions, or in none.
        cutoff: the end of the last bin, in the unit of the positions; the first begins at 0.
        bins: of equal width.

    Returns:
        float64 (bins,).
    """
    cell = np.asarray(atoms.cell.complete()[:], dtype=np.float64)
    inverse = np.linalg.inv(cell)
    fractions = np.asarray(atoms.positions, dtype=np.float64) @ inverse
    fractions -= np.where(atoms.pbc, np.floor(fractions), 0.0)
    heights = 1 / np.linalg.norm(inverse, axis=0)
    margins = np.where(atoms.pbc, cutoff / heights, 0.0)
    points = images(fractions, cell, margins)
    boxes = _Boxes.of(points, cutoff)
    reach = int(np.ceil(cutoff / boxes.width))
    counts: Floats = counts_of_near(
        points[boxes.order], boxes.order, boxes.starts, boxes.shape, reach, len(atoms), cutoff, bins
    )
    return counts


class _Boxes(NamedTuple):
    """Points sorted into cubic boxes, of which the last index runs fastest.

    Args:
        order: int64 (points,), the points of one box after the other.
        starts: int64 (boxes + 1,), the first of each box in that order.
        shape: int64 (3,), boxes along each axis.
        width: of a box, in the unit of the points.
    """

    order: Ints
    starts: Ints
    shape: Ints
    width: float

    @classmethod
    def of(cls, points: Floats, cutoff: float) -> _Boxes:
        """Boxes of half a cutoff, or wider where most would be empty."""
        extent = np.ptp(points, axis=0)
        width = cutoff / BOXES_PER_CUTOFF
        while np.prod(extent / width + 1) > len(points):
            width *= 1.5
        places = ((points - points.min(axis=0)) / width).astype(np.int64)
        shape = places.max(axis=0) + 1
        number = (places[:, 0] * shape[1] + places[:, 1]) * shape[2] + places[:, 2]
        counts = np.bincount(number, minlength=int(shape.prod()))
        starts = np.concatenate([[0], np.cumsum(counts)])
        return cls(np.argsort(number, kind="stable"), starts, shape, width)
