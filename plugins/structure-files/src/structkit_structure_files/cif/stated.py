"""What a CIF says of its structure beside the sites, against what the sites make: differences are told, not mended."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit_structure_files.cif.groups import group_named, number_of
from structkit_structure_files.cif.symmetry import value_of
from structkit_structure_files.cif.tags import Stated
from structkit_structure_files.text import NUMBER, warn

if TYPE_CHECKING:
    from ase import Atoms

FORMULA = "_chemical_formula_sum"
PART = re.compile(r"([A-Z][a-z]?)([0-9.]*)")
MULTIPLICITIES = ("_atom_site_site_symmetry_multiplicity", "_atom_site_symmetry_multiplicity")


def compare(block: Any, stated: Stated, atoms: Atoms, path: Path, ordered: bool) -> None:
    """Warn where group, volume or formula of the file are not those of its atoms.

    Args:
        block: a data block of gemmi.
        stated: what it says of its symmetry.
        atoms: what its sites make.
        path: of the file.
        ordered: whether all sites are full; the formula of others is not that of any one cell.
    """
    _compare_group(stated, atoms, path)
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
        count, said = images.get(label.strip("'\" ")), _stated(word)
        if count and said and count not in (said, operations / said):
            warn(path, "S057", f"{label} has {count} images in the cell, the file says {said:g}")
            return


def _stated(value: str | None) -> float | None:
    """A number with or without its standard uncertainty; None where there is none."""
    word = re.sub(r"\(\d+\)$", "", value or "")
    return float(word) if NUMBER.fullmatch(word) and np.isfinite(float(word)) else None


def _compare_volume(block: Any, atoms: Atoms, path: Path) -> None:
    stated, volume = (
        _stated(value_of(block, "_cell_volume")),
        abs(float(np.linalg.det(np.asarray(atoms.cell[:])))),
    )
    if stated is not None and abs(stated - volume) > 0.01 * volume:
        warn(path, "S055", f"the cell has {volume:.5g} Å³, the file says {stated:.5g}")


def _compare_formula(block: Any, atoms: Atoms, path: Path) -> None:
    """The composition, and the number of formula units where the file gives it."""
    formula = value_of(block, FORMULA)
    stated = composition(formula)
    if not stated:
        return
    counts = Counter(str(symbol) for symbol in atoms.symbols)
    said = _stated(value_of(block, "_cell_formula_units_Z"))
    units = said or sum(counts.values()) / sum(stated.values())
    if any(
        abs(counts[element] - units * stated.get(element, 0.0)) > 0.01 * units
        for element in {*counts, *stated}
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
    for word in _parts(formula or ""):
        match = PART.fullmatch(word)
        count = _stated(match[2] or "1") if match else None
        if match is None or count is None:
            return None
        total["H" if match[1] in ("D", "T") else match[1]] += count  # type: ignore[assignment]
    return dict(total) if sum(total.values()) > 0 else None


def _parts(formula: str) -> list[str]:
    """The parts of a formula, with or without spaces between them."""
    words = formula.split()
    if len(words) == 1 and re.fullmatch(r"([A-Z][a-z]?[0-9.]*)+", words[0]):
        return [match.group(0) for match in PART.finditer(words[0])]
    return words


def _compare_group(stated: Stated, atoms: Atoms, path: Path) -> None:
    """Warn where the file's space group is not that of its atoms."""
    import spglib

    if len(atoms) > 2000 or not (stated.numbers or stated.names):
        return
    name = stated.names[0] if stated.names else None
    group = group_named(name) if name else None
    number = number_of(stated.numbers[0]) if stated.numbers else None
    number = number or (group.number if group else None)
    if number in (None, 1):  # P 1 only says that nobody looked
        return
    cell = (atoms.cell[:], atoms.get_scaled_positions(), atoms.numbers)
    dataset = spglib.get_symmetry_dataset(cell, symprec=0.01)
    if dataset is not None and number != dataset.number:
        declared = f"{name or f'No. {number}'} ({number})"
        message = (
            f"declared {declared}, found {dataset.international} ({dataset.number}) (symprec 0.01)"
        )
        warn(path, "S051", message)
