"""CIF by gemmi: its parser knows lines, runs no code, and leaves every doubt to us.

pymatgen drops sites whose occupancy is "." and ase keeps occupancies aside; here a partly occupied
site is refused unless the user says what to make of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit.errors import did_you_mean
from structkit_structure_files.cif.disorder import Disorder, check_images
from structkit_structure_files.cif.sites import (
    Site,
    check_alternatives,
    contacts,
    orbits,
    without_images,
)
from structkit_structure_files.cif.stated import (
    FORMULA,
    compare,
    compare_multiplicities,
    composition,
)
from structkit_structure_files.cif.symmetry import check_transformations, operations, value_of
from structkit_structure_files.physics import LARGEST_LENGTH, check_shape
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.text import number, too_many, warn

if TYPE_CHECKING:
    from ase import Atoms

Floats = NDArray[np.float64]
LENGTHS = ("_cell_length_a", "_cell_length_b", "_cell_length_c")
ANGLES = ("_cell_angle_alpha", "_cell_angle_beta", "_cell_angle_gamma")
FARTHEST = 10  # cells from the origin: a larger "fraction" is a length
# Fe3+, O2-, Cu+2, and D1 as some write it
TYPE = re.compile(r"[A-Za-z]{1,2}([0-9.]*[+-]|[+-][0-9.]*|[0-9]*)")
# the first is there in every block that has atoms; a file may leave out any other
COLUMNS = (
    "fract_x",
    "fract_y",
    "fract_z",
    "label",
    "type_symbol",
    "occupancy",
    "calc_flag",
    "disorder_assembly",
    "disorder_group",
)


def read(
    text: str, path: Path, settings: ReadSettings, rng: np.random.Generator
) -> Iterator[Atoms]:
    """The structure of every data block that has atoms.

    Raises:
        DataError: S101 syntax, S010 no atoms, S011 no cell, S012 no volume, S013 unknown
            coordinates, S021 coinciding sites, S030 unknown element, S040/S041 occupancies, S060
            symmetry operations.
    """
    document = _parse(text, path)
    blocks = [block for block in document if _has_atoms(block)]
    if not blocks:
        names = ", ".join(block.name for block in document) or "none"
        cartesian = any(len(block.find_values("_atom_site_Cartn_x")) for block in document)
        fix = (
            "give fractional coordinates (_atom_site_fract_x)"
            if cartesian
            else "choose another file"
        )
        raise DataError(Problem("S010", f"no atom sites in block data_{names}", str(path), fix))
    for block in document:
        if block not in blocks and len(block.find_values("_atom_site_Cartn_x")):
            warn(path, "S058", f"block data_{block.name} has Cartesian coordinates only: left out")
    for block in blocks:
        where = str(path) if len(blocks) == 1 else f"{path} block data_{block.name}"
        yield _structure(block, where, path, settings, rng)


def _parse(text: str, path: Path) -> Any:
    import gemmi

    try:
        document = gemmi.cif.read_string(text)
        document.check_for_duplicates() if hasattr(document, "check_for_duplicates") else None
    except (RuntimeError, ValueError) as error:
        words = str(error)
        line = match.group(1) if (match := re.search(r":(\d+)[:(]", words)) else "1"
        raise DataError(
            Problem("S101", f"not valid CIF: {words.partition(': ')[2] or words}", f"{path}:{line}")
        ) from error
    if len(document) == 0:
        raise DataError(Problem("S010", "no data block", str(path)))
    return document


def _has_atoms(block: Any) -> bool:
    return len(block.find_values("_atom_site_fract_x")) > 0


def _structure(
    block: Any, where: str, path: Path, settings: ReadSettings, rng: np.random.Generator
) -> Atoms:
    from ase import Atoms

    check_transformations(block, where)
    cell = _cell(block, where, path)
    rotations, translations = operations(block, cell, where, path)
    announced = len(block.find_values("_atom_site_fract_x"))
    if announced > settings.max_atoms or announced * len(rotations) > 50 * settings.max_atoms:
        raise too_many(announced * len(rotations), settings.max_atoms, where)
    listed = _sites(block, where, path)
    meeting = contacts(listed, rotations, translations, cell)
    if settings.disorder != "reject":
        check_alternatives(listed, meeting, where)
    listed = without_images(listed, meeting, path)
    found = orbits(listed, rotations, translations, cell)
    images = {site.name: len(orbit) for site, orbit in zip(listed, found, strict=True)}
    compare_multiplicities(block, images, len(rotations), path)
    there = Disorder(listed, found, cell, where).occupied(settings, rng)
    sites = [
        site for site, chosen in zip(listed, there, strict=True) for _ in range(int(chosen.sum()))
    ]
    positions = np.concatenate(
        [orbit.positions[chosen] for orbit, chosen in zip(found, there, strict=True)]
    )
    check_images(sites, positions, cell, where)
    atoms = Atoms([site.element for site in sites], cell=cell, scaled_positions=positions, pbc=True)
    # for messages about coinciding sites; it is a list of strings, like any info
    atoms.info["_names"] = [site.name for site in sites]
    compare(block, atoms, path, ordered=not any(site.partial for site in listed))
    return atoms


def _cell(block: Any, where: str, path: Path) -> Floats:
    from ase.geometry import cellpar_to_cell

    for tag in (*LENGTHS, *ANGLES):
        if value_of(block, tag) is None and (tag in LENGTHS or block.find_value(tag)):
            found = "is '?'" if block.find_value(tag) else "is missing"
            raise DataError(Problem("S011", f"no unit cell: {tag} {found}", where))
    if any(value_of(block, tag) is None for tag in ANGLES):
        warn(path, "S052", "no cell angles: 90° each, as CIF defines")
    lengths = [_plain(value_of(block, tag) or "", where, tag) for tag in LENGTHS]
    angles = [_plain(value_of(block, tag) or "90", where, tag) for tag in ANGLES]
    if min(lengths) <= 0:
        raise DataError(Problem("S012", f"cell volume 0 Å³ (lengths {lengths})", where))
    if max(lengths) > LARGEST_LENGTH:
        message = f"a cell length of {max(lengths):.3g} Å (limit {LARGEST_LENGTH:g})"
        raise DataError(Problem("S013", message, where, "mend the number"))
    if not all(0 <= angle <= 180 for angle in angles):
        raise DataError(Problem("S012", f"cell angles {angles}: each is between 0 and 180°", where))
    try:
        with np.errstate(all="ignore"):
            cell = np.asarray(cellpar_to_cell([*lengths, *angles]))
        volume = abs(float(np.linalg.det(cell)))
    except (AssertionError, ValueError, ZeroDivisionError, FloatingPointError):
        volume = 0.0
    if not np.isfinite(volume) or volume < 1e-3:
        raise DataError(Problem("S012", f"cell volume 0 Å³ (angles {angles})", where))
    check_shape(cell, np.full(3, True), where)
    return cell


def _plain(value: str, where: str, tag: str) -> float:
    """A number without its standard uncertainty: 5.4310(2)."""
    return number(re.sub(r"\(\d+\)$", "", value), where, tag)


def _sites(block: Any, where: str, path: Path) -> list[Site]:
    table = block.find("_atom_site_", [COLUMNS[0], *(f"?{c}" for c in COLUMNS[1:])])
    elements = set(composition(value_of(block, FORMULA)) or ())
    sites = []
    dropped = 0
    for index in range(len(table)):
        row = table[index]
        cells = {name: row.get(i) for i, name in enumerate(COLUMNS)}
        words = {
            name: str(cell).strip("'\" ") if cell is not None else "."
            for name, cell in cells.items()
        }
        if words["calc_flag"] == "dum" or words["type_symbol"] == ".":
            label = words["label"]
            if words["calc_flag"] == "dum" or _is_dummy(words):
                dropped += 1
                continue
            words["type_symbol"] = "?" if label not in ("?", ".") else words["type_symbol"]
        sites.append(_site(words, index + 1, elements, where))
    if dropped:
        warn(path, "S053", f"{dropped} dummy sites left out")
    if not sites:
        raise DataError(Problem("S010", "no atom sites but dummies", where))
    return sites


def _is_dummy(words: dict[str, str]) -> bool:
    return all(words[axis] in (".", "?") for axis in ("fract_x", "fract_y", "fract_z"))


def _site(words: dict[str, str], index: int, elements: set[str], where: str) -> Site:
    name = words["label"] if words["label"] not in (".", "?") else f"site {index}"
    for axis in ("fract_x", "fract_y", "fract_z"):
        if words[axis] in (".", "?"):
            raise DataError(
                Problem(
                    "S013", f"unknown coordinate '{words[axis]}' of {name} (site {index})", where
                )
            )
    position = np.array(
        [
            _plain(words[axis], where, f"{axis} of {name}")
            for axis in ("fract_x", "fract_y", "fract_z")
        ]
    )
    if (far := float(np.abs(position).max())) > FARTHEST:
        message = f"coordinate {far:g} of {name} is no fraction of the cell"
        raise DataError(Problem("S013", message, where, "give fractional coordinates"))
    if words["occupancy"] == "?":
        raise DataError(
            Problem(
                "S040",
                f"unknown occupancy '?' of {name} (site {index})",
                where,
                "write 1 for a full site",
            )
        )
    occupancy = (
        1.0
        if words["occupancy"] == "."
        else _plain(words["occupancy"], where, f"occupancy of {name}")
    )
    if occupancy > 1.001 or occupancy < 0:
        message = (
            f"occupancy {occupancy:g} {'> 1' if occupancy > 1 else '< 0'} at {name} (site {index})"
        )
        raise DataError(Problem("S041", message, where))
    assembly, group = (
        "" if words[name] in (".", "?", "0") else words[name]
        for name in ("disorder_assembly", "disorder_group")
    )
    return Site(name, _element(words, index, elements, where), position, occupancy, assembly, group)


def _element(words: dict[str, str], index: int, stated: set[str], where: str) -> str:
    """The element of a site: of its type symbol, else of its label; `Si4+`, `O1` and `D` are understood.

    Args:
        words: of the site's row.
        index: of the site, from 1.
        stated: elements of the file's formula; they tell whether a label HO1 is holmium or
            hydrogen.
        where: for messages.
    """
    from ase.data import chemical_symbols

    known = set(chemical_symbols[1:])
    typed = words["type_symbol"] not in (".", "?")
    symbol = words["type_symbol"] if typed else words["label"]
    if typed and not TYPE.fullmatch(symbol) and re.search(r"[^A-Za-z]", symbol):
        message = f"type symbol '{symbol[:20]}' at site {index} is not one element"
        raise DataError(
            Problem("S030", message, where, "write one site for each element, with its occupancy")
        )
    letters = match.group(0) if (match := re.match(r"[A-Za-z]+", symbol)) else ""
    whole = letters.capitalize()
    if whole == "D":
        return "H"
    if typed:
        possible = {whole} & known
    elif (
        letters[:1].isupper() and letters[1:2].islower()
    ):  # spelt as a symbol; a label may go on (CaM1)
        possible = {letters[:2]} & known
    else:  # OW2 is oxygen, SI1 sulphur or silicon, HO1 hydrogen or holmium
        possible = {letters[:1].upper(), letters[:2].capitalize()} & known
    if stated and not typed and possible and not possible & stated:
        message = f"the label '{symbol[:20]}' of site {index} is {' or '.join(sorted(possible))}, not in the formula"
        raise DataError(Problem("S030", message, where, "add a column _atom_site_type_symbol"))
    possible = possible & stated or possible
    if len(possible) == 1:
        return possible.pop()
    if possible:
        message = (
            f"the label '{symbol[:20]}' of site {index} may be {' or '.join(sorted(possible))}"
        )
        raise DataError(Problem("S030", message, where, "add a column _atom_site_type_symbol"))
    hint = did_you_mean(whole or symbol, known, "write element symbols", cutoff=0.5)
    raise DataError(
        Problem("S030", f"unknown element '{symbol[:20]}' at site {index}", where, hint)
    )
