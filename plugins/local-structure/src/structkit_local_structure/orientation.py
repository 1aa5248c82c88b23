"""How the lattice of a grain is turned."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from structkit_local_structure.blocks import Surroundings
from structkit_local_structure.making.built import (
    BCC,
    DIAMOND,
    FCC,
    HCP,
    HEXAGONAL_DIAMOND,
    SC,
)
from structkit_local_structure.ring import HARMONICS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DEGREES = (4, 6)  # even ones, which two sublattices share
KEPT = 50_000  # atoms whose harmonics are kept, at most
TRIES = 3000  # rotations among which the best is refined
SET = {FCC: 1, HCP: 1, BCC: 2, DIAMOND: 0, HEXAGONAL_DIAMOND: 0, SC: 0}  # of 4, 12, 14 neighbours
SYMMETRY = {FCC: "O", BCC: "O", DIAMOND: "O", SC: "O", HCP: "D6", HEXAGONAL_DIAMOND: "D6"}
_PLACES = np.concatenate([np.arange(l * l - 1, l * l + 2 * l) for l in DEGREES])  # noqa: E741


class Directions:
    """Averaged harmonics l = 4 and 6 of some of the atoms, of the neighbours that suit their class.

    Args:
        count: atoms of the structure; every so many is kept.
    """

    def __init__(self, count: int) -> None:
        self.stride = max(1, -(-count // KEPT))
        self.values = np.zeros((-(-count // self.stride), len(_PLACES)), np.float32)

    def take(self, some: Surroundings, classes: Ints) -> None:
        """Keep the harmonics of some atoms, given their classes."""
        mine = np.flatnonzero((some.atoms % self.stride == 0) & np.isin(classes, list(SET)))
        sets = np.array([SET[int(c)] for c in classes[mine]], dtype=np.int64)
        columns = sets[:, None] * HARMONICS + _PLACES
        rows = some.atoms[mine] // self.stride
        self.values[rows] = np.take_along_axis(some.averaged(mine), columns, axis=1)

    def of_grain(self, grain: NDArray[np.int32], number: int) -> Floats | None:
        """The mean over a grain, float64 (22,); None where none of its atoms was kept."""
        chosen = grain[:: self.stride] == number
        return self.values[chosen].mean(axis=0).astype(np.float64) if chosen.any() else None


def orientation(mean: Floats, lattice: int) -> list[float]:
    """The rotation that turns a lattice's axes into the sample's, as a quaternion (w, x, y, z).

    Among rotations that the symmetry makes equal it is that of the smallest angle. Axes of cubic
    lattices are the edges of the cube; of hexagonal ones z is the sixfold axis, and x a bond in the
    layer.

    Args:
        mean: float64 (22,), averaged real harmonics l = 4 and 6 of a grain.
        lattice: its class.
    """
    bonds = _bonds(lattice)

    def short(rotation: Rotation) -> Any:
        turned = rotation.apply(bonds)
        return -float(_real_harmonics(turned).sum(axis=0) @ mean)

    tries, sums = _tries(lattice)
    best = tries[int((sums @ mean).argmax())]
    refined = minimize(
        lambda turn: short(Rotation.from_rotvec(turn) * best),
        np.zeros(3),
        method="Nelder-Mead",
        options={"xatol": 1e-5, "fatol": 1e-9, "initial_simplex": 0.05 * np.eye(4, 3, -1)},
    )
    found = Rotation.from_rotvec(refined.x) * best
    equal = found * Rotation.create_group(SYMMETRY[lattice])
    least = equal[int(equal.magnitude().argmin())]
    x, y, z, w = least.as_quat()
    sign = 1.0 if w >= 0 else -1.0
    return [sign * float(value) for value in (w, x, y, z)]


@functools.cache
def _tries(lattice: int) -> tuple[Rotation, Floats]:
    """Rotations, and for each the sums of harmonics over the turned bonds, float64 (rotations, 22)."""
    tries = Rotation.random(TRIES, random_state=np.random.default_rng(0))
    bonds = _bonds(lattice)
    turned = np.einsum("rij,bj->rbi", tries.as_matrix(), bonds).reshape(-1, 3)
    sums: Floats = _real_harmonics(turned).reshape(TRIES, len(bonds), -1).sum(axis=1)
    return tries, sums


@functools.cache
def _bonds(lattice: int) -> Floats:
    """Unit vectors of the bonds that a lattice is known by, float64 (bonds, 3)."""
    signs = np.array(np.meshgrid(*3 * [[-1, 1]])).reshape(3, -1).T.astype(float)
    if lattice == FCC:
        flat = np.unique(
            np.concatenate([np.where(np.arange(3) == k, 0, signs) for k in range(3)]), axis=0
        )
        return _units(flat)
    if lattice == BCC:
        return _units(signs)
    if lattice == DIAMOND:
        return _units(signs[signs.prod(axis=1) > 0])
    if lattice == SC:
        return np.concatenate([np.eye(3), -np.eye(3)])
    turns = np.arange(6) * np.pi / 3
    ring = np.stack([np.cos(turns), np.sin(turns), 0 * turns], axis=1)
    thirds = np.pi / 6 + np.arange(3) * 2 * np.pi / 3
    up = np.stack([np.cos(thirds), np.sin(thirds), np.full(3, 2**0.5)], axis=1) / 3**0.5
    if lattice == HCP:
        return _units(np.concatenate([ring, up, up * [1, 1, -1]]))
    slanted = np.stack([np.cos(thirds), np.sin(thirds), np.full(3, 8**-0.5)], axis=1)
    return _units(np.concatenate([slanted, np.array([[0, 0, -1.0]])]))


def _units(vectors: Floats) -> Floats:
    result: Floats = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    return result


def _real_harmonics(units: Floats) -> Floats:
    """Real harmonics l = 4 and 6 in the order of the kernel, float64 (vectors, 22)."""
    from scipy.special import sph_harm_y

    polar, turn = np.arccos(np.clip(units[:, 2], -1, 1)), np.arctan2(units[:, 1], units[:, 0])
    columns = []
    for degree in DEGREES:
        columns.append(sph_harm_y(degree, 0, polar, turn).real)
        for order in range(1, degree + 1):
            # the kernel's are without the Condon-Shortley phase
            value = (-1) ** order * 2**0.5 * sph_harm_y(degree, order, polar, turn)
            columns += [value.real, value.imag]
    return np.stack(columns, axis=1)
