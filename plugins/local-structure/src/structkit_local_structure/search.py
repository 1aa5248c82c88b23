"""The nearest neighbours of an atom, as machine code."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from structkit_local_structure.grid import Grid

Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

NEAREST = 14  # neighbours that are found
EVERYWHERE = 1e100  # beyond every distance; fast arithmetic knows no infinity
SPAN, MIDDLE = 1 << 20, 1 << 19  # of cells to either side, three of which make one number


class Room(NamedTuple):
    """The neighbours of one atom, and what is used to find them.

    Args:
        squares: float64 (14,), of the distances.
        indices: int64 (14,), which atoms they are.
        images: int64 (14,), in which of the periodic cells.
        vectors: float64 (14, 3), to them.
        reach: int64 (3,), how many bins are looked at to either side.
        last: float64 (1,), the largest square of the atom before.
    """

    squares: Doubles
    indices: Ints
    images: Ints
    vectors: Doubles
    reach: Ints
    last: Doubles


def compiled(function: Any) -> Any:
    """A function as machine code, kept on disk where numba finds a folder that it may write to."""
    try:
        return numba.njit(fastmath=True, cache=True)(function)
    except RuntimeError:  # no writable folder: compiled anew in every process
        return numba.njit(fastmath=True)(function)


@compiled
def _look(  # noqa: C901  (one loop over bins, which calls would slow down)
    grid: Grid, i: int, reach: Ints, limit: float, squares: Doubles, indices: Ints, images: Ints
) -> int:
    """Find the nearest neighbours of an atom in the bins around its own, and nearer than a limit.

    Returns:
        Their number; `squares`, `indices` and `images` are filled from near to far.
    """
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
                    if s >= limit or (j == i and own_image):
                        continue
                    k = count if count < NEAREST else NEAREST - 1
                    while k > 0 and squares[k - 1] > s:
                        squares[k] = squares[k - 1]
                        indices[k] = indices[k - 1]
                        images[k] = images[k - 1]
                        k -= 1
                    squares[k], indices[k] = s, j
                    images[k] = ((t0 + MIDDLE) * SPAN + t1 + MIDDLE) * SPAN + t2 + MIDDLE
                    if count < NEAREST:
                        count += 1
                    if count == NEAREST:
                        limit = min(limit, squares[NEAREST - 1])
    return count


@compiled
def _image(grid: Grid, axis: int, t0: int, t1: int, t2: int) -> float:
    shift: float = t0 * grid.cell[0, axis] + t1 * grid.cell[1, axis] + t2 * grid.cell[2, axis]
    return shift


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
