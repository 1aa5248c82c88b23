"""Rows of the ring, given to atoms and taken from them, as machine code."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from structkit_local_structure.ring import BONDED, Ints, Ring, compiled


@compiled
def take_rows(ring: Ring, atoms: Ints, chunk: int, fresh: Ints) -> int:
    """Give rows to atoms that have none, never one that this chunk needs.

    Args:
        ring: what is known.
        atoms: all of which are needed.
        chunk: number of the chunk.
        fresh: int64, filled with the atoms that got a row.

    Returns:
        The number of atoms that got a row; -1 where there are too few rows.
    """
    for i in atoms:
        if ring.row[i] >= 0:
            ring.chunk[ring.row[i]] = chunk
    rows, count, tried = len(ring.atom), 0, 0
    for i in atoms:
        if ring.row[i] >= 0:
            continue
        while ring.chunk[ring.pointer[0]] == chunk:
            ring.pointer[0] = (ring.pointer[0] + 1) % rows
            tried += 1
            if tried > 2 * rows:
                return -1
        row = ring.pointer[0]
        if ring.atom[row] >= 0:
            ring.row[ring.atom[row]] = -1
        ring.atom[row], ring.row[i], ring.chunk[row], ring.stage[row] = i, row, chunk, 0
        fresh[count] = i
        count += 1
    return count


@compiled
def with_neighbours(
    ring: Ring, atoms: Ints, mark: NDArray[np.bool_], count: int, found: Ints
) -> int:
    """Add the 12 neighbours of atoms to those found; `mark` says who is there; returns how many are."""
    for i in atoms:
        row = ring.row[i]
        for n in range(BONDED):
            j = ring.neighbours[row, n]
            if not mark[j]:
                mark[j] = True
                found[count] = j
                count += 1
    return count
