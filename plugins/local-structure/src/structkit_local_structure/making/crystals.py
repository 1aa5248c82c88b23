"""Crystals: perfect but for noise and strain, with vacancies, with stacking faults, as slabs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from structkit_local_structure.making.built import (
    BCC,
    FCC,
    HCP,
    HEXAGONAL_DIAMOND,
    SHELLS,
    Built,
    Labelled,
    labelled,
    noisy,
)
from structkit_local_structure.making.lattices import (
    block,
    deformed,
    drawn_strain,
    stacked,
    vacant,
)

NOISE = 0.13  # the largest standard deviation per component, in nearest-neighbour distances
EXTENT = 6.0  # of a block, in nearest-neighbour distances


def drawn_noise(lattice: int, rng: np.random.Generator) -> float:
    """A standard deviation of positions, up to what crystals bear before they melt, and beyond."""
    return float(rng.uniform(0, NOISE + 0.02 * (lattice == BCC)))


def bulk(lattice: int, rng: np.random.Generator) -> Labelled:
    """A strained lattice with noise."""
    built = _strained(lattice, rng)
    return labelled(built, noisy(built.sites, drawn_noise(lattice, rng), rng))


def with_vacancies(lattice: int, rng: np.random.Generator) -> Labelled:
    """A lattice from which 1 to 27 % of the atoms are gone; all others still belong to it."""
    built = _strained(lattice, rng)
    share = rng.uniform(0.01, 0.27) if rng.random() < 0.6 else rng.uniform(0.01, 0.1)
    left, positions = vacant(built, share, rng.random() < 0.5, rng)
    spread = drawn_noise(lattice, rng) * 0.8
    return labelled(left, noisy(positions, spread, rng), whole=True)


def with_faults(lattice: int, rng: np.random.Generator) -> Labelled:
    """Layers whose order has faults, 1 to 8 layers apart; periodic, or a slab between two vacua."""
    tetrahedral = lattice in (3, 4)
    hexagonal = lattice in (HCP, HEXAGONAL_DIAMOND)
    extent = np.full(3, EXTENT)
    sequence = drawn_sequence(8 if tetrahedral else 12, hexagonal, rng)
    built = deformed(stacked(sequence, tetrahedral, extent), drawn_strain(rng, False))
    if rng.random() < 0.35:
        built = as_slab(built, rng)
    return labelled(built, noisy(built.sites, drawn_noise(FCC, rng) * 0.9, rng))


def drawn_sequence(layers: int, hexagonal: bool, rng: np.random.Generator) -> str:
    """An order of layers, ABC… or ABAB…, in which every 1 to 8 layers one is out of order."""
    while True:
        steps, kind, left = [], hexagonal, int(rng.integers(1, 9))
        sense = 1
        for _ in range(layers):
            steps.append(sense)
            left -= 1
            flips = kind
            if left == 0:
                left, flips = int(rng.integers(1, 9)), not kind
            sense = -sense if flips else sense
        if sum(steps) % 3 == 0:  # the last layer fits on the first
            places = np.cumsum([0, *steps[:-1]]) % 3
            return "".join("ABC"[place] for place in places)


def as_slab(built: Built, rng: np.random.Generator) -> Built:
    """Open along one direction."""
    axis = int(rng.integers(3))
    periodic = np.ones(3, dtype=bool)
    periodic[axis] = False
    cell = built.cell.copy()
    cell[axis] += 10
    return replace(built, periodic=periodic, cell=cell)


def slab(lattice: int, rng: np.random.Generator) -> Labelled:
    """A slab of a lattice, with two surfaces."""
    built = as_slab(_strained(lattice, rng), rng)
    return labelled(built, noisy(built.sites, drawn_noise(lattice, rng) * 0.8, rng))


def _strained(lattice: int, rng: np.random.Generator) -> Built:
    extent = EXTENT * SHELLS[lattice][0] ** 0.5
    built = block(lattice, np.full(3, extent))
    return deformed(built, drawn_strain(rng, lattice in (HCP, HEXAGONAL_DIAMOND)))
