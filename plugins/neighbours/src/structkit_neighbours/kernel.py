"""Loops over atoms and their images, compiled."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from structkit.compiling import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ROUNDING = 1e-9  # of a cell vector: an image at the very edge of the margin is made
FLOATS, INTS, TABLE = "float64[::1]", "int64[::1]", "float64[:, ::1]"


@numba.njit(inline="always")  # type: ignore[untyped-decorator]
def _beyond(fraction: float, margin: float) -> bool:
    """Whether an image is too far from the cell along one of its vectors; along no period none is."""
    return margin > 0 and not -margin - ROUNDING <= fraction <= 1 + margin + ROUNDING


@compiled(f"{TABLE}({TABLE}, {TABLE}, {FLOATS})")
def images(fractions: Floats, cell: Floats, margins: Floats) -> Floats:
    """The atoms, then those images within the margins that lie towards half of all directions.

    Args:
        fractions: (atoms, 3), of the cell vectors; from 0 to 1 along periods.
        cell: (3, 3), one vector a row.
        margins: (3,), how far images matter, in units of the vectors; 0 along no period.

    Returns:
        positions, (points, 3).
    """
    count = len(fractions)
    points = np.empty((2 * count, 3))
    filled = 0
    na, nb, nc = np.ceil(margins + ROUNDING * (margins > 0)).astype(np.int64)
    for a in range(na + 1):
        for b in range(-nb if a > 0 else 0, nb + 1):
            for c in range(-nc if a > 0 or b > 0 else 0, nc + 1):
                own = a == 0 and b == 0 and c == 0
                for atom in range(count):
                    u = fractions[atom, 0] + a
                    v = fractions[atom, 1] + b
                    w = fractions[atom, 2] + c
                    far = _beyond(u, margins[0]) or _beyond(v, margins[1]) or _beyond(w, margins[2])
                    if far and not own:
                        continue
                    if filled == len(points):
                        points = np.concatenate((points, np.empty_like(points)))
                    for k in range(3):
                        points[filled, k] = u * cell[0, k] + v * cell[1, k] + w * cell[2, k]
                    filled += 1
    return points[:filled].copy()


@compiled(f"{FLOATS}({TABLE}, {INTS}, {INTS}, {INTS}, int64, int64, float64, int64)")
def counts_of_near(
    points: Floats,
    order: Ints,
    starts: Ints,
    shape: Ints,
    reach: int,
    atoms: int,
    cutoff: float,
    bins: int,
) -> Floats:
    """How many distances between an atom and a point there are; two atoms count once.

    Each is divided between the two of the bins, from 0 to the cutoff, whose middles it lies between.

    Args:
        points: (points, 3), those of one box after the other.
        order: (points,), the place of each before; those below `atoms` are the atoms themselves.
        starts: (boxes + 1,), the first point of each box.
        shape: (3,), boxes along each axis; the last index runs fastest.
        reach: boxes on either side, along each axis, that the cutoff reaches into.
        atoms: how many there are.
        cutoff: in the unit of the points.
        bins: of distances.

    Returns:
        (bins,).
    """
    counts = np.zeros(bins + 2)  # there is a bin more on either side
    limit = cutoff * cutoff
    for box in range(len(starts) - 1):
        x, y, z = box // (shape[1] * shape[2]), box // shape[2] % shape[1], box % shape[2]
        z_low, z_high = max(z - reach, 0), min(z + reach, shape[2] - 1)
        for i in range(starts[box], starts[box + 1]):
            if order[i] >= atoms:
                continue
            for bx in range(max(x - reach, 0), min(x + reach, shape[0] - 1) + 1):
                for by in range(max(y - reach, 0), min(y + reach, shape[1] - 1) + 1):
                    column = (bx * shape[1] + by) * shape[2]  # its boxes lie side by side
                    for j in range(starts[column + z_low], starts[column + z_high + 1]):
                        dx = points[j, 0] - points[i, 0]
                        dy = points[j, 1] - points[i, 1]
                        dz = points[j, 2] - points[i, 2]
                        square = dx * dx + dy * dy + dz * dz
                        if square < limit and order[j] > order[i]:
                            place = np.sqrt(square) / cutoff * bins + 0.5
                            below = int(place)
                            counts[below] += 1 - (place - below)
                            counts[below + 1] += place - below
    return counts[1 : bins + 1].copy()
