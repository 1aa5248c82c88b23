"""How near environments are to those of the known lattices without noise."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from structkit_local_structure.blocks import surroundings
from structkit_local_structure.making.built import HCP, HEXAGONAL_DIAMOND, SHELLS, noisy
from structkit_local_structure.making.lattices import block, deformed

LENGTHS = 72  # of the invariants, those that are lengths
ALIKE = 0.035  # root mean square of their differences, below which an environment is a known one
LOCAL = 24  # of the lengths, those before any average
PERFECT = 0.042  # root mean square of averaged lengths, below which an environment is a perfect one
RATIOS = (0.93, 1.0, 1.07)  # of c/a to the ideal one
TREMBLE = 0.02  # noise of the references, which no tie survives


@functools.cache
def references() -> NDArray[np.float32]:
    """Invariants of the known lattices, float32 (references, 72)."""
    rng = np.random.default_rng(0)
    rows = []
    for lattice in SHELLS:
        ratios = RATIOS if lattice in (HCP, HEXAGONAL_DIAMOND) else (1.0,)
        for ratio in ratios:
            built = deformed(block(lattice, np.full(3, 4.0)), np.array([1, 1, ratio]))
            positions = noisy(built.sites, TREMBLE, rng)
            for some in surroundings(positions, np.diag(built.cell), built.periodic):
                rows.append(some.features[:, :LENGTHS].mean(axis=0))
    return np.stack(rows)


def nearness(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """The distance of environments to the nearest known one; below 1 they are alike.

    Args:
        features: float32 (atoms, 120).
    """
    return _distance(features, 0) / ALIKE


def is_perfect(features: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether averaged invariants are those of a known lattice that hardly trembles, bool (atoms,).

    Local invariants are left out: which of equally near neighbours are taken changes them much.
    β-Sn, A15, C15, β-Mn, ω, perovskite and simple hexagonal are 0.05 to 0.13 away.

    Args:
        features: float32 (atoms, 120).
    """
    result: NDArray[np.bool_] = _distance(features, LOCAL) < PERFECT
    return result


def _distance(features: NDArray[np.float32], begin: int) -> NDArray[np.float32]:
    gaps = features[:, None, begin:LENGTHS] - references()[:, begin:]
    result: NDArray[np.float32] = np.sqrt((gaps**2).mean(axis=2)).min(axis=1)
    return result
