"""The rows of a frame of a dump: many at a time, as arrays; a row that is not sound, by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_structure_files.many import ROWS, finite_numbers, whole_numbers
from structkit_structure_files.text import CutShort, Lines, integer, number

SPECIES = ("element", "type", "typelabel")  # columns that tell what an atom is
Words = Sequence[str]


@dataclass
class Rows:
    """What is kept of the rows of a frame.

    Args:
        columns: their names.
        chosen: those of the positions.
        positions: float64 (atoms, 3), as they stand.
        ids: int64 (atoms,), all 0 where there is no such column.
        kind: int32 (atoms,), the place of what the columns of species say among what they say of any.
        seen: what they say, in the order of its appearance.
    """

    columns: Sequence[str]
    chosen: Sequence[str]
    positions: NDArray[np.float64]
    ids: NDArray[np.int64]
    kind: NDArray[np.int32]
    seen: dict[tuple[str, ...], int] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, list[str]]:
        """The columns of species, with one row for all atoms of which they say the same."""
        return {
            name: [words[place] for words in self.seen]
            for place, name in enumerate(self._species())
        }

    def take(self, begin: int, lines: Sequence[Words]) -> bool:
        """Keep the words of rows from one on; returns whether all of them are plainly sound."""
        if any(len(words) != len(self.columns) for words in lines):
            return False
        by_column = list(zip(*lines, strict=True))
        if "ITEM:" in by_column[0]:
            return False
        some = slice(begin, begin + len(lines))
        for axis, name in enumerate(self.chosen):
            values = finite_numbers(by_column[self.columns.index(name)])
            if values is None:
                return False
            self.positions[some, axis] = values
        if "id" in self.columns:
            ids = whole_numbers(by_column[self.columns.index("id")])
            if ids is None:
                return False
            self.ids[some] = ids
        self._keep_kinds(some, zip(*self._of_species(by_column), strict=True))
        return True

    def put_in_order(self, where: str) -> None:
        """Sort the atoms by their ids, where they have any.

        Raises:
            DataError: S113, an id twice.
        """
        if "id" not in self.columns or (np.diff(self.ids) > 0).all():
            return
        order = np.argsort(self.ids)
        if (np.diff(self.ids[order]) == 0).any():
            raise DataError(Problem("S113", "two atoms have the same id", where))
        self.positions, self.kind = self.positions[order], self.kind[order]

    def _species(self) -> list[str]:
        return [name for name in SPECIES if name in self.columns]

    def _of_species(self, by_column: Sequence[Words]) -> list[Words]:
        return [by_column[self.columns.index(name)] for name in self._species()]

    def _keep_kinds(self, some: slice, kinds: Iterable[tuple[str, ...]]) -> None:
        seen = self.seen
        self.kind[some] = [seen.setdefault(kind, len(seen)) for kind in kinds]


def rows_of(
    lines: Lines, columns: Sequence[str], chosen: Sequence[str], count: int, most: int
) -> Rows:
    """The rows of as many atoms as are announced.

    Args:
        lines: of the file, at the first row.
        columns: their names.
        chosen: those of the positions.
        count: atoms announced.
        most: bytes of the file, which hold no more than so many atoms, whatever is announced.

    Raises:
        DataError: S100 fewer rows, S102 columns; of the numbers.
    """
    room = min(count, most // (2 * len(columns)) + 1)
    ids, kind = np.zeros(room, np.int64), np.empty(room, np.int32)
    rows = Rows(columns, chosen, np.empty((room, 3)), ids, kind)
    begin = 0
    while begin < count:
        block = lines.block(min(ROWS, count - begin))
        if not block or not rows.take(begin, [line.split() for line in block]):
            lines.back(block)
            raise _first_problem(lines, columns, chosen, count)
        begin += len(block)
    return rows


def _first_problem(
    lines: Lines, columns: Sequence[str], chosen: Sequence[str], announced: int
) -> DataError:
    """What is wrong with the first row that is not sound; at the latest, that the file ends."""
    try:
        while True:
            _check_row(lines, columns, chosen, announced)
    except DataError as error:
        return error


def _check_row(lines: Lines, columns: Sequence[str], chosen: Sequence[str], announced: int) -> None:
    """Look at the words of an atom one by one.

    Raises:
        DataError: S100, S102; of the numbers.
    """
    words = lines.take(f"one of {announced} atoms").split()
    if words[:1] == ["ITEM:"]:
        message = f"fewer rows than the {announced} atoms announced"
        raise DataError(Problem("S100", message, lines.where))
    if len(words) != len(columns):
        message = f"line {lines.next}: {len(words)} columns, ITEM: ATOMS names {len(columns)}"
        cut = lines.ended() and len(words) < len(columns)
        raise (CutShort if cut else DataError)(Problem("S102", message, lines.where))
    for word, name in zip(words, columns, strict=True):
        if name in chosen:
            number(word, lines.where, name)
        elif name == "id":
            integer(word, lines.where, "atom id")
