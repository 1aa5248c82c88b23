"""XYZ, plain and extended, checked line by line; ase makes the atoms."""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit import DataError, Problem
from structkit_structure_files.frames import check_frames
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.species import mapped
from structkit_structure_files.text import CutShort, Lines, atom_count, number, warn
from structkit_structure_files.textfile import TextFile
from structkit_structure_files.xyz_comment import (
    ELEMENTS,
    LATTICE,
    PLAIN,
    PROPERTIES,
    Column,
    check_cell,
    check_keys,
    columns_of,
    needed_keys,
)
from structkit_structure_files.xyz_rows import PlainRows, are_plain

if TYPE_CHECKING:
    from ase import Atoms

OCCUPANCIES = ("occupancy", "occ", "occupancies")
UNUSED = ("force", "forces", "magmoms", "charges", "stresses", "energies")  # results, never kept


def read(file: TextFile, settings: ReadSettings) -> Iterator[Atoms]:
    """Every frame of the file; one is in memory.

    Raises:
        DataError: with the line: S100 rows missing, S102 columns, S013/S103/S104 numbers, S030
            elements, S012 lattice.
    """
    check_frames(_count(file.lines(), settings.max_frames + 1), file.path, settings)
    lines = Lines(file.lines(), file.path)
    while lines.more():
        word = lines.take("a number of atoms").strip()
        if not word:  # an empty line between two frames
            continue
        count = atom_count(word, lines.where, settings.max_atoms)
        yield _plain_frame(lines, count, file, settings) or _any_frame(lines, count, settings)


def _plain_frame(lines: Lines, count: int, file: TextFile, settings: ReadSettings) -> Atoms | None:
    """The same of a frame that holds species and positions alone, many rows at a time; None for others."""
    comment, first = lines.peek(), lines.next
    where = f"{lines.path}:{first + 1}"
    try:
        named = _columns(comment, where)
    except DataError:
        return None
    if not are_plain(named or PLAIN):
        return None
    room = min(count, file.size // (2 * len(PLAIN)) + 1)  # whatever is announced
    rows = PlainRows(named, np.empty((room, 3)), np.empty(room, np.int32))
    lines.take("a comment")
    if not rows.fill(lines, count):
        again = Lines(file.lines(), file.path)
        again.skip(first)
        return _any_frame(again, count, settings)
    row = f"X {' '.join(map(repr, rows.positions[0].tolist()))}"
    return rows.atoms(_parse(comment, [row], PLAIN, where), str(file.path), settings)


def _columns(comment: str, where: str) -> tuple[Column, ...] | None:
    """The columns that a comment names, which has no mistake; None where it names none.

    Raises:
        DataError: S105, S106, S107; of the numbers of the cell.
    """
    check_keys(comment, where)
    named = columns_of(comment, where)
    check_cell(comment, where)
    return named


def _count(lines: Iterator[str], most: int) -> int:
    """How many frames there are up to the first line that is no number of atoms, or `most` of them."""
    frames = 0
    while frames < most:
        word = next(lines, None)
        if word is None:
            break
        word = word.strip()
        if not word:
            continue
        if not (word.isdecimal() and len(word) < 10):
            break
        frames += 1
        rows = int(word) + 1
        next(itertools.islice(lines, rows, rows), None)
    return frames


def _any_frame(lines: Lines, count: int, settings: ReadSettings) -> Atoms:
    """The frame whose number of atoms was taken, checked word by word.

    Raises:
        DataError: S100, fewer rows than announced; what is wrong with them.
    """
    first = lines.next
    rows = lines.block(count + 1)
    if len(rows) <= count:
        message = f"{count} atoms announced, {max(len(rows) - 1, 0)} rows follow"
        where = f"{lines.path}:{first}"
        raise CutShort(Problem("S100", message, where, "mend the count or the rows"))
    return _Frame([str(count), *rows], lines.path, first, last=lines.ended()).atoms(settings)


@dataclass(frozen=True)
class _Frame:
    """Lines of a frame.

    Args:
        lines: count, comment, rows.
        path: of the file.
        first: number of the first line in the file.
        last: whether the file ends with it.
    """

    lines: Sequence[str]
    path: Path
    first: int
    last: bool

    def atoms(self, settings: ReadSettings) -> Atoms:
        """The structure.

        Raises:
            DataError: what is wrong, with its line.
        """
        comment, where = self.lines[1], f"{self.path}:{self.first + 1}"
        named = _columns(comment, where)
        rows = [self._words(offset, named) for offset in range(2, len(self.lines))]
        columns = named or PLAIN
        self._check(rows, columns, settings)
        kept = [column for column in columns if self._is_kept(column, columns, rows)]
        return _parse(comment, [_chosen(words, kept) for words in rows], kept, where)

    def _where(self, offset: int) -> str:
        return f"{self.path}:{self.first + offset}"

    def _words(self, offset: int, named: tuple[Column, ...] | None) -> list[str]:
        """The words of a row; further columns of a file that names none are nobody's.

        Raises:
            DataError: S102.
        """
        words = self.lines[offset].split()
        wanted = named[-1].stop if named else PLAIN[-1].stop
        if len(words) == wanted or (named is None and len(words) > wanted):
            return words[:wanted]
        needs = "Properties needs" if named else "a row of XYZ needs a name and x y z:"
        message = f"line {self.first + offset}: {len(words)} columns, {needs} {wanted}"
        cut = self.last and offset == len(self.lines) - 1 and len(words) < wanted
        raise (CutShort if cut else DataError)(Problem("S102", message, self._where(offset)))

    def _check(
        self, rows: Sequence[list[str]], columns: Sequence[Column], settings: ReadSettings
    ) -> None:
        """Check what is used of every row, and put the elements of the species in their place."""
        several = sum(column.name in ELEMENTS for column in columns) > 1
        for offset, words in enumerate(rows, 2):
            where = self._where(offset)
            for column in columns:
                _check_numbers(words, column, where)
                if column.name == "species":
                    words[column.start] = mapped(words[column.start], where, settings)
            if several:
                _check_agreement(words, columns, where)

    def _is_kept(
        self, column: Column, columns: Sequence[Column], rows: Sequence[list[str]]
    ) -> bool:
        """Whether a column is one that ase is to read: no second name of the elements, and numbers."""
        names = [other.name for other in columns]
        if column.name in ("Z", "numbers"):
            return "species" not in names
        if column.name in ("pos", "species") or column.kind not in ("R", "I"):
            return True
        for offset, words in enumerate(rows, 2):
            odd = [word for word in words[column.start : column.stop] if not _is_finite(word)]
            if odd and column.name not in UNUSED:
                message = f"column {column.name} is left out: '{odd[0][:20]}' is no finite number"
                warn(self._where(offset), "S123", message)
            if odd:
                return False
        return True


def _check_numbers(words: Sequence[str], column: Column, where: str) -> None:
    """Positions and atomic numbers are finite, and atoms whole.

    Raises:
        DataError: S013, S103, S104; S040.
    """
    whole = column.name.lower() in OCCUPANCIES
    if column.kind not in ("R", "I") or not (whole or column.name in ("pos", *ELEMENTS)):
        return
    for word in words[column.start : column.stop]:
        if number(word, where, column.name) != 1 and whole:
            message = f"{column.name} {word}: disordered"
            raise DataError(Problem("S040", message, where, "extended XYZ holds whole atoms"))


def _check_agreement(words: Sequence[str], columns: Sequence[Column], where: str) -> None:
    """Refuse a row whose columns name two elements.

    Raises:
        DataError: S105.
    """
    from ase.data import atomic_numbers

    stated = {}
    for column in columns:
        word = words[column.start]
        if column.name == "species":
            stated[column.name] = atomic_numbers[word]
        elif column.name in ELEMENTS:
            stated[column.name] = int(number(word, where, column.name))
    if len(set(stated.values())) > 1:
        told = " and ".join(f"{name} {value}" for name, value in stated.items())
        message = f"the columns name two elements ({told})"
        raise DataError(Problem("S105", message, where, "keep one of the columns"))


def _is_finite(word: str) -> bool:
    try:
        return math.isfinite(float(word))
    except ValueError:
        return False


def _chosen(words: Sequence[str], columns: Sequence[Column]) -> str:
    """The words of some columns."""
    return " ".join(word for column in columns for word in words[column.start : column.stop])


def _parse(comment: str, rows: list[str], columns: Sequence[Column], where: str) -> Atoms:
    """The atoms, by ase; of a comment that it cannot read, cell and columns alone are taken.

    Raises:
        DataError: S100.
    """
    properties = f"Properties={':'.join(map(str, columns))}"
    others = PROPERTIES.sub("", comment)
    try:
        atoms = _by_ase(others, properties, rows)
    except Exception:
        atoms = None
    if atoms is None or not _has_cell(atoms, comment):
        warn(
            where, "S124", "the comment cannot be read (a quote?): only cell and columns are taken"
        )
        try:
            atoms = _by_ase(needed_keys(comment), properties, rows)
        except Exception as error:
            message = f"not extended XYZ: {type(error).__name__}: {error}"
            raise DataError(Problem("S100", message, where)) from error
    # ase takes it out of what the file records
    if atoms.calc is not None and "energy" in atoms.calc.results:
        atoms.info.setdefault("energy", float(atoms.calc.results["energy"]))
    return atoms


def _by_ase(comment: str, properties: str, rows: list[str]) -> Any:
    from ase.io.extxyz import read_xyz

    text = "\n".join([str(len(rows)), f"{properties} {comment}", *rows, ""])
    return next(iter(read_xyz(io.StringIO(text), 0)))


def _has_cell(atoms: Atoms, comment: str) -> bool:
    """Whether the cell of the comment has come through; an open quote swallows it."""
    match = LATTICE.search(comment)
    if match is None:
        return True
    stated = np.array(match.group(1).split(), dtype=float)
    return np.allclose(np.asarray(atoms.cell[:]).ravel(), stated)
