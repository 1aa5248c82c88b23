"""Nearest neighbours as a check of the unit of length: nanometres, bohr and reduced units give themselves away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from structkit_structure_files.physics import OTHER_UNITS, near_pairs
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.text import warn

if TYPE_CHECKING:
    from ase import Atoms

STEPS = (3.0, 6.0, 12.0, 24.0, 48.0)  # Å: searched one after the other, as long as nothing is found
# of the sum of two covalent radii: below is no bond, above no condensed matter (bohr read as Å: 1.9)
NO_BOND, NO_CONTACT = 0.55, 1.75
FAR = 4.0  # Å: nearer atoms may be those of a thin gas of light ones
IN_SIGMA = (0.4, 1.9)  # nearest neighbours of Lennard-Jones particles, in σ
NOBLE = (2, 10, 18, 36, 54, 86)  # held together by dispersion alone


def warn_of_lengths(atoms: Atoms, where: str, settings: ReadSettings) -> None:
    """Warn (S122) where the nearest atoms are too near or too far for the unit of length."""
    if settings.units == "lj":
        _warn_in_sigma(atoms, where)
        return
    nearest = _nearest(atoms)
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
    for reach in (1.0, 3.0, 9.0):
        distances = near_pairs(atoms, reach)[2]
        if len(distances):
            break
    else:
        return
    nearest = float(distances.min())
    if not IN_SIGMA[0] <= nearest <= IN_SIGMA[1]:
        message = f"the nearest particles are {nearest:.3g} σ apart; are its lengths in Å or nm?"
        warn(where, "S122", message)


def _nearest(atoms: Atoms) -> tuple[float, float, bool] | None:
    """Distance of the pair that is nearest for its radii, that over their sum, and whether one is noble.

    None where there is no pair within reach.
    """
    from ase.data import covalent_radii

    for reach in STEPS:
        first, second, distances = near_pairs(atoms, reach)
        if len(distances):
            break
    else:
        return None
    one, other = atoms.numbers[first], atoms.numbers[second]
    ratios = distances / (covalent_radii[one] + covalent_radii[other])
    least = int(np.argmin(ratios))
    noble = bool(np.isin([one[least], other[least]], NOBLE).any())
    return float(distances[least]), float(ratios[least]), noble
