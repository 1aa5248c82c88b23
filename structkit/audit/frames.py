"""Frames of one run: the same atoms in the same order, a little further on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Table

Floats = NDArray[np.float64]
MOVED = 0.12  # root mean square way of an atom between two frames, in units of an atom's size
STRETCHED = 0.03  # relative change of a cell vector
FEWEST = 16  # atoms: two small cells may be alike by chance


def frames_alike(structures: Table, groups: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of structures in different groups that are frames of one run.

    Atoms are compared in their order, after the mean drift is taken away; so they may tremble more
    than copies may differ.

    Args:
        structures: rows.
        groups: of every row.
    """
    runs: dict[bytes, list[int]] = defaultdict(list)
    for row in range(len(structures)):
        numbers, periodic = structures.item("numbers", row), structures.item("pbc", row)
        if len(numbers) >= FEWEST and periodic.all():
            runs[np.asarray(numbers).tobytes()].append(row)
    for rows in runs.values():
        if len({groups[row] for row in rows}) > 1:
            yield from _pairs(structures, groups, rows)


def _pairs(
    structures: Table, groups: Sequence[str], rows: Sequence[int]
) -> Iterator[tuple[int, int]]:
    cells = np.array([structures.item("cell", row) for row in rows])
    positions = np.array([structures.item("positions", row) for row in rows])
    inside = positions @ np.linalg.inv(cells)
    names, numbers = np.array([groups[row] for row in rows], dtype=object), np.array(rows)
    for place, row in enumerate(rows[:-1]):
        later = place + 1 + np.flatnonzero(names[place + 1 :] != names[place])
        later = later[_stretch(cells[place], cells[later]) <= STRETCHED]
        near = _moved(cells[place], inside[place], inside[later]) <= MOVED
        for other in numbers[later[near]].tolist():
            yield row, other


def _stretch(cell: Floats, others: Floats) -> Floats:
    """The largest relative change of a cell vector, (others)."""
    change: Floats = np.linalg.norm(cell - others, axis=2) / np.linalg.norm(cell, axis=1)
    largest: Floats = change.max(axis=1)
    return largest


def _moved(cell: Floats, here: Floats, there: Floats) -> Floats:
    """How far atoms have moved beside the mean drift, (others), in units of an atom's size.

    Args:
        cell: (3, 3).
        here: places of the atoms in units of the cell, (atoms, 3).
        there: of others, (others, atoms, 3).
    """
    ways = there - here
    ways = ways - ways[:, :1]  # as seen from the first atom, so that no way is cut at the border
    ways -= np.round(ways)
    ways -= ways.mean(axis=1, keepdims=True)
    ways -= np.round(ways)
    size = (abs(np.linalg.det(cell)) / len(here)) ** (1 / 3)
    moved: Floats = np.sqrt(np.square(ways @ cell).sum(axis=2).mean(axis=1)) / size
    return moved
