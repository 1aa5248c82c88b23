"""The one neighbour list."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ase import Atoms


@contextlib.contextmanager
def _out_of_sight(name: str) -> Iterator[None]:
    """Make a module look as if it were not installed, unless it is imported already."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # an import of it fails
    try:
        yield
    finally:
        del sys.modules[name]


with _out_of_sight("torch"):  # vesin would import it to see whether it is there
    import vesin

BINS = 8  # at most so many along the smallest height of a cell
MOST_BINS = 1000  # at most so many along its longest vector: their number must not overflow


@dataclass(frozen=True)
class Pairs:
    """Pairs of atoms, in no particular order.

    Args:
        first, second: int64 (pairs), indices of the atoms.
        shifts: int64 (pairs, 3), the cells between them: from `first` to the image of `second`.
        distances: float64 (pairs), in the unit of the positions.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    shifts: NDArray[np.int64]
    distances: NDArray[np.float64]


def pairs(atoms: Atoms, cutoff: float, each_twice: bool = True, shifts: bool = True) -> Pairs:
    """All pairs of atoms, or of an atom and a periodic image, nearer than a cutoff.

    Args:
        atoms: periodic in any directions, or in none.
        cutoff: in the unit of the positions.
        each_twice: whether a pair is given from both sides, or once.
        shifts: whether the cells between them are wanted; else none are given.
    """
    positions = np.asarray(atoms.positions, dtype=np.float64)
    if not atoms.pbc.any():
        return _open(positions, cutoff, each_twice)
    cell = np.asarray(atoms.cell.complete()[:], dtype=np.float64)
    longest = float(np.linalg.norm(cell, axis=1).max())
    reach = max(cutoff, _height(cell) / BINS, longest / MOST_BINS)
    search = vesin.NeighborList(cutoff=reach, full_list=each_twice)
    wanted = "ijdS" if shifts else "ijd"
    i, j, d, *cells = search.compute(positions, cell, periodic=atoms.pbc, quantities=wanted)
    near = d < cutoff
    between = cells[0][near].astype(np.int64) if cells else np.zeros((0, 3), dtype=np.int64)
    return Pairs(i[near].astype(np.int64), j[near].astype(np.int64), between, d[near])


def _height(cell: NDArray[np.float64]) -> float:
    """The smallest distance between two opposite faces of a cell."""
    reciprocal = np.linalg.inv(cell)
    return float(1 / np.sqrt((reciprocal**2).sum(axis=0).max()))


def _open(positions: NDArray[np.float64], cutoff: float, each_twice: bool) -> Pairs:
    from scipy.spatial import cKDTree

    couples = cKDTree(positions).query_pairs(cutoff, output_type="ndarray").astype(np.int64)
    if each_twice:
        couples = np.concatenate([couples, couples[:, ::-1]])
    gaps = positions[couples[:, 1]] - positions[couples[:, 0]]
    shifts = np.zeros((len(couples), 3), dtype=np.int64)
    return Pairs(couples[:, 0], couples[:, 1], shifts, np.linalg.norm(gaps, axis=1))
