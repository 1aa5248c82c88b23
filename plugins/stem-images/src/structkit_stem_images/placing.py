"""Where the atoms of a structure lie under the beam: turned, repeated, cut and tilted."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_stem_images.settings import StemSettings

if TYPE_CHECKING:
    from ase import Atoms

Floats = NDArray[np.float64]
PRISTINE, SUBSTITUTED, VACANT = 0, 1, 2
MARK, MISSING = "substituted", "vacancies"  # the per-atom array, and the entry of `info`
MOST_ATOMS = 5_000_000
TINY = 1e-6  # Å


@dataclass(frozen=True)
class Placed:
    """Atoms under the beam, in Å from the middle of the image; vacancies are among them.

    Args:
        across, down: along the columns and rows of pixels, float64 (atoms).
        depth: along the beam, float64 (atoms).
        numbers: atomic numbers, int64 (atoms); of a vacancy, of what is missing.
        states: PRISTINE, SUBSTITUTED or VACANT, int8 (atoms).
    """

    across: Floats
    down: Floats
    depth: Floats
    numbers: NDArray[np.int64]
    states: NDArray[np.int8]

    def select(self, rows: NDArray[Any]) -> Placed:
        """Some of the atoms."""
        return Placed(*(value[rows] for value in vars(self).values()))


def placed(atoms: Atoms, settings: StemSettings, margin: float) -> Placed:
    """The atoms under the beam, and up to `margin` Å outside the image.

    The origin of the cell is in the middle of the image along directions in which the structure is
    periodic, the middle of the atoms along others.

    Raises:
        DataError: S010, no atoms; G015, too many.
    """
    positions, numbers, states = with_vacancies(atoms)
    if len(positions) == 0:
        raise DataError(Problem("S010", "no atoms to be seen", fix="leave it out"))
    cell = np.array(atoms.cell.complete()[:])
    turned = axes_of(cell, settings.view)
    lean = math.tan(math.radians(max(map(abs, settings.tilt))))
    side = settings.field / 2 + margin + lean * settings.thickness / 2
    half = np.array([side, side, settings.thickness / 2])
    centred = _centred(positions, cell, atoms.pbc)
    shifts = _shifts(centred, cell, atoms.pbc, turned, half)
    _check_number(len(shifts) * len(positions))
    everywhere = (centred[None] + shifts[:, None]).reshape(-1, 3) @ turned.T
    inside = (everywhere >= -half - TINY) & (everywhere < half - TINY)
    kept = np.flatnonzero(inside.all(axis=1))
    seen = everywhere[kept]
    of_cell = kept % len(positions)
    return Placed(seen[:, 0], seen[:, 1], seen[:, 2], numbers[of_cell], states[of_cell])


def tilted(atoms: Placed, tilt: tuple[float, float]) -> Placed:
    """The same atoms where a beam that is tilted by two angles, in degrees, sees them."""
    along, over = (math.tan(math.radians(angle)) for angle in tilt)
    across, down = atoms.across + along * atoms.depth, atoms.down + over * atoms.depth
    return Placed(across, down, atoms.depth, atoms.numbers, atoms.states)


def with_vacancies(atoms: Atoms) -> tuple[Floats, NDArray[np.int64], NDArray[np.int8]]:
    """Positions (sites, 3) in Å, atomic numbers and states of the atoms and of what is noted as missing."""
    lost = np.array(atoms.info.get(MISSING, ()), float).reshape(-1, 4)
    states = np.full(len(atoms) + len(lost), VACANT, np.int8)
    replaced = atoms.arrays.get(MARK, np.zeros(len(atoms)))
    states[: len(atoms)] = np.where(replaced != 0, SUBSTITUTED, PRISTINE)
    positions = np.concatenate([atoms.positions, lost[:, :3]])
    numbers = np.concatenate([atoms.numbers, lost[:, 3]]).astype(np.int64)
    return positions, numbers, states


def axes_of(cell: Floats, view: tuple[int, int, int]) -> Floats:
    """Unit vectors as rows: along the columns of pixels, along the rows, along the beam.

    The first is the first vector of the cell that is not along the beam, as it is seen.
    """
    beam = np.array(view, float) @ cell
    beam /= np.linalg.norm(beam)
    for vector in cell:
        seen = vector - (vector @ beam) * beam
        if np.linalg.norm(seen) > 1e-3 * np.linalg.norm(vector):
            break
    seen /= np.linalg.norm(seen)
    return np.array([seen, np.cross(beam, seen), beam])


def _centred(positions: Floats, cell: Floats, periodic: Any) -> Floats:
    """Positions with the middle of the atoms at the origin, along directions that are not periodic."""
    places = positions @ np.linalg.inv(cell)
    middle = (places.max(axis=0) + places.min(axis=0)) / 2
    middle[np.asarray(periodic, bool)] = 0
    return np.asarray(positions - middle @ cell)


def _shifts(positions: Floats, cell: Floats, periodic: Any, turned: Floats, half: Floats) -> Floats:
    """The lattice vectors (images, 3) by which the structure may reach into the box."""
    corners = np.array(list(itertools.product((-1, 1), repeat=3))) * half @ turned
    inverse = np.linalg.inv(cell)
    box, places = corners @ inverse, positions @ inverse
    counts = []
    for axis in range(3):
        low = math.floor(box[:, axis].min() - places[:, axis].max() - TINY)
        high = math.ceil(box[:, axis].max() - places[:, axis].min() + TINY)
        counts.append(np.arange(low, high + 1) if periodic[axis] else np.zeros(1))
    _check_number(math.prod(map(len, counts)))
    grid = np.stack(np.meshgrid(*counts, indexing="ij"), axis=-1).reshape(-1, 3)
    return np.asarray(grid @ cell)


def _check_number(count: int) -> None:
    if count > MOST_ATOMS:
        message = f"{count} atoms would be looked at, at most {MOST_ATOMS} are"
        fix = "a smaller field or thickness, or a cell that is less oblique"
        raise DataError(Problem("G015", message, fix=fix))
