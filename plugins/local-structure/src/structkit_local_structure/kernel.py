"""The inner loops of `local-environments` up to the sums of harmonics, as machine code.

numba keeps compiled code by the file of a function and does not look at the files of those that it
calls: who changes `search.py` touches this file too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from structkit_local_structure.grid import Grid
from structkit_local_structure.search import NEAREST, compiled, find_nearest, new_room

Singles = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

BONDED = 12  # of these, over which is averaged
DEGREES = 8  # l = 1 ... 8
HARMONICS = DEGREES * (DEGREES + 2)  # 80 real harmonics of these degrees
SIZE = 3 * HARMONICS  # of each atom: over the nearest 4, 12 and 14
LANES = 16  # atoms whose harmonics are summed at once
TWELVE = HARMONICS  # where the sums over twelve begin
FROM3 = TWELVE + 8  # l = 3 ... 8 of them: what cosines compare
FROM6 = TWELVE + 35  # l = 6
TO6 = FROM6 + 13
LOCAL, AVERAGED, COMPARED = 1, 2, 3  # how far an atom is


class Ring(NamedTuple):
    """What is known of the atoms that are in work, a row each; old rows are used again.

    Args:
        row: int64 (atoms,), the row of an atom, or -1.
        atom: int64 (rows,), the atom of a row, or -1.
        chunk: int64 (rows,), the chunk that last needed the row.
        stage: int8 (rows,), how far it is: LOCAL, AVERAGED or COMPARED.
        neighbours: int32 (rows, 14), atoms from near to far.
        local: float32 (rows, 240), sums of harmonics over the nearest 4, 12 and 14.
        averaged: float32 (rows, 240), their mean over the atom and 12 neighbours.
        cosines: float32 (rows, 24), sorted, between an atom and its 12 neighbours.
        sizes: float32 (rows, 2), lengths of what is compared: averaged sums, and q_6.
        alike: float32 (rows, 12), those of averaged sums, in the order of the neighbours.
        pointer: int64 (1,), where the next free row is looked for.
    """

    row: Ints
    atom: Ints
    chunk: Ints
    stage: NDArray[np.int8]
    neighbours: NDArray[np.int32]
    local: Singles
    averaged: Singles
    cosines: Singles
    sizes: Singles
    alike: Singles
    pointer: Ints


def _recursion() -> tuple[Doubles, Doubles, Doubles]:
    """Factors of the normalised associated Legendre functions, and the first of each order."""
    a = np.zeros((DEGREES + 1, DEGREES + 1))
    b = np.zeros((DEGREES + 1, DEGREES + 1))
    first = np.zeros(DEGREES + 1)
    first[0] = np.sqrt(1 / (4 * np.pi))
    for m in range(1, DEGREES + 1):
        first[m] = first[m - 1] * np.sqrt((2 * m + 1) / (2 * m))
    for m in range(DEGREES + 1):
        for l in range(m + 1, DEGREES + 1):  # noqa: E741
            a[l, m] = np.sqrt((4 * l * l - 1) / (l * l - m * m))
            b[l, m] = np.sqrt(((l - 1) ** 2 - m * m) / (4 * (l - 1) ** 2 - 1))
    return a, b, first


_A, _B, _FIRST = (table.astype(np.float32) for table in _recursion())
_ROOT2 = np.float32(np.sqrt(2))


@compiled
def _harmonics(  # noqa: C901  (calls would not be merged into vector instructions)
    x: Singles, y: Singles, z: Singles, sums: Singles
) -> None:
    """Add the real harmonics l = 1 ... 8 of unit vectors, a lane each, to sums (80, 16).

    m = 0 stands first, then the cosine and sine of m = 1, and so on, one degree after the other.
    """
    zero = np.zeros(LANES, np.float32)
    c, s = np.ones(LANES, np.float32), np.zeros(LANES, np.float32)
    below, own, after = zero.copy(), zero.copy(), zero.copy()
    for m in range(DEGREES + 1):
        if m > 0:
            for k in range(LANES):
                turned = c[k] * x[k] - s[k] * y[k]
                s[k] = c[k] * y[k] + s[k] * x[k]
                c[k] = turned
        factor = _FIRST[m] * (_ROOT2 if m > 0 else np.float32(1))
        for k in range(LANES):
            below[k] = np.float32(0)
            own[k] = factor
        for l in range(m, DEGREES + 1):  # noqa: E741
            if l > m:
                a, b = _A[l, m], _B[l, m]
                for k in range(LANES):
                    after[k] = a * (z[k] * own[k] - b * below[k])
                    below[k] = own[k]
                    own[k] = after[k]
            if l == 0:
                continue
            place = l * l - 1 + (2 * m - 1 if m > 0 else 0)
            for k in range(LANES):
                sums[place, k] += own[k] * c[k]
            if m > 0:
                for k in range(LANES):
                    sums[place + 1, k] += own[k] * s[k]


@compiled
def find_local(grid: Grid, ring: Ring, atoms: Ints, problem: Doubles) -> int:
    """Find neighbours and sums of harmonics of atoms, which have rows.

    Returns:
        0; or 1: `problem` is an atom and the neighbours that it has; or 2: two atoms in one place.
    """
    room = new_room()
    units = np.zeros((NEAREST, 3, LANES), np.float32)
    sums = np.zeros((HARMONICS, LANES), np.float32)
    for begin in range(0, len(atoms), LANES):
        lanes = min(LANES, len(atoms) - begin)
        for k in range(lanes):
            i = atoms[begin + k]
            count = find_nearest(grid, i, room)
            if count < NEAREST or room.squares[0] <= 0:
                problem[0], problem[1] = i, count if count < NEAREST else room.indices[0]
                return 1 if count < NEAREST else 2
            row = ring.row[i]
            for n in range(NEAREST):
                ring.neighbours[row, n] = room.indices[n]
                inverse = 1 / np.sqrt(room.squares[n])
                for d in range(3):
                    units[n, d, k] = room.vectors[n, d] * inverse
        sums[:] = 0
        for n in range(NEAREST):
            _harmonics(units[n, 0], units[n, 1], units[n, 2], sums)
            if n == 3:
                _keep(ring, atoms, begin, lanes, sums, 0, np.float32(1 / 4))
            elif n == BONDED - 1:
                _keep(ring, atoms, begin, lanes, sums, TWELVE, np.float32(1 / BONDED))
        _keep(ring, atoms, begin, lanes, sums, 2 * HARMONICS, np.float32(1 / NEAREST))
        for k in range(lanes):
            ring.stage[ring.row[atoms[begin + k]]] = LOCAL
    return 0


@compiled
def _keep(
    ring: Ring, atoms: Ints, begin: int, lanes: int, sums: Singles, at: int, share: float
) -> None:
    for k in range(lanes):
        row = ring.row[atoms[begin + k]]
        for h in range(HARMONICS):
            ring.local[row, at + h] = share * sums[h, k]


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
