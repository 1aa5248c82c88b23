"""The unit cell of a CIF."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_structure_files.cif.symmetry import value_of
from structkit_structure_files.physics import LARGEST_LENGTH, check_shape
from structkit_structure_files.text import number, warn

Floats = NDArray[np.float64]
LENGTHS = ("_cell_length_a", "_cell_length_b", "_cell_length_c")
ANGLES = ("_cell_angle_alpha", "_cell_angle_beta", "_cell_angle_gamma")


def plain_number(value: str, where: str, tag: str) -> float:
    """A number without its standard uncertainty: 5.4310(2)."""
    return number(re.sub(r"\(\d+\)$", "", value), where, tag)


def cell_of(block: Any, where: str, path: Path) -> Floats:
    """The cell vectors (3, 3), in Å.

    Raises:
        DataError: S011 none, S012 no volume, S013 a length beyond all bounds.
    """
    for tag in (*LENGTHS, *ANGLES):
        if value_of(block, tag) is None and (tag in LENGTHS or block.find_value(tag)):
            state = "is '?'" if block.find_value(tag) else "is missing"
            raise DataError(Problem("S011", f"no unit cell: {tag} {state}", where))
    if any(value_of(block, tag) is None for tag in ANGLES):
        warn(path, "S052", "no cell angles: 90° each, as CIF defines")
    lengths = [plain_number(value_of(block, tag) or "", where, tag) for tag in LENGTHS]
    angles = [plain_number(value_of(block, tag) or "90", where, tag) for tag in ANGLES]
    _check_parameters(lengths, angles, where)
    cell = _vectors(lengths, angles)
    volume = abs(float(np.linalg.det(cell)))
    if not np.isfinite(volume) or volume < 1e-3:
        raise DataError(Problem("S012", f"cell volume 0 Å³ (angles {angles})", where))
    check_shape(cell, np.full(3, True), where)
    return cell


def _check_parameters(lengths: list[float], angles: list[float], where: str) -> None:
    if min(lengths) <= 0:
        raise DataError(Problem("S012", f"cell volume 0 Å³ (lengths {lengths})", where))
    if max(lengths) > LARGEST_LENGTH:
        message = f"a cell length of {max(lengths):.3g} Å (limit {LARGEST_LENGTH:g})"
        raise DataError(Problem("S013", message, where, "mend the number"))
    if not all(0 <= angle <= 180 for angle in angles):
        raise DataError(Problem("S012", f"cell angles {angles}: each is between 0 and 180°", where))


def _vectors(lengths: list[float], angles: list[float]) -> Floats:
    """The vectors (3, 3); zeros where there are none of these angles."""
    from ase.geometry import cellpar_to_cell

    try:
        with np.errstate(all="ignore"):
            return np.asarray(cellpar_to_cell([*lengths, *angles]))
    except (AssertionError, ValueError, ZeroDivisionError, FloatingPointError):
        return np.zeros((3, 3))
