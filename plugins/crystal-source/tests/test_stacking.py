"""Close-packed stacks are what their arrays say, and an atom keeps its truth through transforms."""

import numpy as np
import pytest
import spglib
from ase.neighborlist import neighbor_list
from pydantic import ValidationError

from structkit import Sample
from structkit_crystal_source import (
    PointDefects,
    RandomRotation,
    StackingFaults,
    StandardSupercell,
    close_packed,
    steps_of,
)
from structkit_crystal_source.faults import faulted
from structkit_crystal_source.stacking import FCC, HCP, letters_of, nearest_distance, surroundings


def crystals(seed=0, **settings):
    source = StackingFaults(**settings)
    samples = []
    for number, task in enumerate(source.tasks()):
        samples += source.samples(task, np.random.default_rng([seed, number]))
    return samples


def space_group(atoms):
    cell = (atoms.cell[:], atoms.get_scaled_positions(), atoms.numbers)
    return spglib.get_symmetry_dataset(cell, symprec=1e-3).number


@pytest.mark.parametrize(
    ("steps", "lattice", "group"),
    [
        (steps_of("ABC"), FCC, 225),
        (steps_of("AB"), HCP, 194),
        (np.ones(4, dtype=int), FCC, 225),  # four layers do not close in letters: the cell leans
        (np.ones(2, dtype=int), FCC, 225),
    ],
)
def test_perfect_stacks_are_the_crystals_of_the_textbook(steps, lattice, group):
    atoms = close_packed(steps, "Cu", 2)
    distances = neighbor_list("d", atoms, 1.3 * nearest_distance("Cu"))
    assert len(distances) == 12 * len(atoms) and np.allclose(distances, nearest_distance("Cu"))
    assert (atoms.arrays["lattice"] == lattice).all() and atoms.arrays["lattice"].dtype == np.int64
    assert space_group(atoms) == group


def test_nearest_distance_is_that_of_the_element():
    assert nearest_distance("Cu") == pytest.approx(3.61 / np.sqrt(2))
    assert nearest_distance("Mg") == pytest.approx(3.2, rel=0.01), "c/a of Mg is nearly ideal"


@pytest.mark.parametrize("seed", range(8))
def test_every_atom_of_a_faulted_crystal_has_twelve_neighbours(seed):
    (sample,) = crystals(seed, elements=("Zn",), per_element=1, faults=3, layers=14)
    distances = neighbor_list("d", sample.atoms, 1.3 * nearest_distance("Zn"))
    assert len(distances) == 12 * len(sample.atoms)
    assert np.allclose(distances, nearest_distance("Zn"))


def test_truth_is_what_the_bonds_say():
    """All twelve bonds of an fcc atom have an opposite, and six of an hcp atom."""
    for sample in crystals(elements=("Ni", "Ti"), per_element=3, faults=2):
        i, vectors = neighbor_list("iD", sample.atoms, 1.2 * nearest_distance(sample.group))
        for atom, truth in enumerate(sample.atoms.arrays["lattice"]):
            bonds = vectors[i == atom]
            gaps = np.linalg.norm(bonds[:, None] + bonds[None], axis=2)
            assert (gaps < 1e-6).sum() == {FCC: 12, HCP: 6}[int(truth)]


def test_one_intrinsic_fault_is_two_neighbouring_hcp_layers():
    letters = "ABCABABCABC"  # after ABCAB one C is missing
    assert surroundings(steps_of(letters)).tolist() == [1, 1, 1, 1, 2, 2, 1, 1, 1, 1, 1]
    steps = np.ones(12, dtype=int)
    steps[5] = -1
    atoms = close_packed(steps, "Al", 3)
    assert (atoms.arrays["lattice"] == HCP).reshape(12, 9).all(axis=1).nonzero()[0].tolist() == [
        5,
        6,
    ]


def test_twins_are_two_single_layers():
    steps = np.ones(12, dtype=int)
    steps[3:8] = -1
    assert np.flatnonzero(surroundings(steps) == HCP).tolist() == [3, 8]


@pytest.mark.parametrize(
    ("parent", "rare"),
    [(np.ones(18, dtype=int), HCP), (np.tile([1, -1], 9), FCC)],
)
@pytest.mark.parametrize("faults", [0, 1, 4, 6])
def test_every_fault_makes_two_layers_of_the_other_kind(parent, rare, faults):
    rng = np.random.default_rng(1)
    found = [faulted(parent, faults, rng) for _ in range(50)]
    assert {int((surroundings(steps) == rare).sum()) for steps in found} == {2 * faults}
    assert len({letters_of(steps) for steps in found}) > 10 or not faults
    gaps = [np.diff(np.flatnonzero(surroundings(steps) == rare)) for steps in found]
    assert not faults or {1, 2} <= set(np.concatenate(gaps).tolist()), "intrinsic faults and twins"


@pytest.mark.parametrize("letters", ["AAB", "ABA", "ABX"])
def test_what_is_no_close_packing_is_refused(letters):
    with pytest.raises(ValueError, match="equal|not found"):
        steps_of(letters)


def test_letters_are_read_as_they_are_written():
    assert letters_of(steps_of("ABCACB")) == "ABCACB"


def test_displaced_crystal_keeps_its_truth_and_its_seed():
    still, moved, again, other = (
        crystals(seed, elements=("Ag",), per_element=2, displacement=sigma)
        for seed, sigma in ((0, 0.0), (0, 0.06), (0, 0.06), (1, 0.06))
    )
    assert np.array_equal(still[0].atoms.arrays["lattice"], moved[0].atoms.arrays["lattice"])
    shift = moved[0].atoms.positions - still[0].atoms.positions
    assert shift.std() == pytest.approx(0.06 * nearest_distance("Ag"), rel=0.1)
    for one, two in zip(moved, again, strict=True):
        assert np.array_equal(one.atoms.positions, two.atoms.positions)
    assert moved[0].meta["stacking"] != moved[1].meta["stacking"]
    assert moved[0].atoms.positions.shape == other[0].atoms.positions.shape
    assert not np.allclose(moved[0].atoms.positions, other[0].atoms.positions)


def test_parent_is_that_of_the_element_unless_told():
    for parent, expected in (("element", [FCC, HCP]), ("fcc", [FCC, FCC]), ("hcp", [HCP, HCP])):
        samples = crystals(elements=("Pb", "Co"), per_element=1, faults=0, parent=parent)
        assert [int(s.atoms.arrays["lattice"][0]) for s in samples] == expected
        assert [s.group for s in samples] == ["Pb", "Co"] and samples[0].label is None


@pytest.mark.parametrize(
    "settings",
    [{"layers": 7}, {"layers": 8, "faults": 3}, {"elements": ("Fe",)}, {"elements": ("Cu", "Cu")}],
)
def test_impossible_settings_are_refused(settings):
    with pytest.raises(ValidationError):
        StackingFaults(**settings)


def numbered():
    """A faulted crystal whose atoms are numbered, so that each can be followed."""
    (sample,) = crystals(elements=("Cu",), per_element=1)
    sample.atoms.set_array("number", np.arange(len(sample.atoms)))
    return sample


def test_vacancies_take_the_truth_of_their_atoms_away():
    sample = numbered()
    (vacant,) = PointDefects(vacancies=0.2)(sample, np.random.default_rng(0))
    kept = vacant.atoms.arrays["number"]
    assert len(kept) == round(0.8 * len(sample.atoms))
    assert np.array_equal(vacant.atoms.arrays["lattice"], sample.atoms.arrays["lattice"][kept])
    assert np.array_equal(vacant.atoms.positions, sample.atoms.positions[kept])


def test_rotation_keeps_the_truth():
    sample = numbered()
    (turned,) = RandomRotation()(sample, np.random.default_rng(0))
    assert np.array_equal(turned.atoms.arrays["lattice"], sample.atoms.arrays["lattice"])


def test_standard_supercell_drops_per_atom_arrays():
    """It looks for a cell by symmetry: its atoms are no copies of certain atoms of the input."""
    sample = numbered()
    for extent in ("cell", "atoms"):
        (cluster,) = StandardSupercell(extent=extent)(sample)
        assert set(cluster.atoms.arrays) == {"numbers", "positions"}
    assert isinstance(cluster, Sample)
