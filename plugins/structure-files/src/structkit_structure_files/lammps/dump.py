"""LAMMPS text dumps: types are numbers there, so a map to elements is asked for and never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from structkit import DataError, Problem
from structkit_structure_files.frames import check_frames
from structkit_structure_files.lammps.box import Box, box_of_dump
from structkit_structure_files.lammps.rows import SPECIES, rows_of
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.species import (
    atomic_numbers,
    chemical_symbols,
    mapped,
    species_of,
)
from structkit_structure_files.text import CutShort, Lines, atom_count
from structkit_structure_files.textfile import TextFile

if TYPE_CHECKING:
    from ase import Atoms

POSITIONS = (("x", "y", "z"), ("xu", "yu", "zu"), ("xs", "ys", "zs"), ("xsu", "ysu", "zsu"))
UNWRAPPED = ("xu", "xsu")


@dataclass
class _Head:
    """The items of a frame up to its atoms."""

    columns: list[str] = field(default_factory=list)
    count: int | None = None
    box: Box | None = None
    units: str | None = None
    seen: set[str] = field(default_factory=set)


def read(file: TextFile, settings: ReadSettings) -> Iterator[Atoms]:
    """Every frame of the dump, atoms in the order of their ids; one frame is in memory.

    Raises:
        DataError: with the line: S011 no box, S100 rows missing, S102 columns, S110 no positions,
            S111 no species, S112 the number of atoms changes.
    """
    check_frames(file.count(b"ITEM: ATOMS"), file.path, settings)
    lines = Lines(file.lines(), file.path)
    before: int | None = None
    units: str | None = None
    frame = 0
    while lines.more():
        head = _whole_head(lines, settings)
        # LAMMPS writes them once, before the first frame, and they hold for all
        units = head.units or units
        atoms = _frame(lines, head, settings, file.size)
        if before is not None and len(atoms) != before and not settings.allow_variable:
            plural = "s" * (len(atoms) != 1)
            message = f"frame {frame} has {len(atoms)} atom{plural}, frame {frame - 1} had {before}"
            raise DataError(Problem("S112", message, lines.where, "allow_variable: true"))
        if units is not None:
            atoms.info["units"] = units
        before, frame = len(atoms), frame + 1
        yield atoms


def _whole_head(lines: Lines, settings: ReadSettings) -> _Head:
    """The items of a frame up to its atoms, checked; one with which the file ends is cut short.

    Raises:
        DataError: what is wrong with it.
    """
    try:
        head = _head(lines, settings)
        _check_head(head, lines.where)
    except DataError as error:
        raise (CutShort(*error.problems) if lines.ended() else error) from None
    return head


def _head(lines: Lines, settings: ReadSettings) -> _Head:
    """The items of a frame up to its atoms.

    Raises:
        DataError: S101, S102.
    """
    head = _Head()
    while not head.columns:
        title = lines.take("an ITEM line").strip()
        if not title.startswith("ITEM:"):
            message = f"expected an ITEM line, found '{title[:40]}'"
            raise DataError(Problem("S101", message, lines.where))
        name = title.removeprefix("ITEM:").strip()
        kind = next((k for k in ("BOX BOUNDS", "ATOMS") if name.startswith(k)), name)
        if kind in head.seen:
            raise DataError(Problem("S101", f"'ITEM: {name}' twice in a frame", lines.where))
        head.seen.add(kind)
        _read_item(kind, name.removeprefix(kind).split(), head, lines, settings)
    return head


def _read_item(
    kind: str, words: list[str], head: _Head, lines: Lines, settings: ReadSettings
) -> None:
    """What stands under the title of an item; of those that nobody uses, a line is passed over."""
    if kind == "ATOMS":
        head.columns = words
        if not words:
            raise DataError(Problem("S102", "ITEM: ATOMS names no columns", lines.where))
    elif kind == "NUMBER OF ATOMS":
        word = lines.take("the number of atoms").strip()
        head.count = atom_count(word, lines.where, settings.max_atoms)
    elif kind == "BOX BOUNDS":
        head.box = box_of_dump(words, lines)
    elif kind == "UNITS":
        head.units = lines.take(kind).strip()
    else:
        lines.take(kind)


def _check_head(head: _Head, where: str) -> None:
    """Refuse a head that does not tell where its atoms are.

    Raises:
        DataError: S010, S011, S102, S110.
    """
    if head.box is None:
        raise DataError(Problem("S011", "no 'ITEM: BOX BOUNDS': the frame has no cell", where))
    if head.count is None:
        raise DataError(Problem("S010", "no 'ITEM: NUMBER OF ATOMS'", where))
    columns = head.columns
    if twice := [name for name, count in Counter(columns).items() if count > 1]:
        raise DataError(Problem("S102", f"column '{twice[0]}' twice", where))
    shown = " ".join(columns)[:80]
    if _position_columns(columns) is None:
        message = f"columns {shown} hold no x y z"
        raise DataError(Problem("S110", message, where, "dump x y z"))
    if not set(SPECIES) & set(columns):
        message = f"columns {shown} hold neither type nor element"
        raise DataError(Problem("S102", message, where, "dump type or element"))


def _position_columns(columns: list[str]) -> tuple[str, ...] | None:
    return next((names for names in POSITIONS if set(names) <= set(columns)), None)


def _frame(lines: Lines, head: _Head, settings: ReadSettings, most: int) -> Atoms:
    """The atoms that follow a head, in the order of their ids.

    Raises:
        DataError: of the rows and of the species.
    """
    from ase import Atoms

    chosen, where = _position_columns(head.columns), lines.where
    assert chosen and head.box and head.count  # noqa: S101  (they were looked for)
    rows = rows_of(lines, head.columns, chosen, head.count, most)
    rows.put_in_order(where)
    elements = np.array([atomic_numbers()[name] for name in _symbols(rows.kinds, settings, where)])
    box, positions = head.box, rows.positions
    if chosen[0].startswith("xs"):
        positions = positions @ box.cell
    else:
        positions -= box.origin
    numbers = elements[rows.kind]
    atoms = Atoms(numbers=numbers, positions=positions, cell=box.cell, pbc=box.pbc)
    if chosen[0] in UNWRAPPED and any(box.pbc):
        atoms.wrap(eps=1e-9)  # the same structure, and the same image, as by x y z
    return atoms


def _symbols(table: dict[str, list[str]], settings: ReadSettings, where: str) -> list[str]:
    """Elements of all kinds of atoms: by the column that says them, else by types as the map has them.

    Raises:
        DataError: S030, S111.
    """
    by_type = "type" in table and _names(settings, table, ("type", "typelabel"))
    if "element" in table and not by_type:
        elements = {name: mapped(name, where, settings) for name in sorted(set(table["element"]))}
        return [elements[name] for name in table["element"]]
    if "type" not in table:
        return species_of(table["typelabel"], settings, where)
    labels = table.get("typelabel", table["type"])
    other_names = dict(zip(table["type"], labels, strict=True))
    symbols = species_of(table["type"], settings, where, other_names=other_names)
    _check_elements(symbols, table.get("element", symbols), where)
    return symbols


def _names(settings: ReadSettings, table: dict[str, list[str]], columns: tuple[str, ...]) -> bool:
    """Whether the type map names something that stands in one of some columns."""
    known = set(settings.type_map or {})
    return any(known & set(table.get(column, ())) for column in columns)


def _check_elements(symbols: list[str], stated: list[str], where: str) -> None:
    """Refuse a type map that contradicts the column of elements.

    Raises:
        DataError: S111.
    """
    known = set(chemical_symbols())
    for symbol, element in zip(symbols, stated, strict=True):
        if element in known and element != symbol:
            message = f"type_map says {symbol}, the column element {element}"
            raise DataError(Problem("S111", message, where, "mend or remove type_map"))
