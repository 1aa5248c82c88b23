"""What every structure must be, whoever parsed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from structkit import DataError, Problem
from structkit_neighbours import pairs
from structkit_structure_files.settings import ReadSettings
from structkit_structure_files.text import too_many

if TYPE_CHECKING:
    from ase import Atoms

SMALLEST_VOLUME = 1e-3  # Å³
MANY = 2_000  # atoms: the pairs of so many in one place would fill the memory
THIN = 1e-6  # of a plane's particles, in the unit of length
NO_LENGTH = 0.05  # Å: atoms nearer than this are one atom twice, in any unit
OTHER_UNITS = "nm, bohr or reduced units (units: lj)"
FLATTEST = 10_000  # thinner than this for its length, a cell is a mistake, and neighbour lists take for ever
LARGEST_LENGTH = (
    1e5  # Å: ten micrometres; beyond it a number is a mistake, and neighbour lists overflow
)


def check_physics(atoms: Atoms, where: str, settings: ReadSettings) -> None:
    """Refuse a structure that no crystal or molecule can be.

    Raises:
        DataError: S010 no atoms, S071 too many, S013 not finite, S012 no volume, S030 no element,
            S021 atoms coincide.
    """
    if len(atoms) == 0:
        raise DataError(Problem("S010", "no atoms", where))
    if len(atoms) > settings.max_atoms:
        raise too_many(len(atoms), settings.max_atoms, where)
    _finite(atoms, where)
    if atoms.pbc.any():
        _volume(atoms, where)
    bad = np.flatnonzero((atoms.numbers < 1) | (atoms.numbers > 118))
    if len(bad):
        message = f"atom {bad[0]} has atomic number {atoms.numbers[bad[0]]}, which is no element"
        raise DataError(Problem("S030", message, where))
    _apart(atoms, where, settings.min_distance)


def _finite(atoms: Atoms, where: str) -> None:
    if not np.isfinite(atoms.positions).all():
        atom = int(np.argwhere(~np.isfinite(atoms.positions))[0][0])
        raise DataError(Problem("S013", f"position of atom {atom} is not finite", where))
    if not np.isfinite(atoms.cell[:]).all():
        raise DataError(Problem("S013", "a cell vector is not finite", where))
    for what, values in (
        ("a position", atoms.positions),
        ("a cell vector", np.asarray(atoms.cell[:])),
    ):
        if (largest := float(np.abs(values).max())) > LARGEST_LENGTH:
            message = f"{what} has a component of {largest:.3g} Å (limit {LARGEST_LENGTH:g})"
            raise DataError(Problem("S013", message, where, "mend the number"))


def _volume(atoms: Atoms, where: str) -> None:
    lengths = np.linalg.norm(np.asarray(atoms.cell[:])[atoms.pbc], axis=1)
    if (lengths < 1e-3).any():
        raise DataError(
            Problem("S012", "a periodic direction has a cell vector of length 0 Å", where)
        )
    volume = abs(np.linalg.det(np.asarray(atoms.cell.complete()[:])))
    if volume < SMALLEST_VOLUME:
        raise DataError(Problem("S012", f"cell volume {volume:.3g} Å³", where))
    check_shape(np.asarray(atoms.cell.complete()[:]), np.asarray(atoms.pbc), where)


def check_shape(cell: Any, periodic: Any, where: str) -> None:
    """Refuse a cell (3, 3) that is far thinner than it is long: neighbour lists would take for ever.

    Raises:
        DataError: S012.
    """
    volume = abs(np.linalg.det(cell))
    heights = volume / np.array(
        [np.linalg.norm(np.cross(cell[i - 2], cell[i - 1])) for i in range(3)]
    )
    lengths = np.linalg.norm(cell[periodic], axis=1)
    if (thin := float(heights[periodic].min())) * FLATTEST < (longest := float(lengths.max())):
        message = (
            f"the cell is {thin:.3g} Å thin and {longest:.3g} Å long (limit 1 to {FLATTEST:g})"
        )
        raise DataError(Problem("S012", message, where, "mend the cell, or reduce it"))


def near_pairs(atoms: Atoms, cutoff: float) -> tuple[Any, Any, Any]:
    """Indices and distances of all pairs nearer than a cutoff, periodic images included."""
    bonds = pairs(atoms, cutoff, each_twice=False, shifts=False)
    return bonds.first, bonds.second, bonds.distances


def _same_place(atoms: Atoms) -> tuple[int, int] | None:
    """Two atoms at one place, found by sorting: a neighbour list of many would be as long as their number squared."""
    places = np.round(
        atoms.get_scaled_positions(wrap=True) if atoms.pbc.all() else atoms.positions, 6
    )
    order = np.lexsort(places.T)
    same = np.flatnonzero((places[order][1:] == places[order][:-1]).all(axis=1))
    return (int(order[same[0]]), int(order[same[0] + 1])) if len(same) else None


def _in_one_box(atoms: Atoms, closest: float) -> tuple[int, int] | None:
    """Two atoms in a box so small that they must coincide; without any, neighbour lists stay short."""
    boxes = np.floor(atoms.positions * (np.sqrt(3) / closest)).astype(np.int64)
    order = np.lexsort(boxes.T)
    same = np.flatnonzero((boxes[order][1:] == boxes[order][:-1]).all(axis=1))
    return (int(order[same[0]]), int(order[same[0] + 1])) if len(same) else None


def _name(atoms: Atoms, index: int) -> str:
    """What a message calls an atom: as the CIF does, else by element and number."""
    names = atoms.info.get("_names")
    if isinstance(names, list) and len(names) == len(atoms):
        return str(names[index])[:40]
    return f"{atoms.symbols[index]}{index + 1}"


def _apart(atoms: Atoms, where: str, closest: float) -> None:
    """No two atoms nearer than a fraction of a bond; periodic images count.

    Raises:
        DataError: S021.
    """
    if closest == 0:
        return
    lengths = np.linalg.norm(np.asarray(atoms.cell[:])[atoms.pbc], axis=1)
    if len(lengths) and lengths.min() < closest:
        message = f"an atom coincides with its own image ({lengths.min():.3g} Å away, min_distance {closest:g})"
        raise DataError(Problem("S021", message, where, _fix_of_thin_cell(atoms)))
    if pair := _same_place(atoms):
        raise DataError(_coincide(atoms, pair, 0.0, where, closest))
    if len(atoms) > MANY and (pair := _in_one_box(atoms, closest)):
        apart = float(np.linalg.norm(atoms.positions[pair[0]] - atoms.positions[pair[1]]))
        raise DataError(_coincide(atoms, pair, apart, where, closest))
    i, j, d = near_pairs(atoms, closest)
    if len(i):
        first = int(np.argmin(d))
        a, b = sorted((int(i[first]), int(j[first])))
        raise DataError(_coincide(atoms, (a, b), float(d[first]), where, closest))


def _fix_of_thin_cell(atoms: Atoms) -> str:
    """What to do about a cell that is thinner than any bond."""
    cell = np.asarray(atoms.cell[:])
    thin = int(np.argmin(np.where(atoms.pbc, np.linalg.norm(cell, axis=1), np.inf)))
    if thin == 2 and float(np.ptp(atoms.positions[:, 2])) < THIN:
        return "set flat: true for a two-dimensional simulation"
    return f"mend the cell; or are its lengths in {OTHER_UNITS}?"


def _coincide(
    atoms: Atoms, pair: tuple[int, int], distance: float, where: str, closest: float
) -> Problem:
    """That two atoms are in one place."""
    names = f"{_name(atoms, pair[0])} and {_name(atoms, pair[1])}"
    message = f"{names} coincide ({distance:.3g} Å apart, min_distance {closest:g})"
    fix = "remove one, or lower min_distance"
    if distance > NO_LENGTH:
        fix = f"{fix}; or are its lengths in {OTHER_UNITS}?"
    return Problem("S021", message, where, fix)
