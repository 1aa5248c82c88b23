"""The histogram counts the pairs that the list has."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from structkit_neighbours import pairs
from structkit_neighbours.histogram import distance_histogram


def expected(atoms, cutoff, bins):
    """By the list of pairs, one distance after the other."""
    counts = np.zeros(bins + 2)
    for distance in pairs(atoms, cutoff, each_twice=False).distances:
        place = distance / cutoff * bins + 0.5
        below = int(place)
        counts[below] += 1 - (place - below)
        counts[below + 1] += place - below
    return counts[1:-1]


def random_structure(rng):
    """Some atoms, in and out of a cell that may be skewed, with any periods."""
    cell = rng.normal(size=(3, 3)) * rng.uniform(2, 8)
    count = rng.integers(1, 40)
    positions = rng.normal(size=(count, 3)) * 10
    return Atoms([1] * count, positions, cell=cell, pbc=rng.random(3) < 0.7)


@pytest.mark.parametrize("seed", range(40))
def test_counts_are_those_of_the_list(seed):
    rng = np.random.default_rng(seed)
    atoms = random_structure(rng)
    cutoff, bins = float(rng.uniform(0.3, 7)), int(rng.integers(1, 300))
    counts = distance_histogram(atoms, cutoff, bins)
    np.testing.assert_allclose(counts, expected(atoms, cutoff, bins), atol=1e-6)


@pytest.mark.parametrize(
    "atoms",
    [
        Atoms("Cu2", [[0, 0, 0], [1.2, 0.4, 0.9]], cell=[2.5, 2.5, 0], pbc=[True, True, False]),
        Atoms("He2", [[0, 0, 0], [0.05, 0, 0]], cell=[5e4, 5e4, 5e4], pbc=True),
        Atoms("He2", [[0, 0, 0], [9e4, 0, 0]]),
        Atoms("Ar"),
        bulk("Fe"),
        bulk("Cu", cubic=True).repeat((12, 1, 1)),
    ],
    ids=["slab", "vast", "far apart", "alone", "one atom", "needle"],
)
def test_counts_of_odd_structures(atoms):
    np.testing.assert_allclose(
        distance_histogram(atoms, 4.1, 50), expected(atoms, 4.1, 50), atol=1e-6
    )


def test_a_distance_on_an_edge_counts_half_on_either_side():
    """fcc has 12 neighbours at 1: on the edge of two bins of 0.25, whatever rounding makes of it."""
    crystal = bulk("Cu", a=2**0.5, cubic=True)
    for turned in (0.0, 13.0, 77.0):
        crystal.rotate(turned, (1, 2, 3), rotate_cell=True)
        counts = distance_histogram(crystal, 1.25, 5)
        np.testing.assert_allclose(counts, [0, 0, 0, 12, 12], atol=1e-9)
