"""Polycrystals: Voronoi cells of a periodic box, each filled with a lattice at an orientation of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from structkit_local_structure.making.built import (
    BCC,
    FCC,
    HCP,
    Built,
    Floats,
    Ints,
    Labelled,
    labelled,
    noisy,
)
from structkit_local_structure.making.lattices import block
from structkit_neighbours import pairs

CLOSEST = 0.75  # atoms nearer than this are one too many
PUSHED = 0.96  # atoms of a boundary that are nearer are pushed apart


def polycrystal(lattice: int, rng: np.random.Generator) -> Labelled:
    """Grains of a lattice, now and then some of a second one, with crowded atoms pushed apart."""
    edge = rng.uniform(11, 15)
    seeds = rng.random((int(rng.integers(2, 7)), 3)) * edge
    second = int(rng.choice([FCC, BCC, HCP])) if rng.random() < 0.3 and lattice < 3 else lattice
    parts = [
        _grain(k, seeds, edge, lattice if k % 2 == 0 else second, rng) for k in range(len(seeds))
    ]
    sites = np.concatenate([part.sites for part in parts])
    kinds = np.concatenate([part.lattice for part in parts])
    grain = np.repeat(np.arange(len(parts)), [len(part.sites) for part in parts])
    cell = np.full(3, edge)
    built = Built(sites, cell, np.ones(3, dtype=bool), kinds, grain, through=False)
    built = built.only(thinned(built))
    positions = pushed_apart(built, built.sites, int(rng.integers(0, 40)))
    return labelled(built, noisy(positions, rng.uniform(0, 0.09), rng))


def _grain(
    number: int, seeds: Floats, edge: float, lattice: int, rng: np.random.Generator
) -> Built:
    """The sites of a turned lattice that are nearer to one seed than to any other, or to an image."""
    images = np.stack(np.meshgrid(*3 * [[-1, 0, 1]], indexing="ij"), axis=-1).reshape(-1, 3) * edge
    built = block(lattice, np.full(3, 1.2 * edge * 3**0.5))
    centred = built.sites - built.cell / 2 + rng.random(3)
    sites = Rotation.random(random_state=rng).apply(centred) + seeds[number]
    others = (seeds[:, None] + images).reshape(-1, 3)
    own = ((sites - seeds[number]) ** 2).sum(axis=1)
    nearest = np.full(len(sites), np.inf)
    for other in others:
        gap = ((sites - other) ** 2).sum(axis=1)
        nearest = np.minimum(nearest, np.where((other == seeds[number]).all(), np.inf, gap))
    return built_at(sites, built.lattice, own < nearest)


def built_at(sites: Floats, lattice: Ints, kept: NDArray[np.bool_]) -> Built:
    """Some sites in open space."""
    there = sites[kept]
    return Built(there, np.ones(3), np.zeros(3, dtype=bool), lattice[kept])


def thinned(built: Built) -> NDArray[np.bool_]:
    """Who stays, bool (atoms,), so that no two atoms are nearer than `CLOSEST`."""
    near = pairs(built.atoms(), CLOSEST, each_twice=False)
    stays = np.ones(len(built.sites), dtype=bool)
    for i, j in zip(near.first.tolist(), near.second.tolist(), strict=True):
        if stays[i] and stays[j]:
            stays[max(i, j)] = False
    return stays


def pushed_apart(built: Built, positions: Floats, rounds: int) -> Floats:
    """Push atoms that are too near away from each other, some rounds."""
    where = positions.copy()
    for _ in range(rounds):
        near = pairs(built.atoms(where), PUSHED)
        gaps = near.shifts @ np.diag(built.cell) + where[near.second] - where[near.first]
        push = (near.distances - PUSHED) / near.distances * 0.3
        np.add.at(where, near.first, gaps * push[:, None])
    return where
