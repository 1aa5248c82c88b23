"""The length scale of a structure: the mean of its nearest-neighbour distances, or their most frequent value."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

from structkit import DataError, Problem
from structkit_neighbours import pairs
from structkit_neighbours.histogram import distance_histogram

Floats = NDArray[np.float64]
FIRST_SHELL, WIDTH = 1.45, 0.04  # in mean neighbour distances: pairs that are looked at; the kernel
STEP = 0.001  # of the density of distances, in mean neighbour distances


def mean_neighbour_distance(atoms: Atoms) -> float:
    """Mean over all atoms of the distance to the nearest atom, periodic images included.

    Args:
        atoms: any cell, periodic in any directions or none.

    Returns:
        The mean, in the unit of the positions (Å).

    Raises:
        DataError: a lone atom without periodic images (S014), or two atoms in one place (S021).
    """
    nearest = neighbour_distances(atoms)
    if nearest.min() < 1e-3:
        index = int(nearest.argmin())
        raise DataError(
            Problem("S021", f"atom {index} coincides with another ({nearest[index]:.2g} Å apart)")
        )
    return float(nearest.mean())


def typical_neighbour_distance(atoms: Atoms) -> float:
    """The most frequent distance between neighbours, periodic images included.

    A nearest neighbour is the nearest of several, so displacements always shrink the mean of those
    distances: by 4 % at σ = 0.06 Å, where this changes by 0.2 %. It is where a Gaussian kernel
    density (width 4 % of the mean) peaks, of all pair distances r up to 1.45 times the mean, each
    weighted with 1/r², as there is more room far out.

    Args:
        atoms: any cell, periodic in any directions or none.

    Returns:
        The distance, in the unit of the positions (Å).

    Raises:
        DataError: as `mean_neighbour_distance`.
    """
    mean = mean_neighbour_distance(atoms)
    bins = round(FIRST_SHELL / STEP)
    ratios = (np.arange(bins) + 0.5) * STEP
    weighted = distance_histogram(atoms, FIRST_SHELL * mean, bins) / ratios**2
    density = gaussian_filter1d(weighted, WIDTH / STEP, mode="constant", truncate=6.0)
    first, last = round(0.7 / STEP), round((FIRST_SHELL - 0.05) / STEP)
    return float(ratios[first + int(density[first:last].argmax())] * mean)


def neighbour_distances(atoms: Atoms) -> Floats:
    """Distance from every atom to the nearest atom or periodic image, shape (atoms,), in the unit of the positions."""
    positions = np.asarray(atoms.positions, dtype=np.float64)
    if not atoms.pbc.any():
        return _open(positions)
    return _periodic(atoms)


def _open(positions: Floats) -> Floats:
    if len(positions) < 2:
        raise DataError(
            Problem("S014", "one atom and no periodic cell: there is no neighbour distance")
        )
    distances: Floats = cKDTree(positions).query(positions, k=2)[0][:, 1]
    return distances


def _periodic(atoms: Atoms) -> Floats:
    """By a cell list, with a cutoff that grows until every atom has a neighbour within it."""
    cutoff = _first_guess(atoms)
    nearest = np.full(len(atoms), np.inf)
    while not np.isfinite(nearest).all():
        found = pairs(atoms, cutoff, shifts=False)
        nearest = np.full(len(atoms), np.inf)
        np.minimum.at(nearest, found.first, found.distances)
        cutoff *= 1.5
    return nearest


def _first_guess(atoms: Atoms) -> float:
    """A cutoff that holds a neighbour of most atoms: what they have inside the cell, or their own image."""
    positions = np.asarray(atoms.positions, dtype=np.float64)
    cell = np.asarray(atoms.cell.complete()[:], dtype=np.float64)
    image = float(np.linalg.norm(cell[atoms.pbc], axis=1).min())
    inside = float(np.median(_open(positions))) if len(positions) > 1 else image
    return 1.05 * max(min(inside, image), 1e-2)


SCALES = {"mean": mean_neighbour_distance, "mode": typical_neighbour_distance}
