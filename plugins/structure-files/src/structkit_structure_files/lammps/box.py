"""Boxes of LAMMPS: orthogonal, tilted, or by three vectors (LAMMPS manual, "Triclinic simulation boxes")."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_structure_files.text import Lines, number, warn

Floats = NDArray[np.float64]
TILTS = ["xy", "xz", "yz"]
GENERAL = ["abc", "origin"]
BOUNDARY = re.compile(r"[pfsm]{1,2}")


@dataclass(frozen=True)
class Box:
    """A box.

    Args:
        origin: (3,), where its vectors begin.
        cell: (3, 3), rows are its vectors.
        pbc: (3,), whether it is periodic along each.
    """

    origin: Floats
    cell: Floats
    pbc: tuple[bool, bool, bool] = (True, True, True)


def box_of_dump(words: list[str], lines: Lines) -> Box:
    """The box of a frame of a dump, of whose title the words are given.

    Raises:
        DataError: S101 an unknown form, S102 numbers that do not fit it, S012 no volume.
    """
    form, boundary = _form(words, lines)
    if not boundary:
        message = "the box does not say where it is periodic: taken as periodic in all directions"
        warn(lines.path, "S108", message)
    width = 4 if form == GENERAL else 3 if form == TILTS else 2
    rows = [_bounds(lines) for _ in range(3)]
    if not form and not boundary and all(len(row) == 3 for row in rows):
        form, width = TILTS, 3  # old dumps write tilts and do not say so
    if any(len(row) != width for row in rows):
        message = "box bounds and the title of the box disagree on tilts"
        raise DataError(Problem("S102", message, lines.where))
    pbc = tuple(word[0] == "p" for word in boundary) or (True, True, True)
    origin, cell = _general(rows) if form == GENERAL else _bounding(rows, lines.where)
    check_cell(cell, lines.where)
    return Box(origin, cell, (pbc[0], pbc[1], pbc[2]))


def _form(words: list[str], lines: Lines) -> tuple[list[str], list[str]]:
    """How the box is described, and its boundaries, which dumps of before 2010 do not give.

    Raises:
        DataError: S101.
    """
    for form in (TILTS, GENERAL, []):
        boundary = words[len(form) :]
        sound = all(BOUNDARY.fullmatch(word) for word in boundary)
        if words[: len(form)] == form and len(boundary) in (0, 3) and sound:
            return form, boundary
    fix = "expected 'BOX BOUNDS pp pp pp', or with 'xy xz yz' or 'abc origin' before pp pp pp"
    message = f"box of an unknown form: '{' '.join(words)[:40]}'"
    raise DataError(Problem("S101", message, lines.where, fix))


def _bounds(lines: Lines) -> list[float]:
    words = lines.take("box bounds").split()
    if len(words) not in (2, 3, 4):
        message = f"box bounds have {len(words)} numbers, expected 2, 3 or 4"
        raise DataError(Problem("S102", message, lines.where))
    return [number(word, lines.where, "box bound") for word in words]


def _general(rows: list[list[float]]) -> tuple[Floats, Floats]:
    """Origin and cell from the rows a, b, c, each with a component of the origin after it."""
    table = np.array(rows)
    return table[:, 3], table[:, :3]


def _bounding(rows: list[list[float]], where: str) -> tuple[Floats, Floats]:
    """Origin and cell from the bounds of a box, tilted or not; those of a tilted one hold all of it."""
    xy, xz, yz = (row[2] if len(row) == 3 else 0.0 for row in rows)
    (xlo, xhi), (ylo, yhi), (zlo, zhi) = (row[:2] for row in rows)
    xlo, xhi = xlo - min(0, xy, xz, xy + xz), xhi - max(0, xy, xz, xy + xz)
    ylo, yhi = ylo - min(0, yz), yhi - max(0, yz)
    cell = box_cell([[xlo, xhi], [ylo, yhi], [zlo, zhi]], [xy, xz, yz], where)
    return np.array([xlo, ylo, zlo]), cell


def box_cell(bounds: list[list[float]], tilts: list[float], where: str) -> Floats:
    """Cell vectors of a box from the ends of its edges and its tilts xy, xz, yz.

    Raises:
        DataError: S012, an edge has no length.
    """
    (xlo, xhi), (ylo, yhi), (zlo, zhi) = bounds
    xy, xz, yz = tilts
    cell = np.array([[xhi - xlo, 0, 0], [xy, yhi - ylo, 0], [xz, yz, zhi - zlo]])
    if (np.diag(cell) <= 0).any():
        message = "cell volume 0 Å³: a box bound is not above the other"
        raise DataError(Problem("S012", message, where))
    return cell


def check_cell(cell: Floats, where: str) -> None:
    """Refuse vectors that span no volume.

    Raises:
        DataError: S012.
    """
    if abs(float(np.linalg.det(cell))) < 1e-12:
        raise DataError(Problem("S012", "cell volume 0 Å³", where, "mend the box"))
