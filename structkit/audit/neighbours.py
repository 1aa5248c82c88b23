"""Who is near whom: distances from atoms to their neighbours, through the borders of a cell."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from structkit.data.columns import Array

Floats = NDArray[np.float64]
MOST_ATOMS = 400  # whose neighbours are looked at


class Neighbours:
    """Atoms with their periodic images, as far out as they are asked for."""

    def __init__(self, numbers: Array, positions: Array, cell: Array, pbc: Array) -> None:
        self.numbers, self.periodic = numbers, np.asarray(pbc, dtype=bool)
        self.cell = _completed(np.asarray(cell, dtype=np.float64), self.periodic)
        inside = np.linalg.solve(self.cell.T, np.asarray(positions, dtype=np.float64).T).T
        inside = np.where(self.periodic, inside % 1.0, inside)
        self.positions: Floats = inside @ self.cell
        self.size = self._size()

    def _size(self) -> float:
        """The edge of the cube that has an atom's volume; of a finite structure the mean nearest distance."""
        if self.periodic.all():
            return float(np.cbrt(abs(np.linalg.det(self.cell)) / len(self.numbers)))
        if len(self.numbers) == 1:
            return 1.0
        from scipy.spatial import cKDTree

        nearest = cKDTree(self.positions).query(self.positions, k=2)[0][:, 1]
        return float(max(nearest.mean(), 1e-6))

    def nearest(self, own: int, other: int, count: int) -> Floats:
        """Distances from atoms of one species to the nearest of another, sorted, (atoms, count) or fewer."""
        from scipy.spatial import cKDTree

        here = self.positions[self.numbers == own]
        chosen = np.unique(np.linspace(0, len(here) - 1, min(len(here), MOST_ATOMS)).astype(int))
        there = self.positions[self.numbers == other]
        itself = int(own == other)
        if not self.periodic.any():
            count = min(count, len(there) - itself)
        density = len(there) / len(self.numbers) / self.size**3
        reach = (3 * (count + 1) / (4 * np.pi * density)) ** (1 / 3) + self.size
        while True:
            images = self._images(there, here, reach)
            if len(images) >= count + itself:
                tree = cKDTree(images)
                distances = tree.query(here[chosen], k=np.arange(1, count + itself + 1))[0]
                if not self.periodic.any() or distances.max(initial=0.0) <= reach:
                    apart: Floats = np.maximum(distances[:, itself:], 1e-6 * self.size)
                    return apart
            reach *= 1.25

    def _images(self, positions: Floats, around: Floats, reach: float) -> Floats:
        """Positions and their images in a box that holds all that is within reach of other positions."""
        heights = 1 / np.linalg.norm(np.linalg.inv(self.cell), axis=0)
        turns = np.where(self.periodic, np.ceil(reach / heights) + 1, 0).astype(int)
        shifts = np.array(list(itertools.product(*(range(-n, n + 1) for n in turns))))
        images = (positions[None] + (shifts @ self.cell)[:, None]).reshape(-1, 3)
        low, high = around.min(axis=0) - reach, around.max(axis=0) + reach
        near = ((images >= low) & (images <= high)).all(axis=1)
        return np.asarray(images[near])


def _completed(cell: Floats, periodic: NDArray[np.bool_]) -> Floats:
    """A cell whose missing directions are at right angles to the others."""
    from ase.geometry import complete_cell

    kept = np.where(periodic[:, None], cell, 0.0)
    completed: Floats = np.asarray(complete_cell(kept), dtype=np.float64)
    return completed
