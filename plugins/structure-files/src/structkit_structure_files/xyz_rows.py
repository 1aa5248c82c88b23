"""Rows of extended XYZ that hold species and positions alone: many at a time, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from structkit_structure_files.many import ROWS, finite_numbers
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.species import atomic_numbers, mapped
from structkit_structure_files.text import Lines
from structkit_structure_files.xyz_comment import PLAIN, Column

if TYPE_CHECKING:
    from ase import Atoms


@dataclass
class PlainRows:
    """The rows of a frame.

    Args:
        named: the columns that the comment names; None where it names none, and a row may go on.
        positions: float64 (atoms, 3).
        kind: int32 (atoms,), the place of an atom's species among all.
        seen: the place of every species.
        lines: number of the line where a species stands first, in the order of their places.
    """

    named: Sequence[Column] | None
    positions: NDArray[np.float64]
    kind: NDArray[np.int32]
    seen: dict[str, int] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)

    def fill(self, lines: Lines, count: int) -> bool:
        """Take the rows of a frame; returns whether all are there and plainly sound."""
        begin = 0
        while begin < count:
            block = lines.block(min(ROWS, count - begin))
            sound = self._take(begin, [line.split() for line in block], lines.next - len(block) + 1)
            if not sound:
                return False
            begin += len(block)
        return True

    def atoms(self, alike: Atoms, path: str, settings: ReadSettings) -> Atoms:
        """The structure.

        Args:
            alike: a structure of the same cell, with the same facts.
            path: of the file, for messages.
            settings: with the type map.

        Raises:
            DataError: S030, S111, of the species.
        """
        from ase import Atoms

        names = zip(self.seen, self.lines, strict=True)
        symbols = [mapped(name, f"{path}:{line}", settings) for name, line in names]
        numbers = np.array([atomic_numbers()[symbol] for symbol in symbols])
        cell, pbc, info = alike.cell, alike.pbc, alike.info
        return Atoms(
            numbers=numbers[self.kind], positions=self.positions, cell=cell, pbc=pbc, info=info
        )

    def _take(self, begin: int, rows: Sequence[list[str]], line: int) -> bool:
        columns = self.named or PLAIN
        wanted = columns[-1].stop
        if not rows or any(len(words) < wanted for words in rows):
            return False
        if self.named and any(len(words) > wanted for words in rows):
            return False
        by_column = list(zip(*rows, strict=False))  # as far as the shortest goes
        some = slice(begin, begin + len(rows))
        starts = {column.name: column.start for column in columns}
        for axis in range(3):
            values = finite_numbers(by_column[starts["pos"] + axis])
            if values is None:
                return False
            self.positions[some, axis] = values
        self._keep_species(some, by_column[starts["species"]], line)
        return True

    def _keep_species(self, some: slice, names: Sequence[str], line: int) -> None:
        for name in dict.fromkeys(names):
            if name not in self.seen:
                self.seen[name] = len(self.seen)
                self.lines.append(line + names.index(name))
        self.kind[some] = [self.seen[name] for name in names]


def are_plain(columns: Sequence[Column]) -> bool:
    """Whether columns are species and positions, and nothing else."""
    return sorted(column.name for column in columns) == ["pos", "species"]
