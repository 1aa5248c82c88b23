"""Orientations of turned lattices, and whether the harmonics are those of the kernel."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from structkit_local_structure.blocks import surroundings
from structkit_local_structure.making.built import SHELLS
from structkit_local_structure.making.lattices import block
from structkit_local_structure.orientation import SYMMETRY, Directions, orientation


@pytest.mark.parametrize("lattice", list(SHELLS))
def test_a_turned_lattice_is_turned_as_much(lattice):
    rng = np.random.default_rng(lattice)
    built = block(lattice, np.full(3, 6.0))
    turn = Rotation.random(random_state=lattice + 1)
    noisy = built.sites + rng.normal(scale=0.05, size=built.sites.shape)
    kept = Directions(len(noisy))
    cell = turn.apply(np.diag(built.cell))
    for some in surroundings(turn.apply(noisy), cell, built.periodic):
        kept.take(some, np.full(len(some.atoms), lattice))
    mean = kept.of_grain(np.zeros(len(noisy), np.int32), 0)
    w, x, y, z = orientation(mean, lattice)
    found = Rotation.from_quat([x, y, z, w])
    equal = turn * Rotation.create_group(SYMMETRY[lattice])
    apart = np.degrees((found.inv() * equal).magnitude().min())
    assert apart < 1.0
