"""LAMMPS data files: what `write_data` writes and `read_data` reads, atoms and box only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from structkit import DataError, Problem
from structkit_structure_files.lammps.header import Header, header_of, section_title
from structkit_structure_files.lammps.masses import check_masses, element_of_mass
from structkit_structure_files.lammps.styles import columns_of
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.species import species_of
from structkit_structure_files.text import Lines, integer, number

if TYPE_CHECKING:
    from ase import Atoms


@dataclass
class _Sections:
    """What the sections before the atoms say.

    Args:
        masses: of each type.
        labels: name of each type, as `Atom Type Labels` has it.
    """

    masses: dict[str, float] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)


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
    header, section, style = header_of(lines, settings)
    sections = _Sections()
    while section != "Atoms":
        if section is None:
            raise DataError(Problem("S010", "no 'Atoms' section", lines.where))
        rows, following = _section(lines)
        _keep(section, rows, sections, lines.where)
        section, style = following
    atoms = _atoms(lines, header, style, settings, sections)
    # write_data says so in the title
    if stated := re.search(r"\bunits\s*=\s*(\w+)", title):
        atoms.info["units"] = stated[1]
    yield atoms


def _section(lines: Lines) -> tuple[list[list[str]], tuple[str | None, str | None]]:
    """The words of every row up to the next section, and that one's name and style."""
    rows: list[list[str]] = []
    while lines.more():
        line = lines.take("a section")
        if following := section_title(line):
            return rows, following
        rows.append(line.split("#")[0].split())
    return rows, (None, None)


def _keep(section: str, rows: list[list[str]], sections: _Sections, where: str) -> None:
    """Keep what is used of a section before the atoms."""
    pairs = [words for words in rows if len(words) > 1]
    if section == "Masses":
        sections.masses = {words[0]: number(words[1], where, "mass") for words in pairs}
    elif section == "Atom Type Labels":
        sections.labels = {words[0]: words[1] for words in pairs}


def _atoms(
    lines: Lines, header: Header, style: str | None, settings: ReadSettings, sections: _Sections
) -> Atoms:
    """The structure.

    Raises:
        DataError: S113; of rows, species and box.
    """
    from ase import Atoms

    box = header.box(lines.where)
    count = header.count(lines.where)
    where = lines.where
    rows = [_words(lines, count) for _ in range(count)]
    _check_rest(lines, count)
    columns = columns_of(style, rows[0][1], settings, where, lines.path)
    for place, words in rows:
        _check_row(words, columns, f"{lines.path}:{place}")
    ids = [integer(words[0], where, "atom id") for _, words in rows]
    if len(set(ids)) < len(ids):
        raise DataError(Problem("S113", "two atoms have the same id", where))
    ordered = [rows[index][1] for index in np.argsort(ids)]
    types = [words[columns.index("type")] for words in ordered]
    symbols = _symbols(types, settings, sections, where)
    if settings.units != "lj":  # there, masses are those of the model
        check_masses(dict(zip(types, symbols, strict=True)), sections.masses, lines.path)
    first = len(columns)
    positions = np.array([words[first : first + 3] for words in ordered], dtype=np.float64)
    return Atoms(symbols, positions - box.origin, cell=box.cell, pbc=True)


def _symbols(
    types: list[str], settings: ReadSettings, sections: _Sections, where: str
) -> list[str]:
    """Elements of types, which the map may name by number or by label, whichever the atoms have."""
    other_names = {**sections.labels, **{name: kind for kind, name in sections.labels.items()}}
    likely = element_of_mass(sections.masses)
    by_label = {label: likely[kind] for kind, label in sections.labels.items() if kind in likely}
    return species_of(types, settings, where, {**likely, **by_label}, other_names)


def _check_rest(lines: Lines, announced: int) -> None:
    """After the last atom comes another section, and no second one of atoms.

    Raises:
        DataError: S100, S101.
    """
    first, where = True, lines.where
    while lines.more():
        line = lines.take("a section")
        if not line.split("#")[0].strip():
            continue
        title = section_title(line)
        if title and title[0] == "Atoms":
            message = "a second 'Atoms' section"
            raise DataError(Problem("S101", message, str(lines.path), "keep one"))
        if first and not title:
            message = f"more rows than the {announced} atoms announced"
            raise DataError(Problem("S100", message, where, "mend the count or the rows"))
        first = False


def _words(lines: Lines, announced: int) -> tuple[int, list[str]]:
    """The line of an atom, as its number and its words.

    Raises:
        DataError: S100.
    """
    line = lines.take(f"one of {announced} atoms")
    while not line.split("#")[0].strip():
        line = lines.take(f"one of {announced} atoms")
    if section_title(line):
        message = f"fewer rows than the {announced} atoms announced"
        raise DataError(Problem("S100", message, lines.where))
    return lines.next, line.split("#")[0].split()


def _check_row(words: list[str], columns: tuple[str, ...], where: str) -> None:
    """Check the numbers of an atom; a type may be a label.

    Raises:
        DataError: S102; of the numbers.
    """
    least = len(columns) + 3
    if len(words) not in (least, least + 3):  # image flags may follow
        line = where.rpartition(":")[2]
        message = f"line {line}: {len(words)} columns, expected {least} or {least + 3}"
        raise DataError(Problem("S102", message, where))
    names = (*columns, "x", "y", "z", "image", "image", "image")
    for word, name in zip(words, names, strict=False):
        if name not in ("type", "image"):
            number(word, where, name)
