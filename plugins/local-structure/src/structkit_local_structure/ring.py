"""What the inner loops of `local-environments` work on: sizes, rows, tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from structkit.compiling import compiled as by_numba

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
NEAREST = 14  # neighbours that are found
EVERYWHERE = 1e100  # beyond every distance; fast arithmetic knows no infinity
# Squares are changed by a millionth at most, by chance that is the same every time: in a perfect crystal
# it says who of those that are equally near comes first, as noise does in others. An order by number
# would choose the same side of every atom.
TIE = 1e-9
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


class Ring(NamedTuple):
    """What is known of the atoms that are in work, a row each; old rows are used again.

    Args:
        row: int32 (atoms,), the row of an atom, or -1.
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

    row: NDArray[np.int32]
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


compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = by_numba(fastmath=True)


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


A, B, FIRST = (table.astype(np.float32) for table in _recursion())
ROOT2 = np.float32(np.sqrt(2))
