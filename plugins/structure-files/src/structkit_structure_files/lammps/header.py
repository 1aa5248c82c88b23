"""The header of a LAMMPS data file: the number of atoms, and the box."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from structkit import DataError, Problem
from structkit_structure_files.lammps.box import Box, box_cell, check_cell
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.text import Lines, atom_count, number

BOUNDS = ("xlo xhi", "ylo yhi", "zlo zhi")
TILTS = "xy xz yz"
VECTORS = ("avec", "bvec", "cvec")
ORIGIN = "abc origin"
NUMBERS = {**dict.fromkeys(BOUNDS, 2), **dict.fromkeys((TILTS, *VECTORS, ORIGIN), 3)}
SECTION = re.compile(r"([A-Z][A-Za-z]*(?: [A-Za-z]+)*)\s*(?:#\s*(\S+).*)?")


@dataclass
class Header:
    """What stands before the sections: the number of atoms, and numbers by their words."""

    atoms: int | None = None
    numbers: dict[str, list[float]] = field(default_factory=dict)

    def count(self, where: str) -> int:
        """The number of atoms.

        Raises:
            DataError: S010.
        """
        if self.atoms is None:
            raise DataError(Problem("S010", "no number of atoms in the header", where))
        return self.atoms

    def box(self, where: str) -> Box:
        """The box, by its edges or by three vectors.

        Raises:
            DataError: S011 incomplete, S012 no volume.
        """
        wanted = VECTORS if set(VECTORS) & set(self.numbers) else BOUNDS
        if lacking := [name for name in wanted if name not in self.numbers]:
            message = f"no '{lacking[0]}' in the header: the file has no cell"
            raise DataError(Problem("S011", message, where))
        rows = [self.numbers[name] for name in wanted]
        if wanted is VECTORS:
            cell = np.array(rows)
            check_cell(cell, where)
            return Box(np.array(self.numbers.get(ORIGIN, [0.0, 0.0, 0.0])), cell)
        cell = box_cell(rows, self.numbers.get(TILTS, [0.0, 0.0, 0.0]), where)
        return Box(np.array([row[0] for row in rows]), cell)


def header_of(lines: Lines, settings: ReadSettings) -> tuple[Header, str | None, str | None]:
    """The header, and name and style of the section that follows it.

    Raises:
        DataError: S101 a line given twice; of the numbers.
    """
    header = Header()
    while lines.more():
        line = lines.take("a header line")
        words = line.split("#")[0].split()
        if words[1:] == ["atoms"]:
            _once(header.atoms is None, line, lines.where)
            header.atoms = atom_count(words[0], lines.where, settings.max_atoms)
        elif name := _name(words):
            _once(name not in header.numbers, line, lines.where)
            values = words[: NUMBERS[name]]
            header.numbers[name] = [number(word, lines.where, name) for word in values]
        elif title := section_title(line):
            return header, *title
    return header, None, None


def _name(words: list[str]) -> str | None:
    """The words after the numbers of a header line, where they are of the box."""
    for name, count in NUMBERS.items():
        if len(words) > count and " ".join(words[count:]) == name:
            return name
    return None


def _once(first: bool, line: str, where: str) -> None:
    if not first:
        message = f"'{line.strip()[:40]}' is given twice"
        raise DataError(Problem("S101", message, where, "give it once"))


def section_title(line: str) -> tuple[str, str | None] | None:
    """Name and style of a section, if the line begins one."""
    match = SECTION.fullmatch(line.strip())
    return (match.group(1), match.group(2)) if match else None
