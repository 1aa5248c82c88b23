"""The inner loops of `local-environments`, as machine code.

All of it stands in one file, because numba keeps compiled code by the file of a function and does not
look at the files of those that it calls.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from structkit_local_structure.grid import Grid

Singles = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

NEAREST = 14  # neighbours that are found
BONDED = 12  # of these, over which is averaged
DEGREES = 8  # l = 1 ... 8
HARMONICS = DEGREES * (DEGREES + 2)  # 80 real harmonics of these degrees
SIZE = 3 * HARMONICS  # of each atom: over the nearest 4, 12 and 14
LANES = 16  # atoms whose harmonics are summed at once
TWELVE = HARMONICS  # where the sums over twelve begin
FROM3 = TWELVE + 8  # l = 3 ... 8 of them: what cosines compare
FROM6 = TWELVE + 35  # l = 6
TO6 = FROM6 + 13
EVERYWHERE = 1e100  # beyond every distance; fast arithmetic knows no infinity
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
    alike: Singles
    pointer: Ints


def compiled(function: Any) -> Any:
    """A function as machine code, kept on disk where numba finds a folder that it may write to."""
    try:
        return numba.njit(fastmath=True, cache=True)(function)
    except RuntimeError:  # no writable folder: compiled anew in every process
        return numba.njit(fastmath=True)(function)


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
def _insert(squares: Doubles, indices: Ints, vectors: Doubles, count: int, s: float, j: int,
            x: float, y: float, z: float) -> int:  # fmt: skip
    """Put one atom into the list from near to far; returns how many there are."""
    k = count if count < NEAREST else NEAREST - 1
    while k > 0 and squares[k - 1] > s:
        squares[k] = squares[k - 1]
        indices[k] = indices[k - 1]
        vectors[k, 0], vectors[k, 1], vectors[k, 2] = (
            vectors[k - 1, 0], vectors[k - 1, 1], vectors[k - 1, 2]
        )  # fmt: skip
        k -= 1
    squares[k] = s
    indices[k] = j
    vectors[k, 0], vectors[k, 1], vectors[k, 2] = x, y, z
    return min(count + 1, NEAREST)


@compiled
def _look(
    grid: Grid, i: int, reach: Ints, squares: Doubles, indices: Ints, vectors: Doubles
) -> int:
    """Find the nearest neighbours of an atom in the bins around its own; returns their number."""
    n0, n1, n2 = grid.shape[0], grid.shape[1], grid.shape[2]
    own0 = min(int(grid.fractions[i, 0]), n0 - 1)
    own1 = min(int(grid.fractions[i, 1]), n1 - 1)
    own2 = min(int(grid.fractions[i, 2]), n2 - 1)
    low, high = own2 - reach[2], own2 + reach[2]
    count = 0
    for b0 in range(own0 - reach[0], own0 + reach[0] + 1):
        t0 = b0 // n0
        if t0 != 0 and not grid.periodic[0]:
            continue
        for b1 in range(own1 - reach[1], own1 + reach[1] + 1):
            t1 = b1 // n1
            if t1 != 0 and not grid.periodic[1]:
                continue
            line = ((b0 - t0 * n0) * n1 + (b1 - t1 * n1)) * n2
            for t2 in range(low // n2, high // n2 + 1):
                if t2 != 0 and not grid.periodic[2]:
                    continue
                begin = grid.starts[line + max(low - t2 * n2, 0)]
                end = grid.starts[line + min(high - t2 * n2, n2 - 1) + 1]
                x0 = _image(grid, 0, t0, t1, t2) - grid.positions[i, 0]
                y0 = _image(grid, 1, t0, t1, t2) - grid.positions[i, 1]
                z0 = _image(grid, 2, t0, t1, t2) - grid.positions[i, 2]
                own_image = t0 == 0 and t1 == 0 and t2 == 0
                for j in range(begin, end):
                    x = grid.positions[j, 0] + x0
                    y = grid.positions[j, 1] + y0
                    z = grid.positions[j, 2] + z0
                    s = x * x + y * y + z * z
                    if count == NEAREST and s >= squares[NEAREST - 1]:
                        continue
                    if j == i and own_image:
                        continue
                    count = _insert(squares, indices, vectors, count, s, j, x, y, z)
    return count


@compiled
def _image(grid: Grid, axis: int, t0: int, t1: int, t2: int) -> float:
    return t0 * grid.cell[0, axis] + t1 * grid.cell[1, axis] + t2 * grid.cell[2, axis]


@compiled
def _covered(grid: Grid, i: int, reach: Ints) -> float:
    """The distance from an atom within which every bin was looked at; `EVERYWHERE` if all were."""
    least = EVERYWHERE
    for d in range(3):
        place = min(int(grid.fractions[i, d]), grid.shape[d] - 1)
        inside = grid.fractions[i, d] - place
        if grid.periodic[d] or place - reach[d] > 0:
            least = min(least, (reach[d] + inside) * grid.thickness[d])
        if grid.periodic[d] or place + reach[d] < grid.shape[d] - 1:
            least = min(least, (reach[d] + 1 - inside) * grid.thickness[d])
    return least


@compiled
def _nearest(
    grid: Grid, i: int, reach: Ints, squares: Doubles, indices: Ints, vectors: Doubles
) -> int:
    """Find the nearest neighbours of an atom; returns their number, less than 14 if there are no more."""
    thick = grid.thickness.max()
    for d in range(3):
        reach[d] = max(1, int(np.ceil(0.9 * min(thick, 3 * grid.thickness[d]) / grid.thickness[d])))
    while True:
        count = _look(grid, i, reach, squares, indices, vectors)
        covered = _covered(grid, i, reach)
        if count == NEAREST and squares[NEAREST - 1] <= covered * covered:
            return count
        if covered >= EVERYWHERE:
            return count
        wanted = 1.3 * covered
        if count == NEAREST:
            wanted = min(np.sqrt(squares[NEAREST - 1]) * 1.0000001, 2 * covered)
        for d in range(3):
            most = max(grid.shape[d], 1) if not grid.periodic[d] else 1 << 20
            reach[d] = min(max(reach[d], int(np.ceil(wanted / grid.thickness[d]))), most)


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
    squares, indices = np.empty(NEAREST), np.empty(NEAREST, np.int64)
    vectors, reach = np.empty((NEAREST, 3)), np.empty(3, np.int64)
    units = np.zeros((NEAREST, 3, LANES), np.float32)
    sums = np.zeros((HARMONICS, LANES), np.float32)
    for begin in range(0, len(atoms), LANES):
        lanes = min(LANES, len(atoms) - begin)
        for k in range(lanes):
            i = atoms[begin + k]
            count = _nearest(grid, i, reach, squares, indices, vectors)
            if count < NEAREST or squares[0] <= 0:
                problem[0], problem[1] = i, count if count < NEAREST else indices[0]
                return 1 if count < NEAREST else 2
            row = ring.row[i]
            for n in range(NEAREST):
                ring.neighbours[row, n] = indices[n]
                inverse = 1 / np.sqrt(squares[n])
                for d in range(3):
                    units[n, d, k] = vectors[n, d] * inverse
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
