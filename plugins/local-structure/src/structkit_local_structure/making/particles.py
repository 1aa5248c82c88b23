"""Particles in vacuum: cut from a lattice along its faces, icosahedra and decahedra."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from structkit_local_structure.making.built import (
    FCC,
    HCP,
    Built,
    Floats,
    Labelled,
    labelled,
    noisy,
)
from structkit_local_structure.making.lattices import block, deformed, drawn_strain
from structkit_neighbours import pairs

NOISE = 0.08


def particle(lattice: int, rng: np.random.Generator) -> Labelled:
    """A particle of a lattice that is bounded by random faces of low indices, or five-fold."""
    if lattice in (FCC, HCP) and rng.random() < 0.5:
        return five_fold(rng)
    radius = rng.uniform(3.0, 5.0)
    built = block(lattice, np.full(3, 2 * radius + 2))
    built = deformed(built, drawn_strain(rng, lattice == HCP))
    kept = _inside(built.sites - built.cell * rng.uniform(0.45, 0.55, 3), radius, rng)
    return _finished(in_vacuum(built.only(kept)), rng)


def _inside(sites: Floats, radius: float, rng: np.random.Generator) -> np.ndarray:
    """Within faces {100}, {110} and {111} at distances about a radius."""
    inside = np.ones(len(sites), dtype=bool)
    for indices in ((1, 0, 0), (1, 1, 0), (1, 1, 1)):
        limit = radius * rng.uniform(0.8, 1.3)
        for signs in np.ndindex(2, 2, 2):
            for turn in range(3):
                face = np.roll(indices, turn) * (1 - 2 * np.array(signs))
                inside &= sites @ (face / np.linalg.norm(face)) <= limit
    return inside


def in_vacuum(built: Built) -> Built:
    """Without periodicity, turned at random: the shells are those of the particle alone."""
    return replace(built, periodic=np.zeros(3, dtype=bool), through=False)


def _finished(built: Built, rng: np.random.Generator) -> Labelled:
    breathing = 1 + rng.uniform(-0.02, 0.01)
    made = labelled(built, noisy(built.sites * breathing, rng.uniform(0, NOISE), rng))
    turned = Rotation.random(random_state=rng).apply(made.positions)
    return replace(made, positions=turned)


def five_fold(rng: np.random.Generator) -> Labelled:
    """An icosahedron or decahedron: fcc inside the tetrahedra, hcp on their faces, neither on the axes."""
    from ase.cluster import Decahedron, Icosahedron

    if rng.random() < 0.5:
        atoms = Icosahedron("Ar", int(rng.integers(5, 8)), latticeconstant=2**0.5)
    else:
        p, q, r = int(rng.integers(4, 7)), int(rng.integers(2, 5)), int(rng.integers(0, 3))
        atoms = Decahedron("Ar", p, q, r, latticeconstant=2**0.5)
    nearest = pairs(atoms, 1.6).distances
    sites = atoms.positions / float(np.median(nearest[nearest < 1.25 * nearest.min()]))
    return _finished(_by_common_neighbours(sites), rng)


def _by_common_neighbours(sites: Floats) -> Built:
    """The class of each site by the bonds among the common neighbours of its twelve bonds.

    In fcc twelve bonds are of the sort 421; in hcp six are 421 and six 422 (J. D. Honeycutt, H. C.
    Andersen, Journal of Physical Chemistry 91, 4950, 1987). All others are of no lattice.
    """
    count = len(sites)
    built = Built(sites, np.ptp(sites, axis=0) + 20, np.zeros(3, dtype=bool), np.zeros(count, int))
    near = pairs(built.atoms(), 1.25)
    mates: list[set[int]] = [set() for _ in range(count)]
    for i, j in zip(near.first.tolist(), near.second.tolist(), strict=True):
        mates[i].add(j)
    lattice = np.array([_class_of(i, mates) for i in range(count)])
    return replace(built, lattice=lattice, grain=np.zeros(count, int), through=False)


def _class_of(i: int, mates: list[set[int]]) -> int:
    """fcc, hcp, or disordered where the twelve bonds are of another sort.

    An atom at the surface is given fcc: its shell is not full, and the rule of shells decides.
    """
    if len(mates[i]) != 12:
        return FCC
    straight = 0
    for j in mates[i]:
        common = mates[i] & mates[j]
        bonds = [len(mates[k] & common) for k in common]
        if len(common) != 4 or sum(bonds) != 4:
            return -1
        straight += max(bonds) == 1
    return {12: FCC, 6: HCP}.get(straight, -1)
