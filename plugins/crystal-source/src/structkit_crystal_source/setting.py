"""One setting for one crystal: of all equivalent descriptions of a conventional cell, always the same one."""

from __future__ import annotations

import functools
import itertools

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SAME_LENGTH, SAME_PLACE, DECIMALS = 1e-4, 1e-4, 3
STEPS = 10**DECIMALS  # in which fractions are compared


def canonical(atoms: Atoms) -> Atoms:
    """The cell in the setting whose sorted fractional coordinates are smallest.

    spglib fixes the origin up to the normaliser of the space group: hcp has its atoms at (1/3, 2/3,
    1/4) or, turned by 180°, at (2/3, 1/3, 1/4), and the two cut different clusters. The candidates
    are all proper rotations of the lattice onto itself, with shifts of the origin by halves of the
    axes (and, in hexagonal cells, by thirds of the diagonal).
    """
    cell, fractions = np.asarray(atoms.cell[:]), atoms.get_scaled_positions(wrap=False)
    candidates = _settings(cell, fractions)
    best = candidates[_smallest(atoms.numbers, candidates)]
    order = np.lexsort((*np.round(best, DECIMALS).T[::-1], atoms.numbers))
    return Atoms(atoms.numbers[order], cell=cell, pbc=True, scaled_positions=best[order])


def _settings(cell: Floats, fractions: Floats) -> Floats:
    """Fractions (candidates, atoms, 3) in every setting: turn by turn, and shift by shift for each."""
    turned = [fractions @ np.linalg.inv(turn).T for turn in lattice_rotations(cell)]
    shifts = np.array(_shifts(_is_hexagonal(cell)))
    moved = np.array(turned)[:, None] + shifts[None, :, None]
    return wrapped(moved.reshape(-1, len(fractions), 3))


def _smallest(numbers: NDArray[np.int64], candidates: Floats) -> int:
    """The first candidate whose sorted list of atoms, by number and then by place, is smallest."""
    places = np.rint(np.abs(np.round(candidates, DECIMALS)) * STEPS).astype(np.int64)
    spelled = np.broadcast_to(numbers.astype(np.int64), places.shape[:2])
    for axis in range(3):
        spelled = spelled * (STEPS + 1) + places[..., axis]
    ordered = np.sort(spelled, axis=1)
    return int(np.lexsort(ordered.T[::-1])[0])


def wrapped(fractions: Floats) -> Floats:
    """Fractions from 0 to 1, where what is 1 but for rounding is 0."""
    return (fractions + SAME_PLACE) % 1.0 - SAME_PLACE


def lattice_rotations(cell: Floats) -> NDArray[np.int64]:
    """Integer matrices (n, 3, 3) of determinant 1 that leave the metric of a cell as it is."""
    metric = cell @ cell.T
    tolerance = SAME_LENGTH * metric.max()
    steps, turns, columns = _unimodular()
    squares = np.einsum("vj,jk,vk->v", steps, metric, steps)
    fits = np.abs(squares - metric.diagonal()[:, None]) < tolerance
    kept = turns[fits[0, columns[:, 0]] & fits[1, columns[:, 1]] & fits[2, columns[:, 2]]]
    changed = np.einsum("nji,jk,nkl->nil", kept, metric, kept)
    return np.asarray(kept[np.abs(changed - metric).max(axis=(1, 2)) < tolerance])


@functools.lru_cache(maxsize=1)
def _unimodular() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """All 3 × 3 matrices of −1, 0 and 1 with determinant 1.

    Returns:
        The 27 vectors (27, 3) that a column can be; the matrices (n, 3, 3); and which vector each
        of their columns is, (n, 3).
    """
    steps = np.array(list(itertools.product((-1, 0, 1), repeat=3)))
    every = np.array(list(itertools.product((-1, 0, 1), repeat=9))).reshape(-1, 3, 3)
    turns = every[np.round(np.linalg.det(every)) == 1]
    columns = np.einsum("nij,i->nj", turns + 1, np.array([9, 3, 1]))
    return steps, turns, columns


def _is_hexagonal(cell: Floats) -> bool:
    a, b, c = cell
    size = float(a @ a)
    gaps = (abs(b @ b - size), abs(a @ b + size / 2), abs(a @ c), abs(b @ c))
    return bool(max(gaps) < SAME_LENGTH * size)


def _shifts(hexagonal: bool) -> list[Floats]:
    halves = [np.array(shift) / 2 for shift in itertools.product((0, 1), repeat=3)]
    thirds = [np.array([k / 3, 2 * k / 3, 0.0]) for k in ((0, 1, 2) if hexagonal else (0,))]
    return [half + third for half in halves for third in thirds]
