"""A short molecular dynamics of pairs, for melts and glasses: reduced units, rectangular boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from structkit_local_structure.ring import compiled

Floats = NDArray[np.float64]

CUTOFF = 2.5
SKIN = 0.4
EVERY = 12  # steps between two lists of pairs
STEP = 0.004
FRICTION = 1.0
HARDEST = 60.0  # the largest force of a pair; atoms that start on top of each other stay in reach


@dataclass(frozen=True)
class Potential:
    """u(r) = 4 (repulsion · r^-power - attraction · r^-6), in units of the atom's diameter."""

    power: int
    attraction: float


@compiled
def _forces(
    positions: Floats,
    box: Floats,
    pairs: NDArray[np.int64],
    power: int,
    attraction: float,
    forces: Floats,
) -> None:
    forces[:] = 0
    for p in range(len(pairs)):
        i, j = pairs[p, 0], pairs[p, 1]
        gap = np.empty(3)
        square = 0.0
        for d in range(3):
            x = positions[i, d] - positions[j, d]
            x -= box[d] * np.round(x / box[d])
            gap[d] = x
            square += x * x
        if square > CUTOFF * CUTOFF or square == 0:
            continue
        inverse = 1 / square
        six = inverse * inverse * inverse
        strength = 4 * (power * inverse ** (power // 2) - 6 * attraction * six) * inverse
        strength = min(strength, HARDEST / np.sqrt(square))
        for d in range(3):
            forces[i, d] += strength * gap[d]
            forces[j, d] -= strength * gap[d]


def run(
    positions: Floats,
    box: Floats,
    potential: Potential,
    temperatures: Floats,
    rng: np.random.Generator,
    springs: Floats | None = None,
    anchors: Floats | None = None,
) -> Floats:
    """Langevin dynamics; returns where the atoms are, float64 (atoms, 3), not wrapped.

    Args:
        positions: float64 (atoms, 3), in diameters.
        box: float64 (3,), periodic.
        potential: of each pair.
        temperatures: float64 (steps,), in units of the well's depth.
        rng: of velocities and kicks.
        springs: float64 (atoms,), of ties to the anchors; 0 for free atoms.
        anchors: float64 (atoms, 3); the first positions unless given.
    """
    where = positions.copy()
    anchors = positions.copy() if anchors is None else anchors
    ties = np.zeros(len(where)) if springs is None else springs
    moving = rng.normal(size=where.shape) * np.sqrt(temperatures[0])
    forces = np.zeros_like(where)
    for number, temperature in enumerate(temperatures):
        if number % EVERY == 0:
            wrapped = np.mod(where, box) % box
            near = cKDTree(wrapped, boxsize=box).query_pairs(CUTOFF + SKIN, output_type="ndarray")
        _forces(where, box, near, potential.power, potential.attraction, forces)
        forces -= ties[:, None] * (where - anchors)
        moving += STEP * (forces - FRICTION * moving)
        moving += np.sqrt(2 * FRICTION * temperature * STEP) * rng.normal(size=where.shape)
        speed = np.abs(moving).max() * STEP
        where += STEP * moving * min(1.0, 0.1 / max(speed, 1e-12))
    return where


def is_molten(positions: Floats, box: Floats, spacing: float) -> bool:
    """Whether no Bragg peak stands out: |S(k)|² / N² is small for every k near the first peak.

    A crystal has 0.5 and more; the largest of thousands of values of a liquid is about 24 / N.

    Args:
        positions: float64 (atoms, 3).
        box: float64 (3,).
        spacing: between neighbours, which says where the first peak is.
    """
    first = 2 * np.pi / spacing
    most = np.ceil(1.7 * first * box / (2 * np.pi)).astype(int)
    ranges = [
        np.arange(-most[0], most[0] + 1),
        np.arange(-most[1], most[1] + 1),
        np.arange(most[2] + 1),
    ]
    waves = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, 3) * 2 * np.pi / box
    lengths = np.linalg.norm(waves, axis=1)
    waves = waves[(lengths > 0.7 * first) & (lengths < 1.7 * first)]
    largest = 0.0
    for some in np.array_split(waves, max(1, len(waves) // 500)):
        sums = np.exp(1j * (positions @ some.T)).mean(axis=0)
        largest = max(largest, float((np.abs(sums) ** 2).max()))
    return largest < 0.03 + 24 / len(positions)
