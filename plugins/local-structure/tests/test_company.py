"""What neighbours add: company, averages, perfect lattices, grains."""

import numpy as np
from ase.spacegroup import crystal

from structkit_local_structure.company import smoothed, with_company
from structkit_local_structure.grouping import Links, grains_of
from structkit_local_structure.making.built import DISORDERED, FCC, HCP, SHELLS
from structkit_local_structure.making.known import is_perfect
from structkit_local_structure.making.lattices import block

RING = np.stack([(np.arange(40) + step) % 40 for step in range(-6, 7) if step], axis=1).astype(
    np.int32
)


def test_a_stray_takes_the_class_of_its_company():
    first = np.full(40, FCC, np.int16)
    second = np.full(40, HCP, np.int16)
    first[7], second[7] = HCP, FCC
    assert (with_company(first, second, RING, 5) == FCC).all()
    first[8:13], second[8:13] = HCP, DISORDERED
    assert np.array_equal(with_company(first, second, RING, 5), first), "six together are a plane"


def test_a_lone_crystal_atom_in_a_melt_is_disordered():
    first = np.full(40, DISORDERED, np.int16)
    second = np.full(40, FCC, np.int16)
    first[3:6] = FCC
    second[3:6] = HCP
    assert (with_company(first, second, RING, 5) == DISORDERED).all()


def test_averages_are_over_an_atom_and_its_neighbours():
    values = np.random.default_rng(0).normal(size=40).astype(np.float32)
    expected = (values + values[RING].sum(axis=1)) / 13
    assert np.allclose(smoothed(values, RING), expected, atol=1e-6)


def test_perfect_lattices_are_perfect_and_others_are_not():
    from structkit_local_structure.blocks import surroundings

    def features(positions, cell, periodic):
        return np.concatenate([some.features for some in surroundings(positions, cell, periodic)])

    for lattice in SHELLS:
        built = block(lattice, np.full(3, 6.0))
        assert is_perfect(features(built.sites, np.diag(built.cell), built.periodic)).mean() > 0.95
    chromium = crystal(
        ["Cr"] * 2, [(0, 0, 0), (0.25, 0, 0.5)], spacegroup=223, cellpar=[4.6] * 3 + [90] * 3
    )
    tin = crystal(["Sn"], [(0, 0, 0)], spacegroup=141, cellpar=[5.83, 5.83, 3.18, 90, 90, 90])
    for other in (chromium.repeat(3), tin.repeat(3)):
        assert not is_perfect(features(other.positions, other.cell[:], other.pbc)).any()


def test_grains_are_numbered_by_size_and_small_ones_are_none():
    links = Links(60)
    links.neighbours[:] = np.arange(60)[:, None]
    for begin, end in ((0, 14), (14, 20), (20, 60)):
        links.neighbours[begin : end - 1, 0] = np.arange(begin + 1, end)
    links.alike[:] = 1
    grain, facts = grains_of(links, np.full(60, FCC, np.int16))
    assert [fact["atoms"] for fact in facts] == [40, 14]
    assert (grain[20:] == 0).all() and (grain[:14] == 1).all() and (grain[14:20] == -1).all()
