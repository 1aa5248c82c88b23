"""The bonds of each atom to its nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_neighbours import Pairs, pairs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TIE = 1e-6  # relative: distances that differ by less are equal, so that rounding decides nothing
GROWTH = 1.3  # of the cutoff, until every atom has its neighbours
SHELLS = 1.7  # the first cutoff, in cube roots of the volume of an atom: two shells if close-packed


@dataclass(frozen=True)
class Bonds:
    """Bonds from each atom to its nearest neighbours, sorted by atom.

    Args:
        counts: int64 (atoms), bonds of each atom: as many as asked for, or more with ties.
        neighbours: int64 (bonds), index of the atom at the other end.
        directions: float64 (bonds, 3), unit vectors.
    """

    counts: Ints
    neighbours: Ints
    directions: Floats


def nearest_bonds(atoms: Atoms, wanted: int, reach: float) -> Bonds:
    """Find the bonds of every atom to its nearest neighbours; who is as near as the last is one.

    Args:
        atoms: periodic in any directions, or in none.
        wanted: neighbours of each atom.
        reach: distance beyond which nobody is looked for, in the unit of the positions.

    Raises:
        DataError: S014, an atom has fewer neighbours within reach; S012, a periodic direction
            without a cell vector; S021, two atoms in one place.
    """
    _check_cell(atoms)
    cutoff = min(_first_cutoff(atoms), reach)
    while True:
        near = pairs(atoms, cutoff)
        limits = _distances_of(near, len(atoms), wanted) * (1 + TIE)
        if limits.max() < cutoff:
            return _bonds(atoms, near, limits)
        if cutoff >= reach:
            raise _too_few(near, len(atoms), wanted, reach)
        cutoff = min(cutoff * GROWTH, reach)


def _check_cell(atoms: Atoms) -> None:
    lengths = np.linalg.norm(np.asarray(atoms.cell[:]), axis=1)
    if (lengths[np.asarray(atoms.pbc)] == 0).any():
        message = "a periodic direction has a cell vector of length 0"
        raise DataError(Problem("S012", message, fix="give it a cell, or no pbc"))


def _first_cutoff(atoms: Atoms) -> float:
    """A distance within which an atom of a close packing has two shells of neighbours."""
    heights = 1 / np.linalg.norm(np.linalg.inv(atoms.cell.complete()[:]), axis=0)
    extents = np.ptp(atoms.positions, axis=0)
    if atoms.pbc.all():
        volume = float(atoms.cell.volume)
    else:
        volume = float(np.where(atoms.pbc, np.minimum(heights, extents + 1), extents + 1).prod())
    return float(SHELLS * (volume / len(atoms)) ** (1 / 3))


def _distances_of(near: Pairs, count: int, wanted: int) -> Floats:
    """The distance of each atom's last wanted neighbour, float64 (atoms); infinite without one."""
    order = np.lexsort((near.distances, near.first))
    counts = np.bincount(near.first, minlength=count)
    enough = counts >= wanted
    starts = np.cumsum(counts) - counts
    distances = np.full(count, np.inf)
    distances[enough] = near.distances[order][starts[enough] + wanted - 1]
    return distances


def _bonds(atoms: Atoms, near: Pairs, limits: Floats) -> Bonds:
    chosen = np.flatnonzero(near.distances <= limits[near.first])
    chosen = chosen[np.argsort(near.first[chosen], kind="stable")]
    first, second, lengths = near.first[chosen], near.second[chosen], near.distances[chosen]
    if (lengths == 0).any():
        shortest = int(np.argmin(lengths))
        message = f"atoms {first[shortest]} and {second[shortest]} are in one place"
        raise DataError(Problem("S021", message, fix="remove one"))
    between = near.shifts[chosen] @ np.asarray(atoms.cell.complete()[:])
    gaps = atoms.positions[second] + between - atoms.positions[first]
    counts = np.bincount(first, minlength=len(atoms)).astype(np.int64)
    return Bonds(counts, second, gaps / lengths[:, None])


def _too_few(near: Pairs, count: int, wanted: int, reach: float) -> DataError:
    counts = np.bincount(near.first, minlength=count)
    poorest, fewest = int(counts.argmin()), int(counts.min())
    message = f"atom {poorest} has {fewest} neighbours within {reach:g}, {wanted} are needed"
    return DataError(Problem("S014", message, fix="raise reach, or leave the structure out"))
