"""Lines of a measured pattern by the planes of a lattice that is said to be its own: no name where there is doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit_powder_spectra.grid import Grid
from structkit_powder_spectra.lines import two_theta_of_g
from structkit_powder_spectra.waves import Floats

Planes = NDArray[np.int16]
SCALES = 161  # of the cell that are tried
COPIES = 59  # displaced patterns that the lattice is compared on
CHANCE = 0.05  # of them may fit as well


@dataclass(frozen=True)
class Lattice:
    """Lines that a space group allows.

    Args:
        planes: one of each family, int16 (lines, 3), by growing 1/d.
        g: 1/d in 1/Å, (lines,).
    """

    planes: Planes
    g: Floats


@dataclass(frozen=True)
class Indexed:
    """What a lattice makes of the lines of a pattern.

    Args:
        planes: of each line, int16 (lines, 3); 0 0 0 where none, or more than one, lies near.
        scale: of the cell, that fits best; 0 where the lattice fits no better than by chance.
    """

    planes: Planes
    scale: float


def lattice_of(spacegroup: int, cell: Sequence[float], grid: Grid, reach: float) -> Lattice:
    """The lines of a cell within a range.

    Args:
        spacegroup: its international number; planes that it forbids are left out.
        cell: a, b, c in Å and α, β, γ in degrees.
        grid: of the pattern.
        reach: the fraction by which the cell may be larger or smaller.
    """
    import gemmi

    low, high = (
        2
        * np.sin(np.radians(np.nan_to_num(grid.two_theta[[0, -1]], nan=179.0)) / 2)
        / grid.wavelength
    )
    unit, group = gemmi.UnitCell(*cell), gemmi.find_spacegroup_by_number(spacegroup)
    shortest, longest = (1 - reach) / high, (1 + reach) / max(low, 1e-6)
    families = gemmi.make_miller_array(unit, group, shortest, longest)
    g = 1 / np.asarray(unit.calculate_d_array(families))
    order = np.argsort(g, kind="stable")
    operations = list(group.operations().sym_ops)
    planes = [_named(operations, families[row].tolist()) for row in order]
    return Lattice(np.array(planes, np.int16).reshape(-1, 3), g[order])


def _named(operations: Sequence[Any], plane: list[int]) -> NDArray[Any]:
    """The plane by which a family is known."""
    from structkit_powder_spectra.pattern import representative

    return representative(np.array([operation.apply_to_hkl(plane) for operation in operations]))


def indexed(
    places: Floats, heights: Floats, lattice: Lattice, grid: Grid, reach: float, near: float
) -> Indexed:
    """Names for the lines of a pattern, where a lattice fits better than by chance.

    The cell is scaled to fit best. It must then fit better than it fits 19 of 20 patterns whose lines are
    displaced along the axis. A line has a name where one family alone lies within `near`.

    Args:
        places: of the lines, in degrees of 2θ, (lines,).
        heights: of the lines, (lines,).
        lattice: that is said to be that of the pattern.
        grid: of the pattern.
        reach: the fraction by which the cell may be larger or smaller.
        near: degrees that a line may lie away from its plane.
    """
    unnamed = Indexed(np.zeros((len(places), 3), np.int16), 0.0)
    if len(places) == 0 or len(lattice.g) == 0:
        return unnamed
    scales = np.linspace(1 - reach, 1 + reach, SCALES)
    lines = [two_theta_of_g(lattice.g / scale, grid.wavelength) for scale in scales]
    fits = np.array([_fit(places, heights, positions, near) for positions in lines])
    ends = np.nan_to_num(grid.two_theta[[0, -1]], nan=179.0)
    copies = np.arange(1, COPIES + 1) * (ends[1] - ends[0]) / (COPIES + 1)
    others = [_best(_displaced(places, copy, ends), heights, lines, near) for copy in copies]
    if np.mean(np.array(others) >= fits.max()) > CHANCE:
        return unnamed
    best = lines[int(fits.argmax())]
    away = np.abs(places[:, None] - best)
    alone = (away <= near).sum(axis=1) == 1
    planes = np.where(alone[:, None], lattice.planes[away.argmin(axis=1)], 0).astype(np.int16)
    return Indexed(planes, float(scales[int(fits.argmax())]))


def _displaced(places: Floats, by: float, ends: Floats) -> Floats:
    """Lines moved along the axis; what leaves it at one end comes in at the other."""
    return np.asarray(ends[0] + (places - ends[0] + by) % (ends[1] - ends[0]))


def _best(places: Floats, heights: Floats, lines: Sequence[Floats], near: float) -> float:
    return max(_fit(places, heights, positions, near) for positions in lines)


def _fit(places: Floats, heights: Floats, lines: Floats, near: float) -> float:
    """The height of the lines that lie near to one of the lattice, the more the nearer."""
    right = np.clip(np.searchsorted(lines, places), 0, len(lines) - 1)
    left = np.maximum(right - 1, 0)
    away = np.minimum(np.abs(places - lines[right]), np.abs(places - lines[left]))
    return float(heights @ np.maximum(1 - (away / near) ** 2, 0.0))
