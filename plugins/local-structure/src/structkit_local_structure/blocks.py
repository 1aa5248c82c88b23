"""The surroundings of many atoms, some at a time, so that memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_local_structure.grid import Chunks, Floats, Grid, Ints, grid_of
from structkit_local_structure.kernel import find_local
from structkit_local_structure.levels import FEATURES, average, compare, finish
from structkit_local_structure.ring import (
    AVERAGED,
    BONDED,
    COMPARED,
    LOCAL,
    NEAREST,
    SIZE,
    Ring,
    Singles,
)
from structkit_local_structure.rows import take_rows, with_neighbours

HALO = 4.0  # rows at first, in atoms of the largest chunk; more are made when they are needed


@dataclass(frozen=True)
class Surroundings:
    """The surroundings of some atoms of a structure.

    Args:
        atoms: int64 (some,), numbers of the atoms.
        features: float32 (some, 120), their invariants.
        neighbours: int32 (some, 14), numbers of their neighbours, from near to far.
        alike: float32 (some, 12), cosines of `averaged` between an atom and its 12 neighbours.
        harmonics: float32 (rows, 240), of all atoms in work.
        rows: int32 (some,), where in `harmonics` each atom is.
    """

    atoms: Ints
    features: Singles
    neighbours: NDArray[np.int32]
    alike: Singles
    harmonics: Singles
    rows: NDArray[np.int32]

    def averaged(self, places: Ints | slice = slice(None)) -> Singles:
        """Harmonics over 4, 12, 14 neighbours, averaged over 13 atoms, float32 (places, 240).

        They are there until the surroundings of the next chunk are asked for.
        """
        chosen: Singles = self.harmonics[self.rows[places]]
        return chosen


def surroundings(
    positions: Floats, cell: Floats, periodic: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> Iterator[Surroundings]:
    """Give the surroundings of all atoms, chunk by chunk, each atom once.

    Atoms in work have rows of a ring, which are used again when a chunk no longer needs them, so
    that every atom is computed once wherever the structure is cut. Memory beside the positions is
    that of the rows: some layers of atoms.

    Args:
        positions: float64 (atoms, 3).
        cell: float64 (3, 3), one vector a row; zeros without period.
        periodic: bool (3,).

    Raises:
        DataError: S012, no cell along a period; S013, positions that are no numbers; S014, an atom
            has fewer than 14 neighbours; S021, two atoms in one place.
    """
    if len(positions) == 0:
        return
    grid = grid_of(positions, cell, periodic)
    chunks = Chunks(grid)
    work = _Work(grid, min(len(positions), int(HALO * chunks.largest()) + 64))
    for number, chunk in enumerate(chunks):
        yield work.surroundings(chunk, number)


def of_some(
    positions: Floats,
    cell: Floats,
    periodic: np.ndarray[tuple[int], np.dtype[np.bool_]],
    atoms: Ints,
) -> Surroundings:
    """The surroundings of some atoms of a structure, in the order asked.

    Args:
        positions: float64 (atoms, 3).
        cell: float64 (3, 3).
        periodic: bool (3,).
        atoms: int64 (some,), their numbers.
    """
    grid = grid_of(positions, cell, periodic)
    place = np.empty(len(positions), np.int64)
    place[grid.order] = np.arange(len(positions))
    work = _Work(grid, min(len(positions), 512 * len(atoms)))
    return work.surroundings(place[atoms], 0)


@dataclass
class _Work:
    """A structure on its way.

    Args:
        grid: its atoms.
        rows: for atoms in work.
    """

    grid: Grid
    rows: int
    ring: Ring = field(init=False)

    def __post_init__(self) -> None:
        atoms = len(self.grid.positions)
        self.mark = np.zeros(atoms, dtype=bool)
        self.ring = _ring(np.full(atoms, -1, dtype=np.int32), self.rows)

    def surroundings(self, chunk: Ints, number: int) -> Surroundings:
        """The surroundings of a chunk: local sums three neighbours further, averages two, cosines one."""
        levels = [chunk]
        self._local(chunk, number)
        for _ in range(3):
            levels.append(self._wider(levels[-1]))
            self._local(levels[-1], number)
        average(self.ring, self._waiting(levels[2], AVERAGED))
        compare(self.ring, self._waiting(levels[1], COMPARED))
        features = np.empty((len(chunk), FEATURES), np.float32)
        finish(self.ring, chunk, features)
        own = self.ring.row[chunk]
        order = self.grid.order
        return Surroundings(
            order[chunk].astype(np.int64),
            features,
            order[self.ring.neighbours[own]],
            self.ring.alike[own],
            self.ring.averaged,
            own,
        )

    def _wider(self, atoms: Ints) -> Ints:
        """Atoms and their neighbours."""
        found = np.empty(min(len(self.mark), len(atoms) * (BONDED + 1)), np.int64)
        found[: len(atoms)] = atoms
        self.mark[atoms] = True
        count = with_neighbours(self.ring, atoms, self.mark, len(atoms), found)
        self.mark[found[:count]] = False
        return found[:count]

    def _local(self, atoms: Ints, number: int) -> None:
        fresh = np.empty(len(atoms), np.int64)
        count = take_rows(self.ring, atoms, number, fresh)
        while count < 0:
            self._grow()
            count = take_rows(self.ring, atoms, number, fresh)
        waiting = self._waiting(atoms, LOCAL)
        problem = np.zeros(2)
        found = find_local(self.grid, self.ring, waiting, problem)
        if found:
            raise _problem(self.grid, found, problem)

    def _waiting(self, atoms: Ints, stage: int) -> Ints:
        waiting: Ints = atoms[self.ring.stage[self.ring.row[atoms]] < stage]
        return waiting

    def _grow(self) -> None:
        """Make more rows; those in use are kept."""
        self.rows = min(len(self.grid.positions), 3 * self.rows // 2 + 64)
        old = self.ring
        kept = len(old.atom)
        self.ring = _ring(old.row, self.rows)
        for name in (
            "atom",
            "chunk",
            "stage",
            "neighbours",
            "local",
            "averaged",
            "cosines",
            "alike",
        ):
            getattr(self.ring, name)[:kept] = getattr(old, name)
        self.ring.pointer[0] = kept % self.rows


def _ring(row: NDArray[np.int32], rows: int) -> Ring:
    return Ring(
        row=row,
        atom=np.full(rows, -1, dtype=np.int64),
        chunk=np.full(rows, -1, dtype=np.int64),
        stage=np.zeros(rows, dtype=np.int8),
        neighbours=np.zeros((rows, NEAREST), dtype=np.int32),
        local=np.zeros((rows, SIZE), dtype=np.float32),
        averaged=np.zeros((rows, SIZE), dtype=np.float32),
        cosines=np.zeros((rows, 2 * BONDED), dtype=np.float32),
        sizes=np.ones((rows, 2), dtype=np.float32),
        alike=np.zeros((rows, BONDED), dtype=np.float32),
        pointer=np.zeros(1, dtype=np.int64),
    )


def _problem(grid: Grid, found: int, problem: Floats) -> DataError:
    """What is wrong with an atom, in words."""
    atom, other = int(grid.order[int(problem[0])]), int(problem[1])
    if found == 1:
        message = f"atom {atom} has {other} neighbours, {NEAREST} are needed"
        fix = "an environment needs 15 atoms, or periodic boundaries"
        return DataError(Problem("S014", message, fix=fix))
    message = f"atoms {atom} and {int(grid.order[other])} are in one place"
    return DataError(Problem("S021", message, fix="remove one"))
