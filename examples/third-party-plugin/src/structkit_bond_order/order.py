"""The descriptor `bond-order`."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.neighborlist import neighbor_list
from numpy.typing import NDArray
from scipy.special import sph_harm_y
from structkit.library import configured, descriptor

from structkit_bond_order.settings import OrderSettings

LONGEST = 50.0  # Å; an atom farther than this from all others has no bonds


@descriptor
class BondOrder:
    """Q_l = √(4π/(2l+1) Σ_m |q_lm|²), q_lm the mean of Y_lm over bonds (Steinhardt 1983, equations 1.3 and 1.4).

    Args:
        settings: the words of `OrderSettings`.
    """

    @configured(OrderSettings)
    def __init__(self, settings: OrderSettings) -> None:
        self.settings = settings

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.float32]]:
        """`vector`: float32 (2 × degrees,): the means over atoms of their own Q_l, then the Q_l of all bonds together.

        All are zero without bonds.
        """
        centres, bonds = self._bonds(atoms)
        if len(bonds) == 0:
            return {"vector": np.zeros(2 * len(self.settings.degrees), dtype=np.float32)}
        polar = np.arccos(np.clip(bonds[:, 2] / np.linalg.norm(bonds, axis=1), -1, 1))
        around = np.arctan2(bonds[:, 1], bonds[:, 0])
        found = [_invariants(degree, centres, polar, around, len(atoms)) for degree in self.settings.degrees]
        return {"vector": np.array(found).T.ravel().astype(np.float32)}

    def _bonds(self, atoms: Atoms) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Atom and vector of every bond, in both directions."""
        cutoff = 3.0
        while cutoff < LONGEST:
            first, distances, gaps = neighbor_list("idD", atoms, cutoff)
            nearest = np.full(len(atoms), np.inf)
            np.minimum.at(nearest, first, distances)
            longest = self.settings.reach * float(nearest.mean())
            if longest <= cutoff:
                near = distances < longest
                return first[near], gaps[near]
            cutoff = longest * 1.001 if np.isfinite(longest) else 2 * cutoff
        return np.zeros(0, dtype=np.int64), np.zeros((0, 3))


def _invariants(
    degree: int, centres: NDArray[np.int64], polar: NDArray[np.float64], around: NDArray[np.float64], count: int
) -> tuple[float, float]:
    """Mean Q of the atoms, and Q of all bonds."""
    orders = np.arange(-degree, degree + 1)
    values = sph_harm_y(degree, orders, polar[:, None], around[:, None])  # (bonds, orders)
    sums = np.zeros((count, len(orders)), dtype=complex)
    np.add.at(sums, centres, values)
    bonds = np.bincount(centres, minlength=count)
    own = _length(sums / np.maximum(bonds, 1)[:, None], degree)
    return float(own.mean()), float(_length(values.mean(axis=0), degree))


def _length(q: NDArray[np.complex128], degree: int) -> NDArray[np.float64]:
    result: NDArray[np.float64] = np.sqrt(4 * np.pi / (2 * degree + 1) * np.square(np.abs(q)).sum(axis=-1))
    return result
