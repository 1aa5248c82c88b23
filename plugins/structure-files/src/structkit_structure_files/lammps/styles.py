"""Atom styles of LAMMPS: which columns stand before x y z."""

from __future__ import annotations

import re
from pathlib import Path

from structkit import DataError, Problem
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.text import warn

# LAMMPS manual, "read_data"
STYLES = {
    "atomic": ("id", "type"),
    "charge": ("id", "type", "q"),
    "bond": ("id", "molecule", "type"),
    "angle": ("id", "molecule", "type"),
    "molecular": ("id", "molecule", "type"),
    "full": ("id", "molecule", "type", "q"),
}


def columns_of(
    style: str | None, row: list[str], settings: ReadSettings, where: str, path: Path
) -> tuple[str, ...]:
    """The columns before x y z: by the style of the file, else of the settings, else where only one fits.

    Raises:
        DataError: S117, a style that is not known, or two, or none that can be told.
    """
    asked = settings.atom_style
    if style and asked and style != asked:
        message = f"the file is of atom style '{style[:40]}', and is read as '{asked}'"
        raise DataError(Problem("S117", message, where, "remove atom_style"))
    style = style or asked
    if style is None and _is_atomic(row):
        warn(path, "S117", "no atom style: rows of id type x y z, as style atomic has them")
        style = "atomic"
    if style not in STYLES:
        told = f"atom style '{style[:40]}'" if style else f"no atom style, rows of {len(row)} words"
        fix = f"set atom_style, one of {', '.join(STYLES)}; or write 'Atoms # atomic'"
        message = f"{told}: columns cannot be told apart"
        raise DataError(Problem("S117", message, where, fix))
    return STYLES[style]


def _is_atomic(row: list[str]) -> bool:
    """Five words, and three whole numbers after them where there are image flags: no other style has so few."""
    if len(row) == 5:
        return True
    flags = all(re.fullmatch(r"[+-]?[0-9]+", word) for word in row[5:])
    return len(row) == 8 and flags and any("." in word for word in row[2:5])
