"""A whole crystal as one vector: what the surroundings of its atoms are on the average."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit.library import configured, descriptor
from structkit_local_structure.blocks import Surroundings, surroundings
from structkit_local_structure.levels import FEATURES, LENGTHS
from structkit_local_structure.ring import DEGREES, HARMONICS, SIZE
from structkit_local_structure.settings import AverageSettings

SETS = (4, 12, 14)  # nearest neighbours
Floats = NDArray[np.float64]


@descriptor
class EnvironmentAverages:
    """Means over all atoms of the invariants of their surroundings, and what all bonds have in common.

    The 267 numbers are, in order:

    * the means of the 120 invariants of `local-environments` (120), and their standard deviations
      (120);
    * |Q_l| as there, of Q_lm, the mean of the harmonics of all bonds of the structure: to 4, 12,
      14 neighbours, l = 1 … 8 each (24). Noise averages out of these, so that they tell a small
      strain; in a powder of grains they vanish;
    * by how much the share of neighbours of another species, among 4, 12, 14, is above that of
      atoms dealt out at random (3): 0 in an element.

    No number changes when the structure is scaled, moved, turned, mirrored or repeated. A mean
    says nothing of where in a sample something is: half of each of two crystals is a crystal in
    between.

    Source: P. J. Steinhardt, D. R. Nelson, M. Ronchetti, Physical Review B 28, 784 (1983); order
    of species: J. M. Cowley, Physical Review 77, 669 (1950).

    Args:
        settings: none.

    Examples:
        >>> from ase.build import bulk
        >>> from structkit_local_structure import EnvironmentAverages
        >>> EnvironmentAverages()(bulk("Cu", cubic=True).repeat(3))["vector"].shape
        (267,)
    """

    @configured(AverageSettings)
    def __init__(self, settings: AverageSettings) -> None:
        self.settings = settings

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.float32]]:
        """`vector`: float32 (267,).

        Raises:
            DataError: S012, no cell along a period; S014, an atom has fewer than 14 neighbours;
                S021, two atoms in one place.
        """
        first, second, harmonics, unlike = (
            np.zeros(size) for size in (FEATURES, FEATURES, SIZE, len(SETS))
        )
        for some in _surroundings(atoms):
            features = some.features.astype(np.float64)
            first += features.sum(axis=0)
            second += (features**2).sum(axis=0)
            harmonics += some.averaged().sum(axis=0, dtype=np.float64)
            unlike += _unlike(some, atoms.numbers)
        first, second, harmonics, unlike = (
            total / len(atoms) for total in (first, second, harmonics, unlike)
        )
        spread = np.sqrt(np.maximum(second - first**2, 0))
        order = unlike - _at_random(atoms.numbers)
        parts = [first, spread, lengths(harmonics), order]
        return {"vector": np.concatenate(parts).astype(np.float32)}


def _surroundings(atoms: Atoms) -> Iterator[Surroundings]:
    cell = np.asarray(atoms.cell[:], dtype=np.float64)
    return surroundings(atoms.positions, cell, np.asarray(atoms.pbc))


def lengths(harmonics: Floats) -> Floats:
    """The invariants |Q_l|, float64 (24,), of sums of harmonics, float64 (240,)."""
    result = np.empty(LENGTHS)
    for number in range(len(SETS)):
        for degree in range(1, DEGREES + 1):
            begin = number * HARMONICS + degree * degree - 1
            square = (harmonics[begin : begin + 2 * degree + 1] ** 2).sum()
            result[number * DEGREES + degree - 1] = np.sqrt(4 * np.pi / (2 * degree + 1) * square)
    return result


def _unlike(some: Surroundings, numbers: NDArray[np.int64]) -> Floats:
    """The share of neighbours of another species, summed over some atoms, float64 (3,)."""
    different = numbers[some.neighbours] != numbers[some.atoms][:, None]
    return np.array([different[:, :count].mean(axis=1).sum() for count in SETS])


def _at_random(numbers: NDArray[np.int64]) -> float:
    """The share of unlike pairs where species are dealt out at random."""
    _, counts = np.unique(numbers, return_counts=True)
    return float(1 - ((counts / len(numbers)) ** 2).sum())
