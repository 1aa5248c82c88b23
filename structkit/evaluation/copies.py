"""Rows of the test that are all but copies of rows that were learnt from, by their features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Table
from structkit.evaluation.splits import parts_of
from structkit.randomness import generator

Floats = NDArray[np.float64]
DIMENSIONS = 16  # of the space that features are projected to: enough to tell copies from strangers
SAMPLED = 1_000  # rows that tell how near strangers are
BLOCK = 512  # rows that are read at a time
MUCH_NEARER = 0.2


@dataclass(frozen=True)
class Copy:
    """A row of the test, and the row of the training part that it is nearest to.

    Args:
        row, learnt: their ids.
        distance: of their features, in units of the least distance between training rows of
            different groups.
    """

    row: str
    learnt: str
    distance: float


def near_copies(table: Table, parts: Mapping[str, str]) -> list[Copy]:
    """Rows of the test much nearer to a training row than any training rows of different groups are to each other.

    Args:
        table: features; only arrays of a fixed shape are looked at.
        parts: of the split, by group.
    """
    subsets = np.array(parts_of(table, parts))
    train, test = np.flatnonzero(subsets == "train"), np.flatnonzero(subsets == "test")
    names = [name for name in table.arrays if not _ragged(table, name)]
    if not names or len(train) < 2 or not len(test):
        return []
    places = projected(table, names)
    yardstick = _least_between_groups(places[train], np.array(table.groups)[train])
    if not 0 < yardstick < np.inf:
        return []
    return _found(table, places, train, test, yardstick)


def _found(
    table: Table,
    places: Floats,
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    yardstick: float,
) -> list[Copy]:
    from scipy.spatial import cKDTree

    reach = MUCH_NEARER * yardstick
    far, nearest = cKDTree(places[train]).query(places[test], distance_upper_bound=reach)
    ids = table.ids
    pairs = zip(test.tolist(), far.tolist(), nearest.tolist(), strict=True)
    copies = [
        Copy(ids[row], ids[train[place]], distance / yardstick)
        for row, distance, place in pairs
        if distance < reach
    ]
    return sorted(copies, key=lambda copy: copy.distance)


def _ragged(table: Table, name: str) -> bool:
    return any(part.columns[name].ragged for part in table.parts)


def projected(table: Table, names: Sequence[str]) -> Floats:
    """Features in few dimensions in which distances are much as before, (rows, dimensions).

    Source: Johnson and Lindenstrauss, Contemporary Mathematics 26, 189 (1984).
    """
    blocks = []
    turn: Floats | None = None
    for start in range(0, len(table), BLOCK):
        rows = range(start, min(start + BLOCK, len(table)))
        flat = [table.stack(name, rows).reshape(len(rows), -1).astype(np.float64) for name in names]
        features = np.concatenate(flat, axis=1)
        if turn is None:
            turn = _turn(features.shape[1])
        blocks.append(features @ turn)
    return np.concatenate(blocks)


def _turn(size: int) -> Floats:
    if size <= DIMENSIONS:
        return np.eye(size)
    drawn: Floats = generator(0, "near copies").normal(size=(size, DIMENSIONS))
    scaled: Floats = drawn / np.sqrt(DIMENSIONS)
    return scaled


def _least_between_groups(places: Floats, groups: NDArray[np.str_]) -> float:
    """The least distance between rows of different groups, of some rows to all."""
    from scipy.spatial.distance import cdist

    chosen = np.unique(np.linspace(0, len(places) - 1, min(SAMPLED, len(places))).astype(int))
    least = np.inf
    for start in range(0, len(chosen), BLOCK):
        rows = chosen[start : start + BLOCK]
        distances = cdist(places[rows], places)
        distances[groups[rows][:, None] == groups[None, :]] = np.inf
        least = min(least, float(distances.min()))
    return least
