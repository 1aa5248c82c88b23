"""A map of a sample, of what a model of whole structures says of its windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit_crystal_source.window_grid import WindowGrid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SMALLEST = 1e-300  # a probability whose logarithm is taken


@dataclass(frozen=True)
class WindowMap:
    """What is where in a sample, and how sure that is.

    Args:
        grid: of the points.
        classes: names.
        windows: int64 (nx, ny, nz), how many windows were averaged at a point.
        probabilities: float64 (nx, ny, nz, classes), their mean; 0 where there was no window.
        entropy: float64 (nx, ny, nz), of that mean, from 0 (sure) to 1 (anything).
        disagreement: float64 (nx, ny, nz), by how much that is above the mean entropy of the windows,
            from 0 to 1: large where windows are sure of different things, as at a boundary.
    """

    grid: WindowGrid
    classes: tuple[str, ...]
    windows: Ints
    probabilities: Floats
    entropy: Floats
    disagreement: Floats

    def structure(self) -> Ints:
        """The likeliest class of every point, int64 (nx, ny, nz); -1 where there was no window."""
        return np.where(self.windows > 0, self.probabilities.argmax(axis=-1), -1)

    def of_atoms(self, atoms: Atoms) -> Ints:
        """The likeliest class at the point nearest to each atom, int64 (atoms,); -1 for none."""
        structure: Ints = self.structure()[tuple(self.grid.places(atoms.positions).T)]
        return structure


def window_map(
    grid: WindowGrid,
    places: Sequence[Sequence[int]],
    probabilities: Sequence[Sequence[float]],
    classes: Sequence[str],
    reach: float = 0.5,
) -> WindowMap:
    """Put together what was said of the windows of one structure.

    Args:
        grid: of the windows, as `StridedWindows.grid` gives it.
        places: of the windows on it, as their meta says.
        probabilities: of each window.
        classes: in the order of the probabilities.
        reach: windows whose centres are within this share of their size of a point are averaged there;
            0.5: all that hold the point.

    Raises:
        ValueError: not one row of probabilities a window.
    """
    if len(places) != len(probabilities):
        raise ValueError(f"{len(probabilities)} rows of probabilities for {len(places)} windows")
    said = np.zeros((*grid.shape, len(classes)))
    there = np.zeros(grid.shape)
    for place, row in zip(places, probabilities, strict=True):
        said[tuple(place)], there[tuple(place)] = row, 1
    own = _entropy(said)
    count, total, doubt = np.zeros_like(there), np.zeros_like(said), np.zeros_like(own)
    for steps in grid.around(reach * grid.size):
        count += _moved(there, steps, grid.periodic)
        total += _moved(said, steps, grid.periodic)
        doubt += _moved(own, steps, grid.periodic)
    several = np.maximum(count, 1)
    mean = total / several[..., None]
    entropy = _entropy(mean)
    disagreement = np.maximum(entropy - doubt / several, 0)
    return WindowMap(grid, tuple(classes), count.astype(np.int64), mean, entropy, disagreement)


def _entropy(probabilities: Floats) -> Floats:
    """From 0 to 1, over the last axis."""
    logs = np.log(np.maximum(probabilities, SMALLEST))
    result: Floats = -(probabilities * logs).sum(axis=-1) / np.log(max(2, probabilities.shape[-1]))
    return result


def _moved(values: Floats, steps: tuple[int, int, int], periodic: NDArray[np.bool_]) -> Floats:
    """The values of the points that are some steps before each point; 0 beyond an open end."""
    moved = np.roll(values, steps, axis=(0, 1, 2))
    for axis, step in enumerate(steps):
        if periodic[axis] or step == 0:
            continue
        beyond = [slice(None)] * 3
        beyond[axis] = slice(0, step) if step > 0 else slice(step, None)
        moved[tuple(beyond)] = 0
    return moved
