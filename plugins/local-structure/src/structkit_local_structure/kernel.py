"""The inner loops of `local-environments` up to the sums of harmonics, as machine code.

They stand in one file, because numba keeps compiled code by the file of a function, and does not look
at the files of those that it calls.
"""

from __future__ import annotations

import numpy as np

from structkit_local_structure.grid import Grid
from structkit_local_structure.ring import (
    BONDED,
    DEGREES,
    EVERYWHERE,
    FIRST,
    HARMONICS,
    LANES,
    LOCAL,
    MIDDLE,
    NEAREST,
    ROOT2,
    SPAN,
    TIE,
    TWELVE,
    A,
    B,
    Doubles,
    Ints,
    Ring,
    Room,
    Singles,
    compiled,
)


@compiled
def _look(  # noqa: C901  (one loop over bins, which calls would slow down)
    grid: Grid, i: int, reach: Ints, limit: float, squares: Doubles, indices: Ints, images: Ints
) -> int:
    """Find the nearest neighbours of an atom in the bins around its own, and nearer than a limit.

    Returns:
        Their number; `squares`, `indices` and `images` are filled from near to far.
    """
    n0, n1, n2 = grid.shape[0], grid.shape[1], grid.shape[2]
    own0 = min(int(_place(grid, i, 0)), n0 - 1)
    own1 = min(int(_place(grid, i, 1)), n1 - 1)
    own2 = min(int(_place(grid, i, 2)), n2 - 1)
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
                    if s >= limit or (j == i and own_image):
                        continue
                    code = ((t0 + MIDDLE) * SPAN + t1 + MIDDLE) * SPAN + t2 + MIDDLE
                    s *= 1 + TIE * _chance(i, j, code)
                    k = count if count < NEAREST else NEAREST - 1
                    while k > 0 and squares[k - 1] > s:
                        squares[k] = squares[k - 1]
                        indices[k] = indices[k - 1]
                        images[k] = images[k - 1]
                        k -= 1
                    squares[k], indices[k] = s, j
                    images[k] = code
                    if count < NEAREST:
                        count += 1
                    if count == NEAREST:
                        limit = min(limit, squares[NEAREST - 1])
    return count


@compiled
def _chance(i: int, j: int, code: int) -> int:
    """A number from 0 to 1023 that looks like chance and is the same every time."""
    mixed = (i * 0x9E3779B1 + j * 0x85EBCA77 + code * 0xC2B2AE3D) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 0x2C1B3C6D) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 12)) * 0x297A2D39) & 0xFFFFFFFF
    return (mixed ^ (mixed >> 15)) & 1023


@compiled
def _image(grid: Grid, axis: int, t0: int, t1: int, t2: int) -> float:
    shift: float = t0 * grid.cell[0, axis] + t1 * grid.cell[1, axis] + t2 * grid.cell[2, axis]
    return shift


@compiled
def _place(grid: Grid, i: int, d: int) -> float:
    """Where an atom is along a direction, in units of the bins."""
    x, y, z = grid.positions[i, 0], grid.positions[i, 1], grid.positions[i, 2]
    place: float = x * grid.to_bins[0, d] + y * grid.to_bins[1, d] + z * grid.to_bins[2, d]
    return max(place, 0.0)


@compiled
def _covered(grid: Grid, i: int, reach: Ints) -> float:
    """The distance from an atom within which every bin was looked at; `EVERYWHERE` if all were."""
    least = EVERYWHERE
    for d in range(3):
        exact = _place(grid, i, d)
        place = min(int(exact), grid.shape[d] - 1)
        inside = exact - place
        if grid.periodic[d] or place - reach[d] > 0:
            least = min(least, (reach[d] + inside) * grid.thickness[d])
        if grid.periodic[d] or place + reach[d] < grid.shape[d] - 1:
            least = min(least, (reach[d] + 1 - inside) * grid.thickness[d])
    return least


@compiled
def find_nearest(grid: Grid, i: int, room: Room) -> int:  # noqa: C901
    """Find the nearest neighbours of an atom; returns their number, less than 14 if there are no more.

    `room` then holds them, from near to far, and the vectors to them.
    """
    thick = grid.thickness.max()
    reach = room.reach
    for d in range(3):
        reach[d] = max(1, int(np.ceil(0.9 * min(thick, 3 * grid.thickness[d]) / grid.thickness[d])))
    limit = 1.5 * room.last[0]  # of the atom before, which is mostly near
    while True:
        count: int = _look(grid, i, reach, limit, room.squares, room.indices, room.images)
        if count < NEAREST and limit < EVERYWHERE:
            limit = EVERYWHERE
            continue
        covered = _covered(grid, i, reach)
        if count == NEAREST and room.squares[NEAREST - 1] <= covered * covered:
            break
        if covered >= EVERYWHERE:
            break
        wanted = 1.3 * covered
        if count == NEAREST:
            wanted = min(np.sqrt(room.squares[NEAREST - 1]) * 1.0000001, 2 * covered)
        for d in range(3):
            most = max(grid.shape[d], 1) if not grid.periodic[d] else 1 << 20
            reach[d] = min(max(reach[d], int(np.ceil(wanted / grid.thickness[d]))), most)
    if count == NEAREST:
        room.last[0] = room.squares[NEAREST - 1]
    for k in range(count):
        code, j = room.images[k], room.indices[k]
        t0, t1, t2 = code // SPAN**2 - MIDDLE, code // SPAN % SPAN - MIDDLE, code % SPAN - MIDDLE
        for d in range(3):
            gap = grid.positions[j, d] - grid.positions[i, d]
            room.vectors[k, d] = gap + _image(grid, d, t0, t1, t2)
    return count


@compiled
def new_room() -> Room:
    """Room for the neighbours of one atom."""
    return Room(
        np.empty(NEAREST),
        np.empty(NEAREST, np.int64),
        np.empty(NEAREST, np.int64),
        np.empty((NEAREST, 3)),
        np.empty(3, np.int64),
        np.full(1, EVERYWHERE),
    )


@compiled
def nearest_only(grid: Grid) -> float:
    """Find the neighbours of all atoms and do nothing with them; for the benchmark."""
    room = new_room()
    total = 0.0
    for i in range(len(grid.positions)):
        find_nearest(grid, i, room)
        total += room.squares[NEAREST - 1]
    return total


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
        factor = FIRST[m] * (ROOT2 if m > 0 else np.float32(1))
        for k in range(LANES):
            below[k] = np.float32(0)
            own[k] = factor
        for l in range(m, DEGREES + 1):  # noqa: E741
            if l > m:
                a, b = A[l, m], B[l, m]
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
