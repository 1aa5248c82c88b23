"""The pair distances of a structure, each pair once, by the elements that they join."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_neighbours import pairs
from structkit_powder_spectra.waves import Floats

if TYPE_CHECKING:
    from ase import Atoms

MOST = 40_000_000  # pairs of one structure


@dataclass(frozen=True)
class Distances:
    """Pair distances.

    Args:
        elements: atomic numbers, growing.
        counts: atoms of each element.
        distances: in Å, of each pair once, (pairs,).
        joined: place of the pair's elements in a table (elements, elements), flattened, (pairs,).
        density: atoms in Å⁻³ of a periodic structure; 0 of a cluster.
    """

    elements: list[int]
    counts: Floats
    distances: Floats
    joined: NDArray[np.int64]
    density: float

    @property
    def atoms(self) -> int:
        """How many there are."""
        return int(self.counts.sum())

    def products(self, factors: Floats) -> Floats:
        """What the elements of each kind of pair scatter together, (elements², values)."""
        both = factors[:, None] * factors[None]
        return both.reshape(len(factors) ** 2, -1)

    def mean(self, factors: Floats) -> Floats:
        """What an atom scatters on average, (values,)."""
        return np.asarray(self.counts @ factors / self.atoms)


def distances_of(atoms: Atoms, reach: float) -> Distances:
    """The pair distances of a periodic structure up to a reach, or all of a cluster.

    Raises:
        DataError: S011, periodic in some directions only; S021, atoms in one place; X026, too many
            pairs.
    """
    periodic = bool(atoms.pbc.all())
    if not periodic and atoms.pbc.any():
        message = "periodic in some directions only"
        fix = "make it periodic in three, or a cluster without a cell"
        raise DataError(Problem("S011", message, fix=fix))
    if periodic and abs(atoms.cell.volume) < 1e-6:
        raise DataError(Problem("S012", "a cell without a volume", fix="mend the cell"))
    density = len(atoms) / abs(atoms.cell.volume) if periodic else 0.0
    _check_size(len(atoms), density, reach)
    far = reach if periodic else 2 * _radius(atoms) + 1.0
    bonds = pairs(atoms, far, each_twice=False, shifts=False)
    if len(bonds.distances) and bonds.distances.min() < 1e-3:
        raise DataError(Problem("S021", "two atoms in one place", fix="mend the structure"))
    elements, place = np.unique(atoms.numbers, return_inverse=True)
    joined = place[bonds.first] * len(elements) + place[bonds.second]
    counts = np.bincount(place).astype(float)
    return Distances(elements.tolist(), counts, bonds.distances, joined, density)


def _radius(atoms: Atoms) -> float:
    middle = atoms.positions.mean(axis=0)
    return float(np.linalg.norm(atoms.positions - middle, axis=1).max())


def _check_size(count: int, density: float, reach: float) -> None:
    expected = count / 2 * density * 4 / 3 * np.pi * reach**3 if density else count**2 / 2
    if expected > MOST:
        message = f"about {expected:.0f} pairs, {MOST} can be computed"
        raise DataError(Problem("X026", message, fix="lower reach, or give a smaller structure"))
