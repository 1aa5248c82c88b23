"""VASP's POSCAR, read by its definition: ase and pymatgen make up elements where the file names none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.species import check_element
from structkit_structure_files.text import Lines, atom_count, too_many

if TYPE_CHECKING:
    from ase import Atoms


def read(
    text: str, path: Path, settings: ReadSettings, rng: np.random.Generator
) -> Iterator[Atoms]:
    """The structure of the file.

    Raises:
        DataError: with the line: S012 scale or cell, S100 lines missing, S111 no species, S120
            counts.
    """
    from ase import Atoms

    lines = Lines(text.split("\n"), path)
    cell = _cell(lines)
    symbols, counts = _species(lines, settings)
    mode = lines.take("the coordinate mode").strip().lower()
    if mode.startswith("s"):  # selective dynamics
        mode = lines.take("the coordinate mode").strip().lower()
    word = mode.partition(" ")[0]
    if not word or not any(
        known.startswith(word) for known in ("direct", "cartesian", "kartesian", "fractional")
    ):
        raise DataError(
            Problem(
                "S121", f"coordinate mode '{mode[:20]}'", lines.where, "write Direct or Cartesian"
            )
        )
    total = sum(counts)
    names = [symbol for symbol, count in zip(symbols, counts, strict=True) for _ in range(count)]
    rows = np.array(
        [_position(lines, number + 1, total, name) for number, name in enumerate(names)]
    )
    _check_end(lines, total)
    atoms = Atoms(names, cell=cell.matrix, pbc=True)
    if mode.startswith(("d", "f")):
        atoms.set_scaled_positions(rows)
    else:
        atoms.set_positions(rows * cell.scale)
    yield atoms


@dataclass(frozen=True)
class _Cell:
    matrix: NDArray[np.float64]
    scale: float


def _cell(lines: Lines) -> _Cell:
    lines.take("the title")
    (scale,) = lines.numbers("the scale factor", 1, exactly=True)
    if scale == 0:
        raise DataError(Problem("S012", "scale factor 0: cell volume 0 Å³", lines.where))
    matrix = np.array([lines.numbers("a cell vector", 3, exactly=True) for _ in range(3)])
    volume = abs(float(np.linalg.det(matrix)))
    if volume < 1e-12:
        raise DataError(Problem("S012", "cell volume 0 Å³", f"{lines.path}:3"))
    if scale < 0:  # minus the volume of the cell
        scale = float((-scale / volume) ** (1 / 3))
    return _Cell(matrix * scale, scale)


def _species(lines: Lines, settings: ReadSettings) -> tuple[list[str], list[int]]:
    words = lines.take("the species").split()
    line = lines.next
    if not words or words[0].lstrip("+-").isdigit():
        fix = "add a line of element symbols above the counts (VASP 5)"
        raise DataError(
            Problem("S111", "the file names no species (VASP 4 format)", lines.where, fix)
        )
    # potentials such as Sr_sv are written there too
    symbols = [word.split("/")[0].split("_")[0] for word in words]
    for symbol in symbols:
        check_element(symbol, lines.where)
    count_words = lines.take("the counts").split()
    count_words = count_words[
        : next((i for i, w in enumerate(count_words) if w.startswith(("!", "#"))), None)
    ]
    if len(count_words) != len(symbols):
        plural = "s" if len(symbols) != 1 else ""
        message = f"line {line}: {len(symbols)} symbol{plural}, line {lines.next}: {len(count_words)} counts"
        raise DataError(Problem("S120", message, lines.where))
    counts = [atom_count(word, lines.where, settings.max_atoms) for word in count_words]
    if sum(counts) > settings.max_atoms:
        raise too_many(sum(counts), settings.max_atoms, lines.where)
    return symbols, counts


def _check_end(lines: Lines, total: int) -> None:
    """After the last atom comes an empty line, the velocities' title, or nothing."""
    rest = lines.lines[lines.next : lines.next + 1]
    if (
        rest
        and rest[0].strip()
        and (not rest[0].strip()[0].isalpha() or any(map(_is_number, rest[0].split())))
    ):
        message = f"more rows of coordinates than the {total} atoms announced"
        raise DataError(
            Problem(
                "S100", message, f"{lines.path}:{lines.next + 1}", "mend the counts or the rows"
            )
        )


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _position(lines: Lines, row: int, total: int, name: str) -> list[float]:
    from ase.data import chemical_symbols

    if lines.next >= len(lines.lines) or not lines.lines[lines.next].strip():
        message = f"{total} atoms announced, {row - 1} rows of coordinates follow"
        raise DataError(Problem("S100", message, f"{lines.path}:{lines.next + 1}"))
    position = lines.numbers(f"coordinates of atom {row}", 3)
    after = lines.lines[lines.next - 1].split("!")[0].split()[3:]
    if said := [
        word for word in after if word in chemical_symbols[1:] and word not in (name, "F", "T")
    ]:
        message = f"atom {row} is {name} by its place and {said[0]} by its label"
        raise DataError(Problem("S120", message, lines.where, "mend the counts or the labels"))
    return position
