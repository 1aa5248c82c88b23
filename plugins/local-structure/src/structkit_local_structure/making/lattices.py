"""Perfect lattices in rectangular boxes, and what is done to them: strain, c/a, vacancies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from structkit_local_structure.making.built import (
    BCC,
    DIAMOND,
    FCC,
    HCP,
    HEXAGONAL_DIAMOND,
    SC,
    Built,
    Floats,
    Ints,
)
from structkit_neighbours import pairs

ROOT3 = 3**0.5
FCC_BASIS = ((0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0))
DIAMOND_BASIS = (*FCC_BASIS, *(tuple(x + 0.25 for x in site) for site in FCC_BASIS))
# edge in nearest-neighbour distances, and the sites in units of it
CUBIC: dict[int, tuple[float, tuple[tuple[float, ...], ...]]] = {
    FCC: (2**0.5, FCC_BASIS),
    BCC: (2 / ROOT3, ((0, 0, 0), (0.5, 0.5, 0.5))),
    SC: (1.0, ((0, 0, 0),)),
    DIAMOND: (4 / ROOT3, DIAMOND_BASIS),
}
NEIGHBOUR = {FCC: 1.1, HCP: 1.1, BCC: 1.3, DIAMOND: 1.3, HEXAGONAL_DIAMOND: 1.3, SC: 1.2}


def block(lattice: int, extent: Floats) -> Built:
    """A periodic block of a lattice, at least as large as an extent in nearest-neighbour distances."""
    if lattice in CUBIC:
        edge, basis = CUBIC[lattice]
        counts = np.maximum(np.ceil(extent / edge), 3).astype(int)
        return _repeated(np.array(basis) * edge, np.full(3, edge), counts, lattice)
    sequence = "AB" * max(2, int(np.ceil(extent[2] / _layer(lattice) / 2)))
    return stacked(sequence, lattice == HEXAGONAL_DIAMOND, extent)


def _repeated(basis: Floats, edges: Floats, counts: Ints, lattice: int) -> Built:
    grid = np.stack(np.meshgrid(*map(np.arange, counts), indexing="ij"), axis=-1).reshape(-1, 1, 3)
    sites = (grid * edges + basis).reshape(-1, 3)
    kinds = np.full(len(sites), lattice, np.int64)
    return Built(sites, edges * counts, np.ones(3, dtype=bool), kinds)


def _layer(lattice: int) -> float:
    return 4 / 3 if lattice in (DIAMOND, HEXAGONAL_DIAMOND) else (2 / 3) ** 0.5


def stacked(sequence: str, tetrahedral: bool, extent: Floats) -> Built:
    """Close-packed layers, or double layers of diamond, in any order of A, B and C; periodic.

    A layer between unlike ones is cubic (fcc, diamond), one between like ones hexagonal.

    Args:
        sequence: a letter a layer; neighbours differ, the last and the first too.
        tetrahedral: whether each layer is a double one, with four neighbours an atom.
        extent: float64 (3,), the least size within the layers.
    """
    edge = (8 / 3) ** 0.5 if tetrahedral else 1.0
    height = 4 / 3 if tetrahedral else (2 / 3) ** 0.5
    cell = np.array([edge, edge * ROOT3])
    counts = np.maximum(np.ceil(extent[:2] / cell), (3, 2)).astype(int)
    grid = np.stack(np.meshgrid(*map(np.arange, counts), indexing="ij"), axis=-1).reshape(-1, 1, 2)
    plane = (grid * cell + np.array([[0, 0], [edge / 2, edge * ROOT3 / 2]])).reshape(-1, 2)
    shift = np.array([edge / 2, edge / (2 * ROOT3)])
    sites, kinds = [], []
    for number, letter in enumerate(sequence):
        heights = (number * height, number * height + 1.0) if tetrahedral else (number * height,)
        between = sequence[number - 1] == sequence[(number + 1) % len(sequence)]
        cubic, hexagonal = (DIAMOND, HEXAGONAL_DIAMOND) if tetrahedral else (FCC, HCP)
        for z in heights:
            level = np.full((len(plane), 1), z)
            sites.append(np.hstack([plane + "ABC".index(letter) * shift, level]))
            kinds.append(np.full(len(plane), hexagonal if between else cubic, np.int64))
    edges = np.array([*(cell * counts), len(sequence) * height])
    return Built(np.concatenate(sites), edges, np.ones(3, dtype=bool), np.concatenate(kinds))


def deformed(built: Built, factors: Floats) -> Built:
    """Stretched along the edges of the box by factors, float64 (3,)."""
    return replace(built, sites=built.sites * factors, cell=built.cell * factors)


def drawn_strain(rng: np.random.Generator, hexagonal: bool, strain: float = 0.012) -> Floats:
    """Factors along the edges: a small strain, and for hexagonal lattices another c/a within 7 %."""
    factors = 1 + rng.uniform(-strain, strain, size=3)
    if hexagonal:
        factors[2] *= rng.uniform(0.93, 1.07)
    return factors


def vacant(
    built: Built, share: float, clustered: bool, rng: np.random.Generator
) -> tuple[Built, Floats]:
    """Take atoms away, and let their neighbours relax.

    Args:
        built: periodic.
        share: of the atoms that goes.
        clustered: whether those that go stand together.
        rng: of all chance.

    Returns:
        What is left, and float64 (atoms, 3), where these atoms are.
    """
    count = len(built.sites)
    near = pairs(built.atoms(), NEIGHBOUR[int(built.lattice[0])])
    going = max(1, round(share * count))
    gone = (
        _cluster(near.first, near.second, count, going, rng)
        if clustered
        else _any(count, going, rng)
    )
    inward = rng.uniform(-0.03, 0.09)
    towards = near.shifts @ np.diag(built.cell) + built.sites[near.second] - built.sites[near.first]
    towards *= (gone[near.second] / near.distances)[:, None]
    moves = np.zeros_like(built.sites)
    np.add.at(moves, near.first, towards)
    positions = built.sites + inward * moves
    return built.only(~gone), positions[~gone]


def _any(count: int, going: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    gone = np.zeros(count, dtype=bool)
    gone[rng.permutation(count)[:going]] = True
    return gone


def _cluster(
    first: Ints, second: Ints, count: int, going: int, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Half of the atoms that go are neighbours of others that go."""
    gone = _any(count, max(1, going // 3), rng)
    while gone.sum() < going:
        beside = np.unique(second[gone[first]])
        beside = beside[~gone[beside]]
        wanted = min(going - int(gone.sum()), max(1, len(beside) // 4))
        gone[rng.permutation(beside)[:wanted]] = True
    return gone
