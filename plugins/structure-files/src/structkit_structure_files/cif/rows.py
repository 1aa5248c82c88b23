"""The table of sites of a CIF, row by row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_structure_files.cif.cell import plain_number
from structkit_structure_files.cif.elements import element_of
from structkit_structure_files.cif.sites import Site
from structkit_structure_files.cif.stated import FORMULA, composition
from structkit_structure_files.cif.symmetry import value_of
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.text import warn

Floats = NDArray[np.float64]
FARTHEST = 10  # cells from the origin: a larger "fraction" is a length
AXES = ("fract_x", "fract_y", "fract_z")
# the first is there in every block that has atoms; a file may leave out any other
COLUMNS = (
    *AXES,
    "label",
    "type_symbol",
    "occupancy",
    "calc_flag",
    "disorder_assembly",
    "disorder_group",
)


def sites_of(block: Any, where: str, path: Path, settings: ReadSettings) -> list[Site]:
    """The sites of the asymmetric unit, without dummies.

    Raises:
        DataError: S010 none, S013 coordinates, S030 elements, S040/S041 occupancies.
    """
    table = block.find("_atom_site_", [COLUMNS[0], *(f"?{column}" for column in COLUMNS[1:])])
    elements = set(composition(value_of(block, FORMULA)) or ())
    sites = []
    dropped = 0
    for index in range(len(table)):
        words = _words(table[index])
        if words["calc_flag"] == "dum" or (words["type_symbol"] == "." and _is_nowhere(words)):
            dropped += 1
            continue
        if words["type_symbol"] == "." and words["label"] not in ("?", "."):
            words["type_symbol"] = "?"
        sites.append(_site(words, index + 1, elements, where, settings))
    if dropped:
        warn(path, "S053", f"{dropped} dummy sites left out")
    if not sites:
        raise DataError(Problem("S010", "no atom sites but dummies", where))
    return sites


def _words(row: Any) -> dict[str, str]:
    """The words of a row by their columns; `.` where there is none."""
    words = {}
    for place, name in enumerate(COLUMNS):
        cell = row.get(place)
        words[name] = str(cell).strip("'\" ") if cell is not None else "."
    return words


def _is_nowhere(words: Mapping[str, str]) -> bool:
    return all(words[axis] in (".", "?") for axis in AXES)


def _site(
    words: Mapping[str, str], index: int, elements: set[str], where: str, settings: ReadSettings
) -> Site:
    name = words["label"] if words["label"] not in (".", "?") else f"site {index}"
    assembly, group = (
        "" if words[column] in (".", "?", "0") else words[column]
        for column in ("disorder_assembly", "disorder_group")
    )
    return Site(
        name,
        element_of(words, index, elements, where, settings),
        _position(words, name, index, where),
        _occupancy(words["occupancy"], name, index, where),
        assembly,
        group,
        tuple(_digit(words[axis]) for axis in AXES),
    )


def _position(words: Mapping[str, str], name: str, index: int, where: str) -> Floats:
    """Three fractions.

    Raises:
        DataError: S013, S103, S104.
    """
    for axis in AXES:
        if words[axis] in (".", "?"):
            message = f"unknown coordinate '{words[axis]}' of {name} (site {index})"
            raise DataError(Problem("S013", message, where))
    values = [plain_number(words[axis], where, f"{axis} of {name}") for axis in AXES]
    position = np.array(values)
    if (far := float(np.abs(position).max())) > FARTHEST:
        message = f"coordinate {far:g} of {name} is no fraction of the cell"
        raise DataError(Problem("S013", message, where, "give fractional coordinates"))
    return position


def _digit(word: str) -> float:
    """One unit of the last digit of a coordinate; 0 where there is no decimal, which is exact."""
    match = re.fullmatch(r"[+-]?[0-9]*\.([0-9]*)(\([0-9]+\))?", word)
    return 10.0 ** -len(match.group(1)) if match and match.group(1) else 0.0


def _occupancy(word: str, name: str, index: int, where: str) -> float:
    """The share of the crystal in which a site is there; `.` is all of it.

    Raises:
        DataError: S040 unknown, S041 out of range.
    """
    if word == "?":
        message = f"unknown occupancy '?' of {name} (site {index})"
        raise DataError(Problem("S040", message, where, "write 1 for a full site"))
    share = 1.0 if word == "." else plain_number(word, where, f"occupancy of {name}")
    if share > 1.001 or share < 0:
        limit = "> 1" if share > 1 else "< 0"
        message = f"occupancy {share:g} {limit} at {name} (site {index})"
        raise DataError(Problem("S041", message, where))
    return share
