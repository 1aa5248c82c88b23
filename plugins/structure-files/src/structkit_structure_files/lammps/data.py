"""LAMMPS data files: what `write_data` writes and `read_data` reads, atoms and box only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit import DataError, Problem
from structkit_structure_files.lammps.dump import box_cell, said_units
from structkit_structure_files.lammps.masses import check_masses, element_of_mass
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.species import species_of
from structkit_structure_files.text import Lines, atom_count, integer, number

if TYPE_CHECKING:
    from ase import Atoms

# columns before x y z, by atom style (LAMMPS manual, "read_data")
STYLES = {
    "atomic": ("id", "type"),
    "charge": ("id", "type", "q"),
    "bond": ("id", "molecule", "type"),
    "angle": ("id", "molecule", "type"),
    "molecular": ("id", "molecule", "type"),
    "full": ("id", "molecule", "type", "q"),
}
BOUNDS = ("xlo xhi", "ylo yhi", "zlo zhi")
TILTS = "xy xz yz"
SECTION = re.compile(r"([A-Z][A-Za-z]*(?: [A-Za-z]+)*)\s*(?:#\s*(\S+).*)?")


def read(
    text: str, path: Path, settings: ReadSettings, rng: np.random.Generator
) -> Iterator[Atoms]:
    """The one structure of a data file, atoms in the order of their ids.

    Raises:
        DataError: with the line: S010 no atoms, S011 no box, S100 rows missing, S102 columns, S111
            types without species, S113 an id twice, S117 an atom style that is not known.
    """
    lines = Lines(text.rstrip("\n").split("\n"), path)
    title = lines.take("the title")
    header, section, style = _header(lines, settings)
    said = re.search(r"\bunits\s*=\s*(\w+)", title)  # write_data says so in the title
    header["units"] = said[1] if said else None
    masses: dict[str, float] = {}
    while section != "Atoms":
        if section is None:
            raise DataError(Problem("S010", "no 'Atoms' section", lines.where))
        rows, following = _section(lines)
        if section == "Masses":
            masses = {
                words[0]: number(words[1], lines.where, "mass") for words in rows if len(words) > 1
            }
        section, style = following
    yield _atoms(lines, header, style, settings, masses)


def _header(lines: Lines, settings: ReadSettings) -> tuple[dict[str, Any], str | None, str | None]:
    """Counts and box up to the first section, and that section's name and style."""
    header: dict[str, Any] = {}
    while lines.more():
        line = lines.take("a header line")
        words = line.split("#")[0].split()
        before = set(header)
        if words[1:] == ["atoms"]:
            header["atoms"] = atom_count(words[0], lines.where, settings.max_atoms)
        elif (name := " ".join(words[-2:])) in BOUNDS and len(words) == 4:
            header[name] = [number(word, lines.where, name) for word in words[:2]]
        elif " ".join(words[-3:]) == TILTS and len(words) == 6:
            header[TILTS] = [number(word, lines.where, TILTS) for word in words[:3]]
        elif words[3:] in (["avec"], ["bvec"], ["cvec"], ["abc", "origin"]):
            raise DataError(
                Problem(
                    "S011", "a box by general vectors is not read", lines.where, "write xlo xhi"
                )
            )
        elif found := _title(line):
            return header, *found
        else:
            continue
        if set(header) == before:
            raise DataError(
                Problem(
                    "S101", f"'{line.strip()[:40]}' is given twice", lines.where, "give it once"
                )
            )
    return header, None, None


def _title(line: str) -> tuple[str, str | None] | None:
    """Name and style of a section, if the line begins one."""
    match = SECTION.fullmatch(line.strip())
    return (match.group(1), match.group(2)) if match else None


def _section(lines: Lines) -> tuple[list[list[str]], tuple[str | None, str | None]]:
    """The words of every row up to the next section, and that one's name and style."""
    rows: list[list[str]] = []
    while lines.more():
        line = lines.take("a section")
        if found := _title(line):
            return rows, found
        rows.append(line.split("#")[0].split())
    return rows, (None, None)


def _atoms(
    lines: Lines,
    header: dict[str, Any],
    style: str | None,
    settings: ReadSettings,
    masses: dict[str, float],
) -> Atoms:
    from ase import Atoms

    if lacking := [name for name in BOUNDS if name not in header]:
        raise DataError(
            Problem("S011", f"no '{lacking[0]}' in the header: the file has no cell", lines.where)
        )
    if "atoms" not in header:
        raise DataError(Problem("S010", "no number of atoms in the header", lines.where))
    where = lines.where
    columns = _columns(style, where)
    rows = [_row(lines, columns, header["atoms"]) for _ in range(header["atoms"])]
    _check_rest(lines, header["atoms"])
    ids = [integer(row[0], where, "atom id") for row in rows]
    if len(set(ids)) < len(ids):
        raise DataError(Problem("S113", "two atoms have the same id", where))
    rows = [rows[i] for i in np.argsort(ids)]
    types = [row[columns.index("type")] for row in rows]
    symbols = species_of(types, settings, where, element_of_mass(masses))
    if "lj" not in (header["units"], settings.units):  # there, masses are those of the model
        check_masses(dict(zip(types, symbols, strict=True)), masses, lines.path)
    cell = box_cell([header[name] for name in BOUNDS], header.get(TILTS, [0.0, 0.0, 0.0]), where)
    origin = np.array([header[name][0] for name in BOUNDS])
    first = len(columns)
    positions = (
        np.array([[float(word) for word in row[first : first + 3]] for row in rows]) - origin
    )
    return Atoms(symbols, positions, cell=cell, pbc=True, info=said_units(header["units"]))


def _check_rest(lines: Lines, announced: int) -> None:
    """After the last atom comes another section, and no second one of atoms."""
    first = True
    for line in lines.lines[lines.next :]:
        found = _title(line) if line.split("#")[0].strip() else None
        if found and found[0] == "Atoms":
            raise DataError(
                Problem("S101", "a second 'Atoms' section", str(lines.path), "keep one")
            )
        if first and line.split("#")[0].strip() and not found:
            message = f"more rows than the {announced} atoms announced"
            raise DataError(Problem("S100", message, lines.where, "mend the count or the rows"))
        first = first and not found


def _columns(style: str | None, where: str) -> tuple[str, ...]:
    if style not in STYLES:
        found = f"atom style '{style[:40]}'" if style else "no atom style"
        fix = f"write the section as 'Atoms # atomic'; known: {', '.join(STYLES)}"
        raise DataError(Problem("S117", f"{found}: columns cannot be told apart", where, fix))
    return STYLES[style]


def _row(lines: Lines, columns: tuple[str, ...], announced: int) -> list[str]:
    line = lines.take(f"one of {announced} atoms")
    while not line.split("#")[0].strip():
        line = lines.take(f"one of {announced} atoms")
    words = line.split("#")[0].split()
    if _title(line):
        raise DataError(
            Problem("S100", f"fewer rows than the {announced} atoms announced", lines.where)
        )
    if len(words) not in (len(columns) + 3, len(columns) + 6):  # image flags may follow
        message = f"line {lines.next}: {len(words)} columns, expected {len(columns) + 3} or {len(columns) + 6}"
        raise DataError(Problem("S102", message, lines.where))
    for word, name in zip(
        words, (*columns, "x", "y", "z", "image", "image", "image"), strict=False
    ):
        number(word, lines.where, name)
    return words
