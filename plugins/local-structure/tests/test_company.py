"""What neighbours add: company, averages, perfect lattices, grains."""

import numpy as np
from ase.spacegroup import crystal

from structkit_local_structure.company import (
    CHOSEN,
    NOTED,
    SETTLED,
    Marks,
    choose,
    join,
    smooth,
)
from structkit_local_structure.grouping import grains_of
from structkit_local_structure.making.built import DISORDERED, FCC, HCP, SHELLS
from structkit_local_structure.making.known import is_perfect
from structkit_local_structure.making.lattices import block

RING = np.stack([(np.arange(40) + step) % 40 for step in range(-6, 7) if step], axis=1).astype(
    np.int32
)


ATOMS = np.arange(40, dtype=np.int32)


def noted(first, second, odds=0.0):
    """Marks of forty atoms in a ring, all of which were looked at."""
    count = len(first)
    return Marks(
        stage=np.full(count, NOTED, np.uint8),
        first=np.asarray(first, np.int8),
        second=np.asarray(second, np.int8),
        odds=np.broadcast_to(np.float32(odds), count).copy(),
        mean=np.zeros(count, np.float32),
        structure=np.zeros(count, np.int16),
        parent=np.arange(count, dtype=np.int32),
    )


def chosen(first, second):
    marks = noted(first, second)
    choose(marks, ATOMS, RING, 5)
    assert (marks.stage == CHOSEN).all()
    return marks.structure


def test_a_stray_takes_the_class_of_its_company():
    first = np.full(40, FCC)
    second = np.full(40, HCP)
    first[7], second[7] = HCP, FCC
    assert (chosen(first, second) == FCC).all()
    first[8:13], second[8:13] = HCP, DISORDERED
    assert np.array_equal(chosen(first, second), first), "six together are a plane"


def test_a_lone_crystal_atom_in_a_melt_is_disordered():
    first = np.full(40, DISORDERED)
    second = np.full(40, FCC)
    first[3:6] = FCC
    second[3:6] = HCP
    assert (chosen(first, second) == DISORDERED).all()


def test_averages_are_over_an_atom_and_its_neighbours():
    values = np.random.default_rng(0).normal(size=40).astype(np.float32)
    marks = noted(np.full(40, FCC), np.full(40, HCP), values)
    choose(marks, ATOMS, RING, 5)
    expected = (values + values[RING].sum(axis=1)) / 13
    assert np.allclose(marks.mean, expected, atol=1e-6)
    ready, twice = np.empty(40, np.int32), np.empty(40, np.float32)
    assert smooth(marks, ATOMS, RING, ready, twice) == 40
    assert np.allclose(twice, (expected + expected[RING].sum(axis=1)) / 13, atol=1e-6)


def test_an_atom_waits_for_its_neighbours():
    marks = noted(np.full(40, FCC), np.full(40, HCP))
    marks.stage[20] = 0
    choose(marks, ATOMS, RING, 5)
    waits = np.abs(ATOMS - 20) <= 6
    assert (marks.stage[waits & (ATOMS != 20)] == NOTED).all()
    assert (marks.stage[~waits] == CHOSEN).all()


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
    marks = noted(np.full(60, FCC), np.full(60, HCP))
    marks.stage[:] = SETTLED
    atoms = np.arange(60, dtype=np.int32)
    neighbours = np.repeat(atoms[:, None], 12, axis=1)
    for begin, end in ((0, 14), (14, 20), (20, 60)):
        neighbours[begin : end - 1, 0] = np.arange(begin + 1, end)
    assert join(marks, atoms, neighbours, np.ones(60, np.uint16)) == 0, "no link is needed any more"
    grain, structure = marks.parent, np.full(60, FCC, np.int16)
    assert [fact["atoms"] for fact in grains_of(grain, structure)] == [40, 14]
    assert (grain[20:] == 0).all() and (grain[:14] == 1).all() and (grain[14:20] == -1).all()
