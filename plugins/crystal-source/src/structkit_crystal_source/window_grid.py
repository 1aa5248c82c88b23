"""A grid of points in a structure, and the atoms around them, periodic or not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from structkit import DataError, Problem

NEAR = 6  # neighbours whose mean distance is the spacing of an atom
ASKED = 20_000  # atoms at most by which the spacing is measured
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class WindowGrid:
    """Points at equal steps.

    Args:
        shape: points along each direction.
        origin: float64 (3,), the first point, in Å.
        steps: float64 (3, 3), from a point to the next, one vector a row, in Å.
        periodic: bool (3,), whether the first point follows upon the last.
        size: edge or diameter of the windows, in Å.
    """

    shape: tuple[int, int, int]
    origin: Floats
    steps: Floats
    periodic: NDArray[np.bool_]
    size: float

    def points(self) -> Floats:
        """Where all points are, float64 (nx, ny, nz, 3), in Å."""
        indices = np.stack(np.meshgrid(*map(np.arange, self.shape), indexing="ij"), axis=-1)
        return self.origin + indices @ self.steps

    def places(self, positions: Floats) -> Ints:
        """The point nearest to each position along the steps, int64 (positions, 3)."""
        exact = (positions - self.origin) @ np.linalg.inv(self.steps)
        rounded = np.round(exact).astype(np.int64)
        last = np.array(self.shape) - 1
        return np.where(self.periodic, rounded % self.shape, np.clip(rounded, 0, last))

    def around(self, radius: float) -> Iterator[tuple[int, int, int]]:
        """The steps to all points within a radius of a point, itself among them."""
        most = np.ceil(radius * np.linalg.norm(np.linalg.inv(self.steps), axis=0)).astype(int)
        most = np.minimum(most, (np.array(self.shape) - 1) // 2)
        for x, y, z in itertools.product(*(range(-n, n + 1) for n in most.tolist())):
            if np.linalg.norm(np.array([x, y, z]) @ self.steps) <= radius * (1 + 1e-9):
                yield x, y, z


def grid_over(atoms: Atoms, stride: float, size: float) -> WindowGrid:
    """A grid over the cell, or over all atoms along directions without period.

    Args:
        atoms: the structure.
        stride: between planes of the grid, about, in Å.
        size: of the windows, in Å.

    Raises:
        DataError: S012, no cell along a period.
    """
    box, low = box_around(atoms)
    heights = 1 / np.linalg.norm(np.linalg.inv(box), axis=0)
    shape = np.maximum(1, np.round(heights / stride)).astype(int)
    steps = box / shape[:, None]
    nx, ny, nz = shape.tolist()
    return WindowGrid(
        (nx, ny, nz), low @ box + steps.sum(axis=0) / 2, steps, atoms.pbc.copy(), size
    )


def box_around(atoms: Atoms) -> tuple[Floats, Floats]:
    """The cell, with vectors as long as all atoms need along directions without period.

    Returns:
        float64 (3, 3), one vector a row, and float64 (3,), where the atoms begin, as shares of these.

    Raises:
        DataError: S012.
    """
    if (atoms.pbc & (atoms.cell.lengths() == 0)).any():
        message = "a periodic direction has no cell vector"
        raise DataError(Problem("S012", message, fix="give the cell, or the periods that it has"))
    cell = atoms.cell.copy()
    cell[~atoms.pbc] = 0
    box = np.array(cell.complete()[:])
    shares = atoms.positions @ np.linalg.inv(box)
    extent = np.where(atoms.pbc, 1.0, np.maximum(np.ptp(shares, axis=0), 1.0))
    low = np.where(atoms.pbc, 0.0, shares.min(axis=0) / extent)
    return box * extent[:, None], low


def with_images(atoms: Atoms, reach: float) -> tuple[Floats, Ints]:
    """Positions of all atoms, wrapped, and of their images as far as `reach` outside of the cell.

    Returns:
        float64 (images, 3) in Å, and int64 (images,), the atom that each is an image of.
    """
    box, _ = box_around(atoms)
    shares = _wrapped_shares(atoms, box)
    margin = reach * np.linalg.norm(np.linalg.inv(box), axis=0)
    most = np.where(atoms.pbc, np.ceil(margin), 0).astype(int)
    parts, originals = [], []
    for shift in itertools.product(*(range(-n, n + 1) for n in most.tolist())):
        moved = shares + shift
        near = ((moved >= -margin) & (moved <= 1 + margin)) | ~atoms.pbc
        kept = np.flatnonzero(near.all(axis=1))
        parts.append(moved[kept])
        originals.append(kept)
    return np.concatenate(parts) @ box, np.concatenate(originals)


def _wrapped_shares(atoms: Atoms, box: Floats) -> Floats:
    """Positions as shares of the box, from 0 to 1 along periods, float64 (atoms, 3)."""
    shares: Floats = atoms.positions @ np.linalg.inv(box)
    return np.where(atoms.pbc, shares % 1, shares)


def spacing_of(atoms: Atoms) -> float:
    """The median over atoms of the mean distance to the six nearest, in Å.

    Raises:
        DataError: S014, there are not so many.
    """
    box, _ = box_around(atoms)
    reach = 3 * float(np.abs(np.linalg.det(box)) / max(len(atoms), 1)) ** (1 / 3)
    positions, _ = with_images(atoms, reach)
    if len(positions) <= NEAR:
        message = f"a structure of {len(positions)} atoms has no windows"
        raise DataError(Problem("S014", message, fix=f"give more than {NEAR} atoms"))
    own = _wrapped_shares(atoms, box) @ box
    asked = own[:: 1 + len(own) // ASKED]
    distances, _ = cKDTree(positions).query(asked, k=NEAR + 1)
    return float(np.median(distances[:, 1:].mean(axis=1)))
