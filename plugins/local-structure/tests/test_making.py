"""Synthetic structures: whether what is said of their atoms is true."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from structkit_local_structure.making import crystals, grains, melts, motifs, ordered, particles
from structkit_local_structure.making.built import (
    BCC,
    DIAMOND,
    DISORDERED,
    FCC,
    HCP,
    HEXAGONAL_DIAMOND,
    OTHER,
    SC,
    SHELLS,
    Built,
    labelled,
)
from structkit_local_structure.making.dynamics import Potential, is_molten, run
from structkit_local_structure.making.known import nearness
from structkit_local_structure.making.lattices import block, stacked, vacant
from structkit_neighbours import pairs

COORDINATION = {FCC: 12, HCP: 12, BCC: 8, DIAMOND: 4, HEXAGONAL_DIAMOND: 4, SC: 6}


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("lattice", list(SHELLS))
def test_lattices_have_their_coordination_at_distance_one(lattice):
    built = block(lattice, np.full(3, 5.0))
    near = pairs(built.atoms(), 1.05)
    counts = np.bincount(near.first, minlength=len(built.sites))
    assert np.allclose(near.distances, 1) and (counts == COORDINATION[lattice]).all()
    made = labelled(built, built.sites)
    assert (made.lattice == lattice).all() and (made.perfect == 1).all()


@pytest.mark.parametrize("tetrahedral", [False, True])
def test_layers_between_like_ones_are_hexagonal(tetrahedral):
    built = stacked("ABCABACB", tetrahedral, np.full(3, 4.0))
    cubic, hexagonal = (DIAMOND, HEXAGONAL_DIAMOND) if tetrahedral else (FCC, HCP)
    expected = [cubic if kind == "c" else hexagonal for kind in kinds("ABCABACB")]
    each = len(built.sites) // 8
    assert built.lattice[::each].tolist() == expected


def kinds(sequence):
    ring = zip(sequence[-1] + sequence[:-1], sequence[1:] + sequence[0], strict=True)
    return ["h" if before == after else "c" for before, after in ring]


def test_drawn_sequences_close_and_never_repeat_a_letter():
    for seed in range(30):
        sequence = crystals.drawn_sequence(12, bool(seed % 2), rng(seed))
        assert all(a != b for a, b in zip(sequence, sequence[1:] + sequence[0], strict=True))


@pytest.mark.parametrize("clustered", [False, True])
def test_as_many_atoms_go_as_are_to_go_and_only_their_neighbours_move(clustered):
    built = block(FCC, np.full(3, 8.0))
    left, positions = vacant(built, 0.1, clustered, rng(1))
    assert len(left.sites) == len(built.sites) - round(0.1 * len(built.sites))
    moved = np.linalg.norm(positions - left.sites, axis=1) > 1e-9
    near = pairs(left.atoms(), 1.1)
    full = np.bincount(near.first, minlength=len(left.sites)) == 12
    assert not moved[full].any() and moved[~full].mean() > 0.9
    count = np.bincount(near.first, minlength=len(left.sites))
    assert (count.mean() > 10.9) == clustered, "clusters leave more atoms untouched"


def test_a_surface_is_disordered_and_what_lies_below_is_not():
    built = crystals.as_slab(block(FCC, np.full(3, 6.0)), rng(2))
    made = labelled(built, built.sites)
    near = pairs(built.atoms(), 1.1)
    count = np.bincount(near.first, minlength=len(built.sites))
    assert (made.lattice[count == 12] == FCC).all() and (
        made.lattice[count <= 9] == DISORDERED
    ).all()
    assert np.array_equal(made.perfect == 1, count == 12)


def test_an_icosahedron_has_twenty_tetrahedra_of_fcc_and_axes_of_nothing():
    sites = particles.five_fold(rng(0)).positions
    from ase.cluster import Icosahedron

    cluster = Icosahedron("Ar", 5, latticeconstant=2**0.5)
    nearest = pairs(cluster, 1.6).distances
    built = particles._by_common_neighbours(cluster.positions / np.median(nearest[nearest < 1.25]))
    made = labelled(built, built.sites)
    centre = np.linalg.norm(cluster.positions - cluster.positions.mean(axis=0), axis=1).argmin()
    assert made.lattice[centre] == -1 and len(sites) > 100
    assert (made.lattice == HCP).sum() > (made.lattice == FCC).sum() > 0


def test_grains_have_no_stranger_inside_and_nobody_too_near():
    made = grains.polycrystal(BCC, rng(3))
    atoms = Atoms(positions=made.positions, cell=made.cell, pbc=True)
    assert pairs(atoms, 2.0).distances.min() > 0.45
    known = made.lattice < DISORDERED
    assert 0.1 < (known & (made.lattice >= 0)).mean() < 0.9 and (made.lattice == -1).any()
    near = pairs(atoms, 1.4)
    rich = np.bincount(near.first, minlength=len(atoms))
    assert 13 <= np.median(rich[made.lattice == BCC]) <= 14


def test_a_hot_crystal_melts_and_a_cold_one_does_not():
    built = block(FCC, np.full(3, 6.0))
    box, sites = built.cell * 1.12, built.sites * 1.12
    cold = run(sites, box, Potential(12, 1.0), np.full(150, 0.1), rng(1))
    hot = run(sites, box, Potential(12, 1.0), np.full(400, 5.0), rng(1))
    assert not is_molten(cold, box, 1.1) and is_molten(hot, box, 1.1)
    drift = np.linalg.norm((cold - sites).mean(axis=0))
    assert drift < 0.05 and np.abs(cold - sites).max() < 0.5 < np.abs(hot - sites).max()


def test_a_crystal_beside_its_melt_is_known_away_from_the_border():
    made = melts.beside_melt(FCC, rng(1))
    depth = np.abs(np.mod(made.positions[:, 2] / made.cell[2], 1) - 0.5) * made.cell[2]
    assert depth[made.lattice == FCC].max() < depth[made.lattice == DISORDERED].min()
    assert (made.lattice == -1).mean() < 0.6


def test_other_crystals_are_none_of_the_known_ones():
    for make in (lambda r: motifs.motif(0, r), ordered.distorted):
        for seed in range(3):
            made = make(rng(seed))
            assert (made.lattice == OTHER).all() and np.isfinite(made.positions).all()
    assert nearness(features("fcc")).max() < 1 and nearness(features("bcc")).max() < 1


def features(name):
    from structkit_local_structure import LocalEnvironments

    atoms = bulk("Cu", name, a=3.6, cubic=True).repeat(4)
    atoms.positions += rng().normal(scale=0.02, size=atoms.positions.shape)
    return LocalEnvironments()(atoms)["atoms"].mean(axis=0, keepdims=True)


def test_a_mixed_built_keeps_its_grains_apart():
    sites = np.array([[0.0, 0, 0], [1.0, 0, 0]])
    built = Built(sites, np.full(3, 9.0), np.ones(3, bool), np.array([FCC, FCC]), np.array([0, 1]))
    made = labelled(built, sites)
    assert made.lattice.tolist() == [DISORDERED, DISORDERED]
