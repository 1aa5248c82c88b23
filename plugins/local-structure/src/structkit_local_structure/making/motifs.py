"""Crystals that are none of the known lattices: random motifs in random space groups."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from structkit_local_structure.making.built import OTHER, Labelled, noisy
from structkit_neighbours import pairs

GRID = 24  # coordinates are often multiples of 1/24, as those of special positions are
CLOSEST = (
    0.72  # nearest neighbours, in cube roots of the volume of an atom: nearer ones are molecules
)
MOST = 24  # atoms of a cell


def motif(_: int, rng: np.random.Generator) -> Labelled:
    """A random crystal with noise, of which no atom belongs to a known lattice."""
    while True:
        atoms = drawn(rng)
        if atoms is not None and not is_known(atoms):
            break
    nearest = float(pairs(atoms, 1.6 * _spacing(atoms)).distances.min())
    atoms.positions /= nearest
    atoms.set_cell(atoms.cell[:] / nearest)
    repeats = np.maximum(1, np.ceil(4.5 / atoms.cell.lengths())).astype(int)
    large = atoms.repeat(repeats)
    positions = noisy(large.positions, rng.uniform(0, 0.08), rng)
    lattice = np.full(len(large), OTHER, np.int64)
    return Labelled(
        positions, np.asarray(large.cell[:]), np.ones(3, dtype=bool), lattice, 0 * lattice
    )


def _spacing(atoms: Atoms) -> float:
    return float((atoms.cell.volume / len(atoms)) ** (1 / 3))


def drawn(rng: np.random.Generator) -> Atoms | None:
    """A crystal of one to three orbits in a random space group; None where atoms are too near."""
    from ase.spacegroup import crystal

    number = int(rng.integers(1, 231))
    orbits = int(rng.integers(1, 4))
    sites = rng.random((orbits, 3))
    special = rng.random((orbits, 3)) < 0.8
    sites = np.where(special, np.round(sites * GRID / 2) * 2 / GRID % 1, sites)
    cell = _cell_of(number, rng)
    try:
        atoms = crystal(
            ["Ar"] * orbits, sites, spacegroup=number, cellpar=cell, onduplicates="keep"
        )
    except Exception:  # noqa: BLE001  (a setting that ase does not know)
        return None
    if len(atoms) > MOST or len(atoms) < 2:
        return None
    near = pairs(atoms, CLOSEST * _spacing(atoms))
    return None if len(near.first) else atoms


def _cell_of(number: int, rng: np.random.Generator) -> list[float]:
    """Edges and angles that a space group allows."""
    a, b, c = rng.uniform(0.7, 1.4, 3)
    al, be, ga = rng.uniform(65, 115, 3)
    if number >= 195:
        return [1, 1, 1, 90, 90, 90]
    if number >= 143:
        return [1, 1, float(c * 1.3), 90, 90, 120]
    if number >= 75:
        return [1, 1, float(c * 1.2), 90, 90, 90]
    if number >= 16:
        return [float(a), float(b), float(c), 90, 90, 90]
    if number >= 3:
        return [float(a), float(b), float(c), 90, float(be), 90]
    return [float(a), float(b), float(c), float(al), float(be), float(ga)]


def is_known(atoms: Atoms) -> bool:
    """Whether an atom looks like one of a known lattice: its invariants are nearly those."""
    from structkit_local_structure.environments import LocalEnvironments
    from structkit_local_structure.making.known import nearness

    repeats = np.maximum(1, np.ceil(3.0 * _spacing(atoms) / atoms.cell.lengths())).astype(int)
    features = LocalEnvironments()(atoms.repeat(repeats))["atoms"]
    return bool(nearness(features).min() < 1.0)
