"""Bond cosines against crystals whose angles are known, and against a plain double loop."""

import time

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.cluster import Octahedron

from structkit import DataError
from structkit_local_structure import BondCosines
from structkit_local_structure.bonds import nearest_bonds

FCC = {-1: 6, -1 / 2: 24, 0: 12, 1 / 2: 24}
HCP = {-1: 3, -5 / 6: 6, -1 / 2: 18, -1 / 3: 3, 0: 12, 1 / 2: 24}
IDEAL = bulk("Mg", a=3.2, c=3.2 * np.sqrt(8 / 3))


def disordered(seed=0, periodic=(True, True, True)):
    rng = np.random.default_rng(seed)
    atoms = bulk("Cu", cubic=True).repeat(3)
    atoms.positions += rng.normal(scale=0.2, size=atoms.positions.shape)
    atoms.pbc = periodic
    return atoms


def by_hand(atoms, k):
    """The sorted cosines of every atom by loops over its images."""
    cell, around = atoms.cell.complete()[:], [range(-2, 3) if p else (0,) for p in atoms.pbc]
    shifts = np.array([(a, b, c) for a in around[0] for b in around[1] for c in around[2]]) @ cell
    rows = []
    for place in atoms.positions:
        bonds = (atoms.positions[:, None] + shifts[None] - place).reshape(-1, 3)
        lengths = np.linalg.norm(bonds, axis=1)
        order = np.argsort(lengths)[1 : k + 1]
        units = bonds[order] / lengths[order, None]
        rows.append(sorted(units[i] @ units[j] for i in range(k) for j in range(i)))
    return np.array(rows)


@pytest.mark.parametrize(("atoms", "angles"), [(bulk("Cu"), FCC), (IDEAL, HCP)], ids=["fcc", "hcp"])
@pytest.mark.parametrize("size", [1, 3])
def test_angles_of_the_close_packings(atoms, angles, size):
    found = BondCosines()(atoms.repeat(size))["atoms"]
    expected = np.repeat(list(angles), list(angles.values()))
    assert found.dtype == np.float32 and found.shape == (len(atoms) * size**3, 66)
    assert np.allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("periodic", [(1, 1, 1), (1, 0, 1), (0, 0, 0)])
def test_vectorised_is_the_plain_loop(periodic):
    atoms = disordered(periodic=periodic)
    assert np.allclose(BondCosines()(atoms)["atoms"], by_hand(atoms, 12), atol=1e-6)
    assert np.allclose(BondCosines(neighbours=5)(atoms)["atoms"], by_hand(atoms, 5), atol=1e-6)


@pytest.mark.parametrize("average", [False, True])
def test_nothing_but_the_shape_counts(average):
    atoms, describe = disordered(), BondCosines(average=average)
    expected = describe(atoms)["atoms"]
    scaled, mirrored, wrapped = atoms.copy(), atoms.copy(), atoms.copy()
    scaled.set_cell(atoms.cell * 1.4, scale_atoms=True)
    mirrored.set_cell(atoms.cell[:] * [-1, 1, 1], scale_atoms=True)
    wrapped.positions += [3.1, -2.2, 0.4]
    wrapped.wrap()
    for changed in (scaled, mirrored, wrapped):
        assert np.allclose(describe(changed)["atoms"], expected, atol=1e-5)
    order = np.random.default_rng(1).permutation(len(atoms))
    assert np.allclose(describe(atoms[order])["atoms"], expected[order], atol=1e-6)


def test_who_is_equally_near_counts_too():
    """In bcc the ninth to the fourteenth are equally near: no rounding may choose four of them."""
    iron = bulk("Fe", cubic=True).repeat(2)
    turned = iron.copy()
    turned.rotate(33, (1, 2, 3), rotate_cell=True)
    assert (nearest_bonds(turned, 12, 10.0).counts == 14).all()
    found = BondCosines()(iron)["atoms"]
    assert np.allclose(found, BondCosines()(turned)["atoms"], atol=1e-5)
    assert np.allclose(found[:, [0, -1]], [-1, np.sqrt(1 / 3)])
    assert (np.diff(found, axis=1) >= 0).all()


def test_average_is_over_the_atom_and_its_neighbours():
    atoms = disordered(3)
    both = BondCosines(average=True)(atoms)["atoms"]
    own, mean = both[:, :66], both[:, 66:]
    bonds = nearest_bonds(atoms, 12, 10.0)
    starts = np.cumsum(bonds.counts) - bonds.counts
    for atom in (0, 17, 107):
        near = bonds.neighbours[starts[atom] : starts[atom] + bonds.counts[atom]]
        assert np.allclose(mean[atom], own[[atom, *near]].mean(axis=0), atol=1e-5)


def test_open_clusters_and_slabs_have_neighbours_at_their_corners():
    for atoms in (
        Octahedron("Ni", 4),
        fcc111("Al", (3, 3, 4), vacuum=8),
        bulk("Cu").repeat((1, 1, 14)),
    ):
        if len(atoms) == 14:
            atoms.pbc = (False, False, True)  # a chain of atoms: all twelve lie along it
        found = BondCosines(reach=20.0)(atoms)["atoms"]
        assert found.shape == (len(atoms), 66) and np.isfinite(found).all()


@pytest.mark.parametrize(
    ("atoms", "message"),
    [
        (
            Atoms("Ar12", np.random.default_rng(0).uniform(0, 6, (12, 3))),
            "S014 atom . has 11 neighbours within 10, 12",
        ),
        (
            Atoms("Cu", cell=[3, 3, 0], pbc=True),
            "S012 a periodic direction has a cell vector of length 0",
        ),
        (
            bulk("Cu", cubic=True).repeat(2) + Atoms("Cu", [[0, 0, 0]]),
            "S021 atoms . and .* are in one place",
        ),
    ],
)
def test_what_has_no_angles_is_refused(atoms, message):
    with pytest.raises(DataError, match=message):
        BondCosines()(atoms)


def test_lonely_atom_is_refused_before_the_cutoff_swallows_the_cluster():
    atoms = bulk("Cu", cubic=True).repeat(6)
    atoms.pbc = False
    atoms += Atoms("Cu", [[300, 0, 0]])
    with pytest.raises(DataError, match=f"S014 atom {len(atoms) - 1} has 0 neighbours within 10"):
        BondCosines()(atoms)


def test_it_is_fast_enough():
    atoms = disordered().repeat(5)
    BondCosines()(disordered())
    start = time.process_time()
    BondCosines()(atoms)
    rate = len(atoms) / (time.process_time() - start)
    assert rate > 10_000, "atoms a second; 70,000 on an idle core"
