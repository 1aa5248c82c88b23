"""Nearest neighbours as a check of the unit of length: nanometres, bohr and reduced units give themselves away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from structkit_structure_files.physics import OTHER_UNITS, near_pairs
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.text import warn

if TYPE_CHECKING:
    from ase import Atoms

STEPS = (3.0, 6.0, 12.0, 24.0, 48.0)  # Å: searched one after the other, as long as nothing is found
# of the sum of two covalent radii: below is no bond, above no condensed matter (bohr read as Å: 1.9)
NO_BOND, NO_CONTACT = 0.55, 1.75
MANY = 1000  # atoms
SLAB = 200_000  # atoms of a larger structure, all that are below some x, that stand for it
FAR = 4.0  # Å: nearer atoms may be those of a thin gas of light ones
IN_SIGMA = (0.4, 1.9)  # nearest neighbours of Lennard-Jones particles, in σ
NOBLE = (2, 10, 18, 36, 54, 86)  # held together by dispersion alone


def warn_of_lengths(atoms: Atoms, where: str, settings: ReadSettings) -> None:
    """Warn (S122) where the nearest atoms are too near or too far for the unit of length."""
    if settings.units == "lj":
        _warn_in_sigma(atoms, where)
        return
    nearest = _nearest(_slab(atoms))
    if nearest is None:
        if len(atoms) > 1:
            message = f"no two atoms are nearer than {STEPS[-1]:g} Å"
            warn(where, "S122", f"{message}; are its lengths in pm, or in another unit?")
        return
    distance, ratio, noble = nearest
    far = distance > FAR and ratio > NO_CONTACT and not noble
    if ratio < NO_BOND or far:
        message = f"the nearest atoms are {distance:.3g} Å apart; are its lengths in {OTHER_UNITS}?"
        warn(where, "S122", message)


def _warn_in_sigma(atoms: Atoms, where: str) -> None:
    """The same for lengths in σ."""
    distances = _neighbours(_slab(atoms), (1.0, 3.0, 9.0))[2]
    if not len(distances):
        return
    nearest = float(distances.min())
    if not IN_SIGMA[0] <= nearest <= IN_SIGMA[1]:
        message = f"the nearest particles are {nearest:.3g} σ apart; are its lengths in Å or nm?"
        warn(where, "S122", message)


def _slab(atoms: Atoms) -> Atoms:
    """The atoms of a slab, where there are so many that looking at all would fill the memory."""
    if len(atoms) <= SLAB:
        return atoms
    along = atoms.positions[:, 0]
    return atoms[along <= np.partition(along, SLAB)[SLAB]]


def _nearest(atoms: Atoms) -> tuple[float, float, bool] | None:
    """Distance of the pair that is nearest for its radii, that over their sum, and whether one is noble.

    None where there is no pair within reach.
    """
    from ase.data import covalent_radii

    first, second, distances = _neighbours(atoms, STEPS)
    if not len(distances):
        return None
    one, other = atoms.numbers[first], atoms.numbers[second]
    ratios = distances / (covalent_radii[one] + covalent_radii[other])
    least = int(np.argmin(ratios))
    noble = bool(np.isin([one[least], other[least]], NOBLE).any())
    return float(distances[least]), float(ratios[least]), noble


def _neighbours(atoms: Atoms, steps: tuple[float, ...]) -> tuple[Any, Any, Any]:
    """Pairs with their distances: all within the first reach that has any; of many atoms, the nearest of each.

    Among many atoms enough have their neighbours in the same cell, and no list of all is needed.
    """
    if len(atoms) > MANY:
        from scipy.spatial import cKDTree

        distances, others = cKDTree(atoms.positions).query(atoms.positions, k=2)
        return np.arange(len(atoms)), others[:, 1], distances[:, 1]
    for reach in steps:
        pairs = near_pairs(atoms, reach)
        if len(pairs[2]):
            return pairs
    return near_pairs(atoms, steps[0])
