"""Atoms sorted into bins, so that near ones stand beside each other in memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_local_structure.ring import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]

REACH = (
    1.65  # thickness of a bin in cube roots of the volume of an atom: 14 neighbours if close-packed
)
CROWDED = 8.0  # mean atoms in a bin that holds any; above it there is vacuum, and bins get smaller
PIECE = 65_536  # atoms whose places are worked out at once
STRIPE = 20_000  # atoms of a layer of bins, above which layers are cut into stripes


class Grid(NamedTuple):
    """Bins of a parallelepiped; atoms are in the order of their bins.

    Args:
        positions: float64 (atoms, 3), wrapped along periodic directions.
        to_bins: float64 (3, 3); a position times it is in units of the bins.
        starts: int64 (bins + 1), the first atom of each bin; the last index of a bin runs fastest.
        shape: int64 (3,), bins along each direction.
        periodic: bool (3,).
        cell: float64 (3, 3), one vector a row.
        thickness: float64 (3,), distance between the two faces of a bin.
        order: int32 (atoms,), the number that each atom came with.
    """

    positions: Floats
    to_bins: Floats
    starts: Ints
    shape: Ints
    periodic: NDArray[np.bool_]
    cell: Floats
    thickness: Floats
    order: Numbers


def grid_of(positions: Floats, cell: Floats, periodic: NDArray[np.bool_]) -> Grid:
    """Sort atoms into bins about as wide as the distance of the fourteenth neighbour.

    Args:
        positions: float64 (atoms, 3), anywhere: those outside of a periodic cell are wrapped.
        cell: float64 (3, 3), one vector a row; vectors of directions without period may be 0.
        periodic: bool (3,).

    Raises:
        DataError: S012, a periodic direction has no vector, or the cell no volume; S013, a position
            is no finite number.
    """
    box = _box(positions, cell, periodic)
    heights = 1 / np.linalg.norm(np.linalg.inv(box.vectors), axis=0)
    width = REACH * float(np.abs(np.linalg.det(box.vectors)) / len(positions)) ** (1 / 3)
    shape = _shape(heights, width)
    numbers = box.numbers(shape)
    for _ in range(6):
        crowd = len(positions) / _occupied(numbers, int(shape.prod()))
        if crowd <= CROWDED:
            break
        width *= (CROWDED / 2 / crowd) ** (1 / 3)
        finer = _shape(heights, width)
        if finer.prod() > 8 * len(positions) + 64:
            break
        shape = finer
        numbers = box.numbers(shape)
    return _sorted(box, shape, heights, numbers)


@dataclass(frozen=True)
class _Box:
    """A parallelepiped that holds all atoms. Where they are in it is worked out some at a time.

    Args:
        positions: float64 (atoms, 3), as they came.
        vectors: float64 (3, 3), of the box.
        inverse: float64 (3, 3), of the cell.
        low, spread: float64 (3,), where atoms begin, and how far they go, in units of the cell.
        periodic: bool (3,).
    """

    positions: Floats
    vectors: Floats
    inverse: Floats
    low: Floats
    spread: Floats
    periodic: NDArray[np.bool_]

    def fractions(self, some: slice | Numbers) -> Floats:
        """Where atoms are in the box, float64 (some, 3) from 0 to below 1."""
        fractions: Floats = self.positions[some] @ self.inverse
        open_, periodic = ~self.periodic, self.periodic
        fractions[:, open_] = ((fractions - self.low) / self.spread)[:, open_]
        fractions[:, periodic] -= np.floor(fractions[:, periodic])
        fractions[fractions >= 1] = 0.0  # what rounding made of the least negative number
        return fractions

    def numbers(self, shape: Ints) -> Numbers:
        """The number of each atom's bin, int32 (atoms,)."""
        numbers = np.empty(len(self.positions), np.int32)
        for some in _pieces(len(numbers)):
            places = np.minimum((self.fractions(some) * shape).astype(np.int64), shape - 1)
            numbers[some] = (places[:, 0] * shape[1] + places[:, 1]) * shape[2] + places[:, 2]
        return numbers


def _box(positions: Floats, cell: Floats, periodic: NDArray[np.bool_]) -> _Box:
    for some in _pieces(len(positions)):
        if not np.isfinite(positions[some]).all():
            fix = "repair the file"
            raise DataError(Problem("S013", "a position is no finite number", fix=fix))
    full = _completed(cell, periodic)
    inverse = np.linalg.inv(full).astype(np.float64)
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for some in _pieces(len(positions)):
        fractions = positions[some] @ inverse
        low = np.minimum(low, fractions.min(axis=0))
        high = np.maximum(high, fractions.max(axis=0))
    spread = high - low
    heights = 1 / np.linalg.norm(inverse, axis=0)
    spread = spread + np.maximum(1e-6 * spread, _margin(positions) / heights)
    vectors: Floats = np.where(~periodic[:, None], full * spread[:, None], full)
    return _Box(positions, vectors, inverse, low, spread, periodic)


def _pieces(count: int) -> Iterator[slice]:
    """All atoms, some at a time."""
    for begin in range(0, count, PIECE):
        yield slice(begin, min(begin + PIECE, count))


def _margin(positions: Floats) -> float:
    """A little of what atoms are apart, so that a plane or a line of atoms has a volume."""
    extent = max(float(np.ptp(positions, axis=0).max()), 1.0)
    return extent / float(np.sqrt(max(len(positions), 2))) / 2


def _completed(cell: Floats, periodic: NDArray[np.bool_]) -> Floats:
    """The cell with a vector along each direction.

    Raises:
        DataError: S012.
    """
    from ase.geometry import complete_cell

    lengths = np.linalg.norm(cell, axis=1)
    if (lengths[periodic] == 0).any():
        message = "a periodic direction has a cell vector of length 0"
        raise DataError(Problem("S012", message, fix="give it a cell, or no pbc"))
    full = np.asarray(complete_cell(cell), dtype=np.float64)
    scale = np.prod(np.linalg.norm(full, axis=1))
    if abs(np.linalg.det(full)) < 1e-9 * scale:
        raise DataError(Problem("S012", "the cell vectors span no volume", fix="repair the cell"))
    return full


def _shape(heights: Floats, width: float) -> Ints:
    return np.maximum(1, np.floor(heights / width)).astype(np.int64)


def _occupied(numbers: Numbers, bins: int) -> int:
    """How many bins hold an atom."""
    occupied = np.zeros(bins, dtype=bool)
    occupied[numbers] = True
    return int(occupied.sum())


def _sorted(box: _Box, shape: Ints, heights: Floats, numbers: Numbers) -> Grid:
    starts = np.zeros(int(shape.prod()) + 1, np.int64)
    order = np.empty(len(numbers), np.int32)
    sort_by_bin(numbers, starts, order)
    positions = np.empty((len(numbers), 3))
    for some in _pieces(len(numbers)):
        positions[some] = box.fractions(order[some]) @ box.vectors
    to_bins = np.linalg.inv(box.vectors).astype(np.float64) * shape
    return Grid(
        positions, to_bins, starts, shape, box.periodic, box.vectors, heights / shape, order
    )


@compiled
def sort_by_bin(numbers: Numbers, starts: Ints, order: Numbers) -> None:
    """Order atoms by their bins, those of one bin as they came; `starts`, all 0, says where bins begin."""
    for number in numbers:
        starts[number + 1] += 1
    for k in range(1, len(starts)):
        starts[k] += starts[k - 1]
    free = starts[:-1].copy()
    for i in range(len(numbers)):
        order[free[numbers[i]]] = i
        free[numbers[i]] += 1


class Chunks:
    """The atoms in layers of bins along the direction with most bins, each stripe after stripe.

    It gives arrays of indices into the atoms of the grid, int64 (atoms of the chunk,), each atom once.

    Args:
        grid: the atoms.
    """

    def __init__(self, grid: Grid) -> None:
        along, across, _ = np.argsort(-grid.shape, kind="stable")
        layer = len(grid.positions) / grid.shape[along]
        stripes = int(min(np.ceil(layer / STRIPE), grid.shape[across]))
        together = max(1, int(STRIPE / 4 / max(layer, 1)))  # thin layers are done several at once
        layers = np.arange(grid.shape[along]) // together
        stripe = np.arange(grid.shape[across]) * stripes // grid.shape[across]
        keys = stripe[:, None] * (layers[-1] + 1) + layers
        keys = keys.T if along < across else keys
        keys = np.broadcast_to(np.expand_dims(keys, 3 - along - across), grid.shape).ravel()
        filled = np.flatnonzero(np.diff(grid.starts))
        self._starts = grid.starts
        self._bins = filled[np.argsort(keys[filled], kind="stable")]
        self._cuts = [0, *(np.flatnonzero(np.diff(keys[self._bins])) + 1), len(self._bins)]

    def __len__(self) -> int:
        return len(self._cuts) - 1

    def __iter__(self) -> Iterator[Ints]:
        for begin, end in itertools.pairwise(self._cuts):
            bins = self._bins[begin:end]
            atoms = np.empty(self._count(bins), np.int64)
            atoms_of(self._starts, bins, atoms)
            yield atoms

    def largest(self) -> int:
        """Atoms of the largest chunk."""
        cuts = itertools.pairwise(self._cuts)
        return max(self._count(self._bins[begin:end]) for begin, end in cuts)

    def _count(self, bins: Ints) -> int:
        return int((self._starts[bins + 1] - self._starts[bins]).sum())


@compiled
def atoms_of(starts: Ints, bins: Ints, atoms: Ints) -> None:
    """Write the atoms of bins, bin after bin."""
    count = 0
    for number in bins:
        for i in range(starts[number], starts[number + 1]):
            atoms[count] = i
            count += 1
