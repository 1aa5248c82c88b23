"""Atoms sorted into bins, so that near ones stand beside each other in memory."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REACH = (
    1.65  # thickness of a bin in cube roots of the volume of an atom: 14 neighbours if close-packed
)
CROWDED = 8.0  # mean atoms in a bin that holds any; above it there is vacuum, and bins get smaller
STRIPE = 20_000  # atoms of a layer of bins, above which layers are cut into stripes


class Grid(NamedTuple):
    """Bins of a parallelepiped; atoms are in the order of their bins.

    Args:
        positions: float64 (atoms, 3), wrapped along periodic directions.
        fractions: float64 (atoms, 3), the same in units of the bins.
        starts: int64 (bins + 1), the first atom of each bin; the last index of a bin runs fastest.
        shape: int64 (3,), bins along each direction.
        periodic: bool (3,).
        cell: float64 (3, 3), one vector a row.
        thickness: float64 (3,), distance between the two faces of a bin.
        order: int64 (atoms,), the number that each atom came with.
    """

    positions: Floats
    fractions: Floats
    starts: Ints
    shape: Ints
    periodic: NDArray[np.bool_]
    cell: Floats
    thickness: Floats
    order: Ints


def grid_of(positions: Floats, cell: Floats, periodic: NDArray[np.bool_]) -> Grid:
    """Sort atoms into bins about as wide as the distance of the fourteenth neighbour.

    Args:
        positions: float64 (atoms, 3), anywhere: those outside of a periodic cell are wrapped.
        cell: float64 (3, 3), one vector a row; vectors of directions without period may be 0.
        periodic: bool (3,).

    Raises:
        DataError: S012, a periodic direction has no vector, or the cell no volume; S013, a position
            is no finite number.
    """
    box, fractions = _box(positions, cell, periodic)
    heights = 1 / np.linalg.norm(np.linalg.inv(box), axis=0)
    width = REACH * float(np.abs(np.linalg.det(box)) / len(positions)) ** (1 / 3)
    shape = _shape(heights, width)
    for _ in range(6):
        crowd = len(positions) / len(np.unique(_numbers(fractions, shape)))
        if crowd <= CROWDED:
            break
        width *= (CROWDED / 2 / crowd) ** (1 / 3)
        finer = _shape(heights, width)
        if finer.prod() > 8 * len(positions) + 64:
            break
        shape = finer
    return _sorted(fractions, box, periodic, shape, heights)


def _box(positions: Floats, cell: Floats, periodic: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """A parallelepiped that holds all atoms, and where they are in it, from 0 to below 1."""
    if not np.isfinite(positions).all():
        raise DataError(Problem("S013", "a position is no finite number", fix="repair the file"))
    full = _completed(cell, periodic)
    fractions = positions @ np.linalg.inv(full)
    open_ = ~periodic
    low = fractions.min(axis=0)
    spread = np.ptp(fractions, axis=0)
    heights = 1 / np.linalg.norm(np.linalg.inv(full), axis=0)
    spread = spread + np.maximum(1e-6 * spread, _margin(positions) / heights)
    fractions[:, open_] = ((fractions - low) / spread)[:, open_]
    fractions[:, periodic] -= np.floor(fractions[:, periodic])
    fractions[fractions >= 1] = 0.0  # what rounding made of the least negative number
    box = np.where(open_[:, None], full * spread[:, None], full)
    return box, fractions


def _margin(positions: Floats) -> float:
    """A little of what atoms are apart, so that a plane or a line of atoms has a volume."""
    extent = max(float(np.ptp(positions, axis=0).max()), 1.0)
    return extent / float(np.sqrt(max(len(positions), 2))) / 2


def _completed(cell: Floats, periodic: NDArray[np.bool_]) -> Floats:
    """The cell with a vector along each direction.

    Raises:
        DataError: S012.
    """
    from ase.geometry import complete_cell

    lengths = np.linalg.norm(cell, axis=1)
    if (lengths[periodic] == 0).any():
        message = "a periodic direction has a cell vector of length 0"
        raise DataError(Problem("S012", message, fix="give it a cell, or no pbc"))
    full = np.asarray(complete_cell(cell), dtype=np.float64)
    scale = np.prod(np.linalg.norm(full, axis=1))
    if abs(np.linalg.det(full)) < 1e-9 * scale:
        raise DataError(Problem("S012", "the cell vectors span no volume", fix="repair the cell"))
    return full


def _shape(heights: Floats, width: float) -> Ints:
    return np.maximum(1, np.floor(heights / width)).astype(np.int64)


def _numbers(fractions: Floats, shape: Ints) -> Ints:
    """The number of each atom's bin, int64 (atoms)."""
    places = np.minimum((fractions * shape).astype(np.int64), shape - 1)
    numbers: Ints = (places[:, 0] * shape[1] + places[:, 1]) * shape[2] + places[:, 2]
    return numbers


def _sorted(
    fractions: Floats, box: Floats, periodic: NDArray[np.bool_], shape: Ints, heights: Floats
) -> Grid:
    numbers = _numbers(fractions, shape)
    order = np.argsort(numbers, kind="stable")
    counts = np.bincount(numbers, minlength=int(shape.prod()))
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    there = fractions[order]
    return Grid(there @ box, there * shape, starts, shape, periodic, box, heights / shape, order)


def chunks_of(grid: Grid) -> list[Ints]:
    """Cut the atoms into layers of bins along the direction with most bins, each stripe after stripe.

    Returns:
        Indices into the atoms of the grid, int64 (atoms of the chunk,), each atom once.
    """
    along, across, _ = np.argsort(-grid.shape, kind="stable")
    layer = len(grid.positions) / grid.shape[along]
    stripes = int(min(np.ceil(layer / STRIPE), grid.shape[across]))
    places = np.minimum(grid.fractions.astype(np.int64), grid.shape - 1)
    together = max(1, int(STRIPE / 4 / max(layer, 1)))  # thin layers are done several at once
    layers = places[:, along] // together
    stripe = places[:, across] * stripes // grid.shape[across]
    keys = stripe * (layers.max() + 1) + layers
    order = np.argsort(keys, kind="stable")
    cuts = np.flatnonzero(np.diff(keys[order])) + 1
    return np.split(order, cuts)
