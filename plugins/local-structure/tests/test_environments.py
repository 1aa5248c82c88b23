"""Per-atom invariants against a slow implementation of their definition, and what must not change them."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, hcp0001
from ase.neighborlist import neighbor_list
from scipy.spatial.transform import Rotation
from scipy.special import sph_harm_y

from structkit import DataError
from structkit_local_structure import LocalEnvironments, blocks
from structkit_local_structure.grid import Chunks, grid_of

SEES = LocalEnvironments()
CLOSE = 2e-5  # single precision, after 13 · 13 sums


def crystal(repeats=(4, 3, 3), spread=0.08, seed=0):
    atoms = bulk("Al", cubic=True).repeat(repeats)
    atoms.positions += np.random.default_rng(seed).normal(scale=spread, size=atoms.positions.shape)
    return atoms


def features(atoms):
    return SEES(atoms)["atoms"]


def defined(atoms):
    """The 120 numbers, straight from their definition."""
    i, j, vectors, lengths = neighbor_list("ijDd", atoms, 7.0)
    near, units = [], []
    for atom in range(len(atoms)):
        mine = np.flatnonzero(i == atom)
        mine = mine[np.argsort(lengths[mine])][:14]
        near.append(j[mine])
        units.append(vectors[mine] / lengths[mine][:, None])
    near, units = np.array(near)[:, :12], np.array(units)
    polar, turn = np.arccos(units[..., 2]), np.arctan2(units[..., 1], units[..., 0])

    def q(degree, count):
        orders = range(-degree, degree + 1)
        return np.stack(
            [sph_harm_y(degree, m, polar[:, :count], turn[:, :count]).mean(1) for m in orders], -1
        )

    def mean(values):
        return (values + values[near].sum(axis=1)) / 13

    def cosines(values):
        products = np.real((values[:, None].conj() * values[near]).sum(-1))
        size = np.linalg.norm(values, axis=1)
        return np.sort(products / size[:, None] / size[near], axis=1)

    levels = [{(degree, n): q(degree, n) for n in (4, 12, 14) for degree in range(1, 9)}]
    for _ in range(2):
        levels.append({key: mean(values) for key, values in levels[-1].items()})
    parts = [
        np.sqrt(4 * np.pi / (2 * degree + 1) * (np.abs(values) ** 2).sum(-1))[:, None]
        for level in levels
        for (degree, _), values in level.items()
    ]
    compared = np.concatenate([levels[1][degree, 12] for degree in range(3, 9)], axis=1)
    lists = np.concatenate([cosines(compared), cosines(levels[0][6, 12])], axis=1)
    return np.concatenate([*parts, lists, mean(lists)], axis=1)


def test_it_is_what_it_is_defined_as():
    atoms = crystal()
    found = features(atoms)
    assert found.shape == (len(atoms), 120) and found.dtype == np.float32
    assert np.abs(found - defined(atoms)).max() < CLOSE


@pytest.mark.parametrize("periodic", [(True, True, False), (False, False, False)])
def test_open_boundaries(periodic):
    atoms = crystal()
    atoms.pbc = periodic
    assert np.abs(features(atoms) - defined(atoms)).max() < CLOSE


@pytest.mark.parametrize(
    "skew", [[[1, 0, 0], [2, 1, 0], [-3, 1, 1]], [[1, 5, 0], [0, 1, 0], [7, 0, 1]]]
)
def test_any_cell_of_the_same_lattice(skew):
    atoms = crystal((3, 3, 3))
    other = atoms.copy()
    other.set_cell(np.array(skew) @ atoms.cell[:])
    assert np.abs(features(other) - features(atoms)).max() < CLOSE


def test_a_needle_of_a_cell():
    atoms = crystal((40, 2, 2))
    wide = features(atoms.repeat((1, 2, 2)))[: len(atoms)]
    assert np.abs(features(atoms) - wide).max() < CLOSE


def test_turned_moved_wrapped_relabelled_repeated_scaled():
    atoms = crystal()
    usual = features(atoms)
    turned = atoms.copy()
    turn = Rotation.random(random_state=1).as_matrix()
    turned.set_cell(atoms.cell[:] @ turn.T)
    turned.positions = atoms.positions @ turn.T
    moved = atoms.copy()
    moved.positions += [123.4, -7.0, 0.3]
    wrapped = moved.copy()
    wrapped.wrap()
    scaled = atoms.copy()
    scaled.set_cell(atoms.cell[:] * 0.31, scale_atoms=True)
    mirrored = atoms.copy()
    mirrored.set_cell(-atoms.cell[:])
    mirrored.positions *= -1
    for other in (turned, moved, wrapped, scaled, mirrored):
        assert np.abs(features(other) - usual).max() < CLOSE
    order = np.random.default_rng(2).permutation(len(atoms))
    assert np.abs(features(atoms[order]) - usual[order]).max() < CLOSE
    assert np.abs(features(atoms.repeat((1, 2, 1)))[: len(atoms)] - usual).max() < CLOSE


def test_it_does_not_matter_where_it_is_cut(monkeypatch):
    atoms = crystal((12, 8, 7))
    usual = features(atoms)
    monkeypatch.setattr("structkit_local_structure.grid.STRIPE", 200)
    grid = grid_of(atoms.positions, atoms.cell[:], atoms.pbc)
    chunks = Chunks(grid)
    assert len(chunks) > 8 and np.array_equal(
        np.sort(np.concatenate(list(chunks))), np.arange(len(atoms))
    )
    monkeypatch.setattr(blocks, "HALO", 0.5)  # so few rows that more must be made
    assert np.array_equal(features(atoms), usual)


def test_vacuum_beside_a_crystal_and_atoms_far_away():
    atoms = hcp0001("Mg", (6, 6, 6), vacuum=300.0)
    atoms.positions += np.random.default_rng(1).normal(scale=0.05, size=atoms.positions.shape)
    atoms.append("Mg")
    atoms.positions[-1] = [0, 0, 600.0]
    found = features(atoms)
    assert np.isfinite(found).all()
    near = features(atoms[:-1])
    assert np.abs(found[:-1] - near).max() < CLOSE


def test_a_plane_and_a_line_are_described():
    rng = np.random.default_rng(5)
    plane = Atoms("Ar60", rng.random((60, 3)) * [20, 20, 0])
    line = Atoms("Ar40", rng.random((40, 3)) * [20, 0, 0])
    for atoms in (plane, line):
        assert np.isfinite(features(atoms)).all()


def test_what_is_refused_is_said():
    few = Atoms("Ar14", np.random.default_rng(0).random((14, 3)) * 5)
    with pytest.raises(DataError, match=r"S014 atom \d+ has 13 neighbours, 14 are needed"):
        features(few)
    twice = crystal()
    twice.positions[7] = twice.positions[3]
    with pytest.raises(DataError, match="S021 atoms (3 and 7|7 and 3) are in one place"):
        features(twice)
    strange = crystal()
    strange.positions[0, 1] = np.nan
    with pytest.raises(DataError, match="S013"):
        features(strange)
    with pytest.raises(DataError, match="S012 a periodic direction"):
        features(Atoms("Ar20", np.random.default_rng(0).random((20, 3)), pbc=True))
    flat = Atoms(
        "Ar20",
        np.random.default_rng(0).random((20, 3)),
        pbc=True,
        cell=[[1, 0, 0], [0, 1, 0], [1, 1, 0]],
    )
    with pytest.raises(DataError, match="S012 the cell vectors span no volume"):
        features(flat)
    assert features(Atoms()).shape == (0, 120)
