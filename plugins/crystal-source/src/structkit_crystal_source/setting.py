"""One setting for one crystal: of all equivalent descriptions of a conventional cell, always the same one."""

from __future__ import annotations

import functools
import itertools

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SAME_LENGTH, SAME_PLACE, DECIMALS = 1e-4, 1e-4, 3


def canonical(atoms: Atoms) -> Atoms:
    """The cell in the setting whose sorted fractional coordinates are smallest.

    spglib fixes the origin up to the normaliser of the space group: hcp has its atoms at (1/3, 2/3,
    1/4) or, turned by 180°, at (2/3, 1/3, 1/4), and the two cut different clusters. The candidates
    are all proper rotations of the lattice onto itself, with shifts of the origin by halves of the
    axes (and, in hexagonal cells, by thirds of the diagonal).
    """
    cell, fractions = np.asarray(atoms.cell[:]), atoms.get_scaled_positions(wrap=False)
    candidates = (
        wrapped(fractions @ np.linalg.inv(turn).T + shift)
        for turn in lattice_rotations(cell)
        for shift in _shifts(_is_hexagonal(cell))
    )
    best = min(candidates, key=lambda found: _spelling(atoms.numbers, found))
    order = np.lexsort((*np.round(best, DECIMALS).T[::-1], atoms.numbers))
    return Atoms(atoms.numbers[order], cell=cell, pbc=True, scaled_positions=best[order])


def wrapped(fractions: Floats) -> Floats:
    """Fractions from 0 to 1, where what is 1 but for rounding is 0."""
    return (fractions + SAME_PLACE) % 1.0 - SAME_PLACE


def lattice_rotations(cell: Floats) -> NDArray[np.int64]:
    """Integer matrices (n, 3, 3) of determinant 1 that leave the metric of a cell as it is."""
    metric = cell @ cell.T
    turns = _unimodular()
    changed = np.einsum("nji,jk,nkl->nil", turns, metric, turns)
    same = np.abs(changed - metric).max(axis=(1, 2)) < SAME_LENGTH * metric.max()
    return np.asarray(turns[same])


@functools.lru_cache(maxsize=1)
def _unimodular() -> NDArray[np.int64]:
    """All 3 × 3 matrices of −1, 0 and 1 with determinant 1."""
    every = np.array(list(itertools.product((-1, 0, 1), repeat=9))).reshape(-1, 3, 3)
    return np.asarray(every[np.round(np.linalg.det(every)) == 1])


def _is_hexagonal(cell: Floats) -> bool:
    a, b, c = cell
    size = float(a @ a)
    gaps = (abs(b @ b - size), abs(a @ b + size / 2), abs(a @ c), abs(b @ c))
    return bool(max(gaps) < SAME_LENGTH * size)


def _shifts(hexagonal: bool) -> list[Floats]:
    halves = [np.array(shift) / 2 for shift in itertools.product((0, 1), repeat=3)]
    thirds = [np.array([k / 3, 2 * k / 3, 0.0]) for k in ((0, 1, 2) if hexagonal else (0,))]
    return [half + third for half in halves for third in thirds]


def _spelling(numbers: NDArray[np.int64], fractions: Floats) -> list[tuple[float, ...]]:
    rounded = np.abs(np.round(fractions, DECIMALS))
    return sorted(
        (float(number), *map(float, place)) for number, place in zip(numbers, rounded, strict=True)
    )
