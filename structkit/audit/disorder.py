"""Disordered structures: two glasses are alike on the average, and still no copies of each other.

In a crystal, hot or strained, other atoms of the same structure see nearly what an atom sees. In a
liquid or a glass none does. A copy of such a structure has for each atom one that sees the same;
another quench has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from structkit.audit.neighbours import Neighbours

Floats = NDArray[np.float64]
NEIGHBOURS = 24  # that an atom sees
FEWEST = 3  # of a rare species
DISORDERED = 0.026  # between an atom and the one that sees most nearly the same: docs/audit.md
COPIED = 0.5  # of that: the atoms of a copy see more nearly the same than its own do
EQUAL = 0.003  # atoms that see the same are images of each other, in a crystal or in a supercell
UNEQUAL = 16  # atoms that see different things: with fewer nothing is disordered
ASKED = 48  # atoms of a species whose like is looked for


@dataclass(frozen=True)
class Environments:
    """What the atoms of a structure see.

    Args:
        seen: by species, logarithms of sorted distances, float32 (atoms, distances).
        disorder: the median distance between what an atom sees and the nearest that another sees,
            images left out; relative. 0 for an ordered structure.
    """

    seen: Mapping[int, NDArray[np.float32]]
    disorder: float


def environments(atoms: Neighbours) -> Environments:
    """What the atoms of a structure see, and whether it is disordered."""
    species, counts = np.unique(atoms.numbers, return_counts=True)
    seen: dict[int, NDArray[np.float32]] = {}
    for own in species.tolist():
        blocks = []
        for other, count in zip(species.tolist(), counts.tolist(), strict=True):
            wanted = max(FEWEST, round(NEIGHBOURS * count / len(atoms.numbers)))
            blocks.append(np.log(atoms.nearest(own, other, wanted) / atoms.size))
        seen[own] = np.concatenate(blocks, axis=1).astype(np.float32)
    return Environments(seen, _disorder(seen))


def _disorder(seen: Mapping[int, NDArray[np.float32]]) -> float:
    unequal = 0.0
    nearest: list[float] = []
    for rows in seen.values():
        apart = _apart(rows, rows)
        images = apart < EQUAL
        unequal += len(rows) / images.sum(axis=1).mean()
        nearest += np.where(images, np.inf, apart).min(axis=1).tolist()
    known = np.array(nearest)[np.isfinite(nearest)]
    if unequal < UNEQUAL or not len(known):
        return 0.0
    median = float(np.median(known))
    return median if median > DISORDERED else 0.0


def _apart(some: NDArray[np.float32], others: NDArray[np.float32]) -> Floats:
    """Between what some atoms see and what others do, float64 (asked, others)."""
    from scipy.spatial.distance import cdist

    rows = np.unique(np.linspace(0, len(some) - 1, min(len(some), ASKED)).astype(int))
    apart: Floats = cdist(some[rows], others) / np.sqrt(max(some.shape[1], 1))
    return apart


def is_copy(one: Environments, other: Environments) -> bool:
    """Whether two structures that are alike on the average are copies: atom by atom, where one is disordered.

    Both have the same species.
    """
    disorder = [structure.disorder for structure in (one, other) if structure.disorder]
    if not disorder:
        return True
    nearest: list[float] = []
    for species, seen in one.seen.items():
        nearest += _apart(seen, other.seen[species]).min(axis=1).tolist()
    return float(np.median(nearest)) <= COPIED * min(disorder)
