"""What a CIF says of its structure beside the sites, against what the sites make: differences are told, not mended."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit_structure_files.cif.symmetry import NAMES, NUMBERS, group_named, value_of
from structkit_structure_files.text import NUMBER, warn

if TYPE_CHECKING:
    from ase import Atoms

FORMULA = "_chemical_formula_sum"
PART = re.compile(r"([A-Z][a-z]?)([0-9.]*)")
MULTIPLICITIES = ("_atom_site_site_symmetry_multiplicity", "_atom_site_symmetry_multiplicity")


def compare(block: Any, atoms: Atoms, path: Path, ordered: bool) -> None:
    """Warn where group, volume or formula of the file are not those of its atoms.

    Args:
        block: a data block of gemmi.
        atoms: what its sites make.
        path: of the file.
        ordered: whether all sites are full; the formula of others is not that of any one cell.
    """
    _compare_group(block, atoms, path)
    _compare_volume(block, atoms, path)
    if ordered:
        _compare_formula(block, atoms, path)


def compare_multiplicities(block: Any, images: dict[str, int], operations: int, path: Path) -> None:
    """Warn where a site (label: how many images) has not the multiplicity that the file gives.

    Some programs write the order of the site symmetry there instead (one for a general position):
    that is no clash.
    """
    tag = next((tag for tag in MULTIPLICITIES if len(block.find_values(tag))), None)
    if tag is None:
        return
    for label, word in block.find(["_atom_site_label", tag]):
        found, said = images.get(label.strip("'\" ")), _stated(word)
        if found and said and found not in (said, operations / said):
            warn(path, "S057", f"{label} has {found} images in the cell, the file says {said:g}")
            return


def _stated(value: str | None) -> float | None:
    """A number with or without its standard uncertainty; None where there is none."""
    word = re.sub(r"\(\d+\)$", "", value or "")
    return float(word) if NUMBER.fullmatch(word) and np.isfinite(float(word)) else None


def _compare_volume(block: Any, atoms: Atoms, path: Path) -> None:
    stated, found = (
        _stated(value_of(block, "_cell_volume")),
        abs(float(np.linalg.det(np.asarray(atoms.cell[:])))),
    )
    if stated is not None and abs(stated - found) > 0.01 * found:
        warn(path, "S055", f"the cell has {found:.5g} Å³, the file says {stated:.5g}")


def _compare_formula(block: Any, atoms: Atoms, path: Path) -> None:
    """The composition, and the number of formula units where the file gives it."""
    formula = value_of(block, FORMULA)
    stated = composition(formula)
    if not stated:
        return
    found = Counter(str(symbol) for symbol in atoms.symbols)
    said = _stated(value_of(block, "_cell_formula_units_Z"))
    units = said or sum(found.values()) / sum(stated.values())
    if any(
        abs(found[element] - units * stated.get(element, 0.0)) > 0.01 * units
        for element in {*found, *stated}
    ):
        times = f"{said:g} times " if said else ""
        warn(
            path,
            "S056",
            f"the sites make {atoms.get_chemical_formula()}, the file says {times}{formula}",
        )


def composition(formula: str | None) -> dict[str, float] | None:
    """Atoms of each element in a formula such as C6 H12 O6; deuterium is hydrogen. None where it is no formula."""
    total: Counter[str] = Counter()
    for word in (formula or "").split():
        match = PART.fullmatch(word)
        count = _stated(match[2] or "1") if match else None
        if match is None or count is None:
            return None
        total["H" if match[1] in ("D", "T") else match[1]] += count  # type: ignore[assignment]
    return dict(total) if sum(total.values()) > 0 else None


def _compare_group(block: Any, atoms: Atoms, path: Path) -> None:
    """Warn where the file's space group is not that of its atoms."""
    import spglib

    stated = value_of(block, *NUMBERS)
    name = value_of(block, *NAMES)
    if len(atoms) > 2000 or not ((stated and stated.isdigit()) or name):
        return
    found = spglib.get_symmetry_dataset(
        (atoms.cell[:], atoms.get_scaled_positions(), atoms.numbers), symprec=0.01
    )
    number_ = int(stated) if stated and stated.isdigit() else _number_of(name)
    if found is not None and number_ not in (
        None,
        1,
        found.number,
    ):  # P 1 only says that nobody looked
        declared = name or f"No. {number_}"
        warn(
            path,
            "S051",
            f"declared {declared} ({number_}), found {found.international} ({found.number}) (symprec 0.01)",
        )


def _number_of(name: str | None) -> int | None:
    group = group_named(name) if name else None
    return group.number if group else None
