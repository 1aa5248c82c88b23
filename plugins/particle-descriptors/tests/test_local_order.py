"""Local order against lattices whose neighbours, order and angles are known."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from structkit import DataError
from structkit_particle_descriptors import LocalOrder
from structkit_particle_descriptors.examples import flat

PERIODIC = (True, True, False)


def triangular(columns=6, rows=4):
    """A triangular lattice of edge one."""
    height = np.sqrt(3) / 2
    places = [
        [i + 0.5 * k, (2 * j + k) * height, 0]
        for i in range(columns)
        for j in range(rows)
        for k in (0, 1)
    ]
    return Atoms("Ni" * len(places), places, cell=[columns, 2 * rows * height, 0], pbc=PERIODIC)


def square(edge=5):
    places = [[i, j, 0] for i in range(edge) for j in range(edge)]
    return Atoms("Ni" * len(places), places, cell=[edge, edge, 0], pbc=PERIODIC)


def part(atoms, name, **settings):
    return LocalOrder(parts=(name,), **settings)(atoms)["vector"]


@pytest.mark.parametrize(("lattice", "order", "other"), [(triangular(), 6, 4), (square(), 4, 6)])
def test_bond_order_of_lattices(lattice, order, other):
    found = part(lattice, "bond-order", orders=(order, other)).reshape(2, 2, 2)
    assert np.allclose(found[0, 0], 1, atol=1e-5), "mean and mean square, of A"
    assert np.allclose(found[1, 0], 0, atol=1e-5) and not found[:, 1].any(), "there is no B"


def test_shells_are_counted_by_species():
    """One B in a triangular lattice: itself a B with six A; six A with one B; the rest with none."""
    atoms = triangular()
    atoms.symbols[10] = "P"
    found = part(atoms, "shells").reshape(2, 5, 7)
    assert found[1, 2, 0] == 1 and found[1].sum() == 1
    assert found[0, 2, 1] == pytest.approx(6 / 47) and found[0, 2, 0] == pytest.approx(41 / 47)


def test_angles_of_lattices():
    for lattice, degrees, bonds in ((triangular(), 60, 6), (square(), 90, 4)):
        found = part(lattice, "angles", bins=29).reshape(6, 29)
        (place,) = np.flatnonzero(found[0])
        assert found[0, place] == bonds and place == int(degrees * 29 / 180)
        assert not found[1:].any()


def test_windows_count_particles_with_whole_shells_alone():
    """A window of a lattice, whose edge has few neighbours, says what the lattice says."""
    atoms = triangular(10, 6)
    atoms.pbc, atoms.cell = False, None
    assert np.allclose(part(atoms, "shells").reshape(2, 5, 7)[0, 2, 0], 1)
    assert part(atoms, "shells", margin=0.0).reshape(2, 5, 7)[0, 2, 0] < 0.9


def test_nothing_changes_with_the_frame_of_reference():
    atoms = flat(60, edge=7.0)
    expected = LocalOrder()(atoms)["vector"]
    moved, turned, mirrored = (atoms.copy() for _ in range(3))
    moved.positions[:, :2] += [2.3, -1.1]
    moved.wrap()
    turned.positions[:, :2] = atoms.positions[:, [1, 0]]
    mirrored.positions[:, 0] *= -1
    order = np.random.default_rng(0).permutation(len(atoms))
    for other in (moved, turned, mirrored, atoms[order]):
        assert np.allclose(LocalOrder()(other)["vector"], expected, atol=1e-6)
    assert np.allclose(LocalOrder()(atoms.repeat((2, 1, 1)))["vector"], expected, atol=1e-6)


def test_what_has_no_plane_or_no_place_is_refused():
    with pytest.raises(DataError, match="M020 the particles do not lie in a plane"):
        LocalOrder()(bulk("Ni", cubic=True))
    with pytest.raises(DataError, match="M020 Cu has no place .species: Ni, P."):
        LocalOrder()(Atoms("Cu", [[0, 0, 0]], cell=[5, 5, 0], pbc=PERIODIC))
