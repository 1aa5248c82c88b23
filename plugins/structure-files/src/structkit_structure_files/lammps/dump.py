"""LAMMPS text dumps: types are numbers there, so a map to elements is asked for and never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit import DataError, Problem
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.species import check_element, species_of
from structkit_structure_files.text import Lines, atom_count, integer, number

if TYPE_CHECKING:
    from ase import Atoms

POSITIONS = (("x", "y", "z"), ("xu", "yu", "zu"), ("xs", "ys", "zs"), ("xsu", "ysu", "zsu"))


def read(
    text: str, path: Path, settings: ReadSettings, rng: np.random.Generator
) -> Iterator[Atoms]:
    """Every frame of the dump, atoms in the order of their ids.

    Raises:
        DataError: with the line: S011 no box, S100 rows missing, S102 columns, S110 no positions,
            S111 no species, S112 the number of atoms changes.
    """
    lines = Lines(text.rstrip("\n").split("\n"), path)
    before: int | None = None
    frame = 0
    while lines.more():
        atoms = _frame(lines, settings)
        if before is not None and len(atoms) != before and not settings.allow_variable:
            message = f"frame {frame} has {len(atoms)} atom{'s' * (len(atoms) != 1)}, frame {frame - 1} had {before}"
            raise DataError(Problem("S112", message, lines.where, "allow_variable: true"))
        before, frame = len(atoms), frame + 1
        yield atoms


def _frame(lines: Lines, settings: ReadSettings) -> Atoms:
    items = _header(lines, settings)
    if "BOX BOUNDS" not in items:
        raise DataError(
            Problem("S011", "no 'ITEM: BOX BOUNDS': the frame has no cell", lines.where)
        )
    if "NUMBER OF ATOMS" not in items:
        raise DataError(Problem("S010", "no 'ITEM: NUMBER OF ATOMS'", lines.where))
    columns = items["ATOMS"].split()
    if twice := [name for name in columns if columns.count(name) > 1]:
        raise DataError(Problem("S102", f"column '{twice[0]}' twice", lines.where))
    chosen = next((names for names in POSITIONS if set(names) <= set(columns)), None)
    if chosen is None:
        raise DataError(
            Problem(
                "S110", f"columns {' '.join(columns)[:80]} hold no x y z", lines.where, "dump x y z"
            )
        )
    if "type" not in columns and "element" not in columns:
        message = f"columns {' '.join(columns)[:80]} hold neither type nor element"
        raise DataError(Problem("S102", message, lines.where, "dump type or element"))
    rows = [_row(lines, columns, items["NUMBER OF ATOMS"]) for _ in range(items["NUMBER OF ATOMS"])]
    return _atoms(rows, columns, chosen, items, settings, lines.where)


def _header(lines: Lines, settings: ReadSettings) -> dict[str, Any]:
    """The items of a frame up to its atoms."""
    items: dict[str, Any] = {}
    while "ATOMS" not in items:
        title = lines.take("an ITEM line").strip()
        if not title.startswith("ITEM:"):
            raise DataError(
                Problem("S101", f"expected an ITEM line, found '{title[:40]}'", lines.where)
            )
        name = title.removeprefix("ITEM:").strip()
        if name == "NUMBER OF ATOMS":
            items[name] = atom_count(
                lines.take("the number of atoms").strip(), lines.where, settings.max_atoms
            )
        elif name in items or (name.startswith("BOX BOUNDS") and "BOX BOUNDS" in items):
            raise DataError(Problem("S101", f"'ITEM: {name}' twice in a frame", lines.where))
        elif name.startswith("BOX BOUNDS"):
            items["BOX BOUNDS"] = _box_item(name.removeprefix("BOX BOUNDS").split(), lines)
        elif name.startswith("ATOMS"):
            items["ATOMS"] = name.removeprefix("ATOMS").strip()
        elif name == "UNITS":
            items[name] = lines.take(name).strip()
        else:
            lines.take(name)
    return items


def _box_item(words: list[str], lines: Lines) -> tuple[list[str], list[list[float]]]:
    """Boundary words and bounds of a box, which is either orthogonal or tilted (xy xz yz)."""
    tilts, boundary = words[:-3], words[-3:]
    if (
        tilts not in ([], ["xy", "xz", "yz"])
        or len(boundary) != 3
        or not all(re.fullmatch(r"[pfsm]{2}", word) for word in boundary)
    ):
        fix = "expected 'BOX BOUNDS pp pp pp' or 'BOX BOUNDS xy xz yz pp pp pp'"
        raise DataError(
            Problem("S101", f"box of an unknown form: '{' '.join(words)[:40]}'", lines.where, fix)
        )
    bounds = [_bounds(lines) for _ in range(3)]
    if len({len(row) for row in bounds}) > 1 or (len(bounds[0]) == 3) != bool(tilts):
        raise DataError(
            Problem("S102", "box bounds and the title of the box disagree on tilts", lines.where)
        )
    return boundary, bounds


def _bounds(lines: Lines) -> list[float]:
    words = lines.take("box bounds").split()
    if len(words) not in (2, 3):
        raise DataError(
            Problem("S102", f"box bounds have {len(words)} numbers, expected 2 or 3", lines.where)
        )
    return [number(word, lines.where, "box bound") for word in words]


def _row(lines: Lines, columns: list[str], announced: int) -> list[str]:
    words = lines.take(f"one of {announced} atoms").split()
    if words[:1] == ["ITEM:"]:
        raise DataError(
            Problem("S100", f"fewer rows than the {announced} atoms announced", lines.where)
        )
    if len(words) != len(columns):
        message = f"line {lines.next}: {len(words)} columns, ITEM: ATOMS names {len(columns)}"
        raise DataError(Problem("S102", message, lines.where))
    for word, name in zip(words, columns, strict=True):
        if name != "element":
            number(word, lines.where, name)
    return words


def _atoms(
    rows: list[list[str]],
    columns: list[str],
    chosen: tuple[str, ...],
    items: dict[str, Any],
    settings: ReadSettings,
    where: str,
) -> Atoms:
    from ase import Atoms

    if "id" in columns:
        place = columns.index("id")
        ids = [integer(row[place], where, "atom id") for row in rows]
        if len(set(ids)) < len(ids):
            raise DataError(Problem("S113", "two atoms have the same id", where))
        rows = [rows[i] for i in np.argsort(ids)]
    symbols = _symbols(rows, columns, settings, where)
    origin, cell = _box(items["BOX BOUNDS"], where)
    positions = np.array([[float(row[columns.index(name)]) for name in chosen] for row in rows])
    if chosen[0].startswith("xs"):
        positions = positions @ cell
    else:
        positions = positions - origin
    boundary = [word == "pp" for word in items["BOX BOUNDS"][0]]
    return Atoms(symbols, positions, cell=cell, pbc=boundary, info=said_units(items.get("UNITS")))


def _symbols(
    rows: list[list[str]], columns: list[str], settings: ReadSettings, where: str
) -> list[str]:
    if "element" in columns:
        if settings.type_map:
            message = "the column element and type_map both name the species"
            raise DataError(Problem("S111", message, where, "remove type_map"))
        symbols = [row[columns.index("element")] for row in rows]
        for symbol in sorted(set(symbols)):
            check_element(symbol, where)
        return symbols
    return species_of([row[columns.index("type")] for row in rows], settings, where)


def said_units(word: str | None) -> dict[str, str]:
    """What a file says of its units, as the info of its atoms; nothing where lengths are in Å."""
    return {} if word in (None, "metal", "real") else {"units": str(word)}


def _box(bounds: tuple[list[str], list[list[float]]], where: str) -> tuple[np.ndarray, np.ndarray]:
    """Origin and cell of a box, tilted or not (LAMMPS manual, "Triclinic simulation boxes")."""
    words, rows = bounds
    tilted = all(len(row) == 3 for row in rows)
    xy, xz, yz = (row[2] for row in rows) if tilted else (0.0, 0.0, 0.0)
    (xlo, xhi), (ylo, yhi), (zlo, zhi) = (row[:2] for row in rows)
    xlo, xhi = xlo - min(0, xy, xz, xy + xz), xhi - max(0, xy, xz, xy + xz)
    ylo, yhi = ylo - min(0, yz), yhi - max(0, yz)
    cell = box_cell([[xlo, xhi], [ylo, yhi], [zlo, zhi]], [xy, xz, yz], where)
    return np.array([xlo, ylo, zlo]), cell


def box_cell(bounds: list[list[float]], tilts: list[float], where: str) -> np.ndarray:
    """Cell vectors of a box from the ends of its edges and its tilts xy, xz, yz.

    Raises:
        DataError: S012, an edge has no length.
    """
    (xlo, xhi), (ylo, yhi), (zlo, zhi) = bounds
    xy, xz, yz = tilts
    cell = np.array([[xhi - xlo, 0, 0], [xy, yhi - ylo, 0], [xz, yz, zhi - zlo]])
    if (np.diag(cell) <= 0).any():
        raise DataError(
            Problem("S012", "cell volume 0 Å³: a box bound is not above the other", where)
        )
    return cell
