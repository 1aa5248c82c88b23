"""VASP's POSCAR, read by its definition: ase and pymatgen make up elements where the file names none."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.species import EXAMPLE, chemical_symbols, mapped, species_of
from structkit_structure_files.text import CutShort, Lines, atom_count, number, too_many

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
    title = lines.take("the title")
    cell = cell_of(lines)
    names = species_of_atoms(lines, title, settings)
    cartesian = _is_cartesian(lines)
    rows = [_position(lines, number + 1, len(names), name) for number, name in enumerate(names)]
    _check_end(lines, len(names))
    atoms = Atoms(names, cell=cell.matrix, pbc=True)
    if cartesian:
        atoms.set_positions(np.array(rows) * cell.scale)
    else:
        atoms.set_scaled_positions(np.array(rows))
    yield atoms


def _is_cartesian(lines: Lines) -> bool:
    """Whether coordinates are lengths, not fractions of the cell.

    Raises:
        DataError: S121.
    """
    mode = lines.take("the coordinate mode").strip().lower()
    if mode.startswith("s"):  # selective dynamics
        mode = lines.take("the coordinate mode").strip().lower()
    word = mode.partition(" ")[0].rstrip(":,!#")
    modes = ("direct", "cartesian", "kartesian", "fractional")
    if not word or not any(mode.startswith(word) for mode in modes):
        message = f"coordinate mode '{mode[:20]}'"
        raise DataError(Problem("S121", message, lines.where, "write Direct or Cartesian"))
    return word[0] in "ck"


@dataclass(frozen=True)
class Cell:
    """Cell vectors (3, 3), and the scale (3) of the Cartesian components of positions."""

    matrix: NDArray[np.float64]
    scale: NDArray[np.float64]


def cell_of(lines: Lines) -> Cell:
    """The cell: one scale, minus a volume, or a scale for each Cartesian component.

    Raises:
        DataError: S012, S100.
    """
    scale = _scale(lines)
    where = lines.where
    matrix = np.array([lines.numbers("a cell vector", 3) for _ in range(3)])
    volume = abs(float(np.linalg.det(matrix)))
    if volume < 1e-12:
        raise DataError(Problem("S012", "cell volume 0 Å³", f"{lines.path}:3"))
    if len(scale) == 1 and scale[0] < 0:  # minus the volume of the cell
        scale = (-scale / volume) ** (1 / 3)
    if (scale <= 0).any():
        message = "a scale factor is not above 0: cell volume 0 Å³"
        message = "scale factor 0: cell volume 0 Å³" if len(scale) == 1 else message
        raise DataError(Problem("S012", message, where))
    return Cell(matrix * scale, np.broadcast_to(scale, 3))


def _scale(lines: Lines) -> NDArray[np.float64]:
    """One scale factor or three; words after them are a comment.

    Raises:
        DataError: S100 none, or two; S103 no number.
    """
    line = lines.take("the scale factor")
    words = line.split("!")[0].split("#")[0].split()
    leading = list(itertools.takewhile(_is_number, words)) or words[:1]
    values = [number(word, lines.where, "the scale factor") for word in leading]
    if len(values) not in (1, 3):
        message = f"the scale factor: {len(values)} numbers, expected 1 or 3"
        raise DataError(Problem("S100", message, lines.where))
    return np.array(values)


def species_of_atoms(lines: Lines, title: str, settings: ReadSettings) -> list[str]:
    """The element of every atom.

    Raises:
        DataError: S030 no element, S111 no species, S120 symbols and counts that do not fit.
    """
    words = _before_comment(lines.take("the species"))
    where, line = lines.where, lines.next
    if not words or words[0].lstrip("+-").isdigit():
        counts = _counts(lines, words, settings)
        types = [str(number + 1) for number in range(len(counts))]
        if not counts or not settings.type_map:
            raise DataError(_no_species(types, title, where))
        symbols = species_of(types, settings, where)
    else:
        symbols = [_element(word, where, settings) for word in words]
        counts = _counts(lines, _before_comment(lines.take("the counts")), settings)
    if len(counts) != len(symbols):
        plural = "s" if len(symbols) != 1 else ""
        message = (
            f"line {line}: {len(symbols)} symbol{plural}, line {lines.next}: {len(counts)} counts"
        )
        raise DataError(Problem("S120", message, lines.where))
    names = []
    for symbol, count in zip(symbols, counts, strict=True):
        names.extend([symbol] * count)
    return names


def _before_comment(line: str) -> list[str]:
    """The words of a line before a comment."""
    return re.split(r"[!#]", line)[0].split()


def _element(word: str, where: str, settings: ReadSettings) -> str:
    """The element of a name: as the map says of the whole, else of what potentials such as Sr_sv begin with."""
    if word in (settings.type_map or {}):
        return mapped(word, where, settings)
    return mapped(word.split("/")[0].split("_")[0], where, settings)


def _no_species(types: list[str], title: str, where: str) -> Problem:
    """That a VASP-4 file names no species; elements in its title are proposed, never taken."""
    symbols = re.findall(r"[A-Z][a-z]?", title) if re.fullmatch(r"[\w\s()]*", title) else []
    known = [symbol for symbol in dict.fromkeys(symbols) if symbol in chemical_symbols()]
    proposed = known if len(known) == len(types) else [*EXAMPLE, *types][: len(types)]
    example = ", ".join(f"{kind}: {name}" for kind, name in zip(types, proposed, strict=False))
    fix = "add a line of element symbols above the counts (VASP 5)"
    if types:
        fix += f", or set type_map: {{{example}}}"
    return Problem("S111", "the file names no species (VASP 4 format)", where, fix)


def _counts(lines: Lines, words: list[str], settings: ReadSettings) -> list[int]:
    """Numbers of atoms; words after them are a comment.

    Raises:
        DataError: S010, S071, S072, S103.
    """
    leading = list(itertools.takewhile(_is_number, words)) or words[:1]
    counts = [atom_count(word, lines.where, settings.max_atoms) for word in leading]
    if sum(counts) > settings.max_atoms:
        raise too_many(sum(counts), settings.max_atoms, lines.where)
    return counts


def _check_end(lines: Lines, total: int) -> None:
    """After the last atom comes an empty line, the velocities' title, or nothing."""
    rest = lines.peek().strip()
    if rest and (not rest[0].isalpha() or any(map(_is_number, rest.split()))):
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
    line = lines.peek()
    if not line.strip():
        message = f"{total} atoms announced, {row - 1} rows of coordinates follow"
        raise CutShort(Problem("S100", message, f"{lines.path}:{lines.next + 1}"))
    position = lines.numbers(f"coordinates of atom {row}", 3)
    after = _before_comment(line)[3:]
    if said := [
        word for word in after if word in chemical_symbols() and word not in (name, "F", "T")
    ]:
        message = f"atom {row} is {name} by its place and {said[0]} by its label"
        raise DataError(Problem("S120", message, lines.where, "mend the counts or the labels"))
    return position
