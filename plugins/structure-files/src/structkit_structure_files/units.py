"""Units and dimension of what was read: said by the user, checked against the file, never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from structkit import DataError, Problem
from structkit_structure_files.settings import ReadSettings

if TYPE_CHECKING:
    from ase import Atoms

THIN = 1e-6  # of a plane's particles, in the unit of length
IN_ANGSTROM = ("metal", "real", "angstrom", "angstroms", "ang", "å", "a")


def set_units(atoms: Atoms, where: str, settings: ReadSettings) -> None:
    """Write the units into a structure, and take the third direction from one that has none.

    Raises:
        DataError: S115, the file says other units; S116, a plane in a box that is periodic across
            it, or no plane.
    """
    _check_units(atoms.info.pop("units", None), where, settings)
    level = is_level(atoms)
    if settings.flat:
        _flatten(atoms, where, level)
    if settings.units == "lj":
        atoms.info["units"] = "lj"
        if level and atoms.pbc[2] and len(atoms) > 1:
            message = "all particles lie in one plane, in a box that is periodic across it"
            raise DataError(
                Problem("S116", message, where, "set flat: true for a two-dimensional simulation")
            )


def _check_units(stated: object, where: str, settings: ReadSettings) -> None:
    """Refuse a file that says other units than those in which it is read, whichever they are.

    Raises:
        DataError: S115.
    """
    if stated is None:
        return
    word = stated.strip().lower() if isinstance(stated, str) else ""
    of_length = "metal" if word in IN_ANGSTROM else word
    if of_length != settings.units:
        message = (
            f"the file is in units '{str(stated)[:20]}', and is read in units '{settings.units}'"
        )
        known = of_length in ("metal", "lj")
        fix = f"set units: {of_length}" if known else "convert its lengths to Å"
        raise DataError(Problem("S115", message, where, fix))


def is_level(atoms: Atoms) -> bool:
    """Whether all particles lie in one plane of constant z."""
    return len(atoms) > 0 and float(np.ptp(atoms.positions[:, 2])) < THIN


def _flatten(atoms: Atoms, where: str, level: bool) -> None:
    cell = np.array(atoms.cell[:])
    if not level or np.abs(cell[:2, 2]).max() > THIN or np.abs(cell[2, :2]).max() > THIN:
        message = "flat: true, but the particles do not lie in a plane of constant z"
        raise DataError(Problem("S116", message, where, "remove flat"))
    cell[2] = 0
    atoms.set_cell(cell)
    atoms.pbc = (*atoms.pbc[:2], False)
    atoms.positions[:, 2] = 0.0
