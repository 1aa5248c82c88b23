"""VASP's XDATCAR: a POSCAR's head, and frames of coordinates, of which the last may be cut short."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from structkit import DataError, Problem
from structkit_structure_files.frames import check_frames
from structkit_structure_files.poscar import Cell, cell_of, species_of_atoms
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.text import CutShort, Lines, number

if TYPE_CHECKING:
    from ase import Atoms

FRAME = re.compile(r"\s*(direct|cartesian)\s+configuration\s*=\s*(?:\d+\s*)?", re.IGNORECASE)


def read(
    text: str, path: Path, settings: ReadSettings, rng: np.random.Generator
) -> Iterator[Atoms]:
    """Every frame.

    Raises:
        DataError: with the line: S100 rows missing, S101 no frame, and what is wrong with the head.
    """
    check_frames(text.lower().count("configuration"), path, settings)
    lines = Lines(text.split("\n"), path)
    cell, names = _head(lines, settings)
    while lines.more():
        title = lines.take("a frame")
        if not title.strip():
            continue
        if not FRAME.fullmatch(title):
            lines.back([title])
            cell, names = _head(lines, settings)  # of a run with a cell that changes
            title = lines.take("a frame")
        yield _frame(title, cell, names, lines)


def _head(lines: Lines, settings: ReadSettings) -> tuple[Cell, list[str]]:
    """Cell and elements.

    Raises:
        DataError: of their lines; cut short where the file ends with it.
    """
    try:
        title = lines.take("the title")
        return cell_of(lines), species_of_atoms(lines, title, settings)
    except DataError as error:
        raise (CutShort(*error.problems) if lines.ended() else error) from None


def _frame(title: str, cell: Cell, names: list[str], lines: Lines) -> Atoms:
    """The atoms under a title.

    Raises:
        DataError: S101 no title; S100 rows missing.
    """
    from ase import Atoms

    match = FRAME.fullmatch(title)
    if match is None:
        message = f"expected 'Direct configuration=', found '{title.strip()[:40]}'"
        error = CutShort if lines.ended() else DataError
        raise error(Problem("S101", message, lines.where))
    rows = [_position(lines, len(names)) for _ in names]
    atoms = Atoms(names, cell=cell.matrix, pbc=True)
    if match[1].lower() == "direct":
        atoms.set_scaled_positions(np.array(rows))
    else:
        atoms.set_positions(np.array(rows) * cell.scale)
    return atoms


def _position(lines: Lines, announced: int) -> list[float]:
    """The coordinates of an atom.

    Raises:
        DataError: S100, S102; of the numbers.
    """
    words = lines.take(f"one of {announced} atoms").split()
    if not words or FRAME.fullmatch(" ".join(words)):
        message = f"fewer rows than the {announced} atoms announced"
        raise DataError(Problem("S100", message, lines.where))
    if len(words) < 3:
        message = f"line {lines.next}: {len(words)} coordinates, expected 3"
        raise (CutShort if lines.ended() else DataError)(Problem("S102", message, lines.where))
    return [number(word, lines.where, "coordinate") for word in words[:3]]
