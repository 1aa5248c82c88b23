"""How alike two structures are, whatever their cell, size, origin, orientation and order of atoms.

For each pair of species A and B the distances from an atom A to the nearest atoms B are sorted and
averaged over the atoms A: average minimum distances, which are continuous in the positions and do
not depend on the cell that was chosen (Widdowson, Mosca, Pulido, Cooper and Kurlin, MATCH 87, 529
(2022)). They are divided by the edge of the cube that has an atom's volume, so that size is no
difference.

A strain, or heat, spreads distances that were equal. So each structure is also described with its
distances smeared, and two structures are as far apart as the nearest of their descriptions: then
a strained or shaken copy is near its original, while another stacking of the same layers is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from structkit.audit.disorder import Environments, environments
from structkit.audit.neighbours import Neighbours
from structkit.data.columns import Array

Floats = NDArray[np.float64]
NEIGHBOURS = 60  # of all species together: enough to tell fcc, hcp and dhcp apart
FEWEST = 3  # of a rare species
SMEARS = (0.0, 0.01, 0.02, 0.03, 0.045, 0.06)  # standard deviations of a distance, in units of it
POINTS = 9  # that stand for a smeared distance
BEYOND = 1.35  # so many more neighbours are looked at, as smearing brings some nearer
# Below these, at each smear, two structures are copies: measured on planted copies, docs/audit.md.
LIMITS = (0.009, 0.0115, 0.0135, 0.0135, 0.0125, 0.0115)


@dataclass(frozen=True)
class Fingerprint:
    """Of one structure.

    Args:
        family: what two structures must share to be compared at all: species, their shares, and how
            many distances there are.
        smeared: logarithms of the mean distances, float32 (smears, distances), in units of an
            atom's size.
        environments: what its atoms see.
    """

    family: str
    smeared: NDArray[np.float32]
    environments: Environments


def fingerprint(structure: Mapping[str, Array]) -> Fingerprint:
    """The fingerprint of a structure.

    Args:
        structure: `numbers` (atoms), `positions` (atoms, 3), `cell` (3, 3) and `pbc` (3).
    """
    numbers = np.asarray(structure["numbers"])
    atoms = Neighbours(numbers, structure["positions"], structure["cell"], structure["pbc"])
    species, counts = np.unique(numbers, return_counts=True)
    shares = counts // np.gcd.reduce(counts)
    blocks = []
    for other, count in zip(species, counts, strict=True):
        wanted = max(FEWEST, round(NEIGHBOURS * count / len(numbers)))
        for own in species:
            rows = atoms.nearest(own, other, round(BEYOND * wanted) + 1)
            blocks.append(_smeared(rows / atoms.size, wanted))
    lengths = [block.shape[1] for block in blocks]
    words = [f"{s}:{share}" for s, share in zip(species, shares, strict=True)]
    family = f"{' '.join(words)} / {' '.join(map(str, lengths))}"
    smeared = np.concatenate(blocks, axis=1).astype(np.float32)
    return Fingerprint(family, smeared, environments(atoms))


def distances(one: NDArray[np.float32], others: NDArray[np.float32]) -> Floats:
    """How far a structure is from others of its family, float64 (others): copies are at most 1 apart.

    It is the root mean square of the relative differences of mean distances, in units of what a
    strain of three per cent or displacements of 0.05 Å make of it.

    Args:
        one: a fingerprint's `smeared`.
        others: (others, smears, distances).
    """
    blurred_one = np.square(one[None] - others[:, :1]).mean(axis=2)
    blurred_others = np.square(others - one[None, :1]).mean(axis=2)
    apart = np.sqrt(np.minimum(blurred_one, blurred_others).astype(np.float64))
    nearest: Floats = (apart / np.array(LIMITS)).min(axis=1)
    return nearest


@cache
def _quantiles() -> Floats:
    """Of the normal distribution, as many as stand for a smeared distance."""
    from scipy.special import ndtri

    points: Floats = ndtri((np.arange(POINTS) + 0.5) / POINTS)
    return points


def _smeared(rows: Floats, wanted: int) -> Floats:
    """Logarithms of mean distances, (smears, wanted) or fewer where a finite structure has no more."""
    atoms, known = rows.shape
    count = min(wanted, known)
    means = []
    for smear in SMEARS if count else ():
        spread = rows[:, :, None] * (1 + smear * _quantiles())
        ordered = np.sort(spread.reshape(atoms, -1), axis=1)[:, : count * POINTS]
        means.append(ordered.reshape(atoms, count, POINTS).mean(axis=(0, 2)))
    return np.log(np.array(means)) if means else np.zeros((len(SMEARS), 0))
