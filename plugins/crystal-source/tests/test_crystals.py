"""Whether the crystals are what their labels say."""

import time
from collections import Counter

import numpy as np
import pytest
import spglib
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list

from structkit import DataError, Sample
from structkit_crystal_source import (
    CrystalPrototypes,
    PointDefects,
    RandomRotation,
    StandardSupercell,
)
from structkit_crystal_source.prototypes import SPACE_GROUPS, prototypes
from structkit_crystal_source.settings import CLASSES
from structkit_crystal_source.supercell import repeated


def all_samples(**settings):
    source = CrystalPrototypes(**settings)
    return [
        s
        for i, task in enumerate(source.tasks())
        for s in source.samples(task, np.random.default_rng(i))
    ]


def space_group(atoms):
    cell = (atoms.cell[:], atoms.get_scaled_positions(), atoms.numbers)
    return spglib.get_symmetry_dataset(cell, symprec=0.01).number


@pytest.mark.parametrize("cls", CLASSES)
def test_every_crystal_has_the_space_group_of_its_class(cls):
    samples = all_samples(classes=(cls,), per_class=40, strain=0.03)
    assert len(samples) == 40
    assert {s.label for s in samples} == {cls}
    assert {space_group(s.atoms) for s in samples} == {SPACE_GROUPS[cls]}


def test_measured_elements_are_where_the_field_has_them():
    found = {(p.symbol, p.cls): p.strukturbericht for p in prototypes()}
    assert found["Sn", "bct141"] == "A5", "β-Sn is 141, although ase calls it bct like In"
    assert found["In", "bct139"] == "A6" and found["Pa", "bct139"] == "A_a"
    assert found["Po", "sc"] == "A_h" and found["Hg", "rhombohedral"] == "A10"
    assert ("Se", "hcp") not in found, "ase calls Se hcp, but it is trigonal"
    counts = Counter(p.cls for p in prototypes())
    assert counts["fcc"] >= 20 and counts["bcc"] >= 14 and counts["hcp"] >= 24


def test_no_group_has_two_labels_and_every_class_has_enough_groups():
    samples = all_samples(per_class=30, groups_per_class=15)
    labels = {}
    for sample in samples:
        labels.setdefault(sample.group, set()).add(sample.label)
    assert all(len(found) == 1 for found in labels.values())
    assert min(Counter(next(iter(found)) for found in labels.values()).values()) >= 15


def test_a_few_groups_are_enough_when_asked_for():
    groups = {s.group for s in all_samples(classes=("sc",), per_class=10, groups_per_class=1)}
    assert groups == {"Po-A_h"}


def test_exchanged_crystal_has_the_atomic_volume_of_its_element():
    source = CrystalPrototypes(classes=("sc",), per_class=71, groups_per_class=71)
    samples = {
        s.group: s.atoms
        for task in source.tasks()
        for s in source.samples(task, np.random.default_rng(0))
    }
    copper = samples["Cu-A_h"]
    assert copper.get_volume() / len(copper) == pytest.approx(bulk("Cu").get_volume(), rel=1e-6)


def test_merged_label_is_that_of_the_paper():
    labels = {
        s.label
        for s in all_samples(
            classes=("hcp", "rhombohedral"), per_class=5, merge_hexagonal_rhombohedral=True
        )
    }
    assert labels == {"hexagonal-rhombohedral"}


@pytest.mark.parametrize(
    ("atoms", "count"),
    [
        (bulk("Cu"), 256),
        (bulk("Fe"), 300),
        (bulk("Si"), 288),
        (
            Atoms(
                "Mg2",
                cell=[3.21, 3.21, 5.21, 90, 90, 120],
                pbc=True,
                scaled_positions=[[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]],
            ),
            320,
        ),
        (bulk("NaCl", "rocksalt", a=5.64), 288),
    ],
)
def test_standard_supercell_has_the_papers_number_of_atoms(atoms, count):
    sample = Sample("x", atoms, "label", "group")
    (result,) = StandardSupercell(extent="atoms")(sample)
    assert len(result.atoms) == count


def test_same_crystal_gives_the_same_supercell_however_it_is_turned():
    for element in ("Cu", "Mg", "In", "Sn", "As"):
        atoms = bulk(element)
        turned = atoms.copy()
        turned.rotate(71, (3, 1, 2), rotate_cell=True)
        (a,), (b,) = (StandardSupercell()(Sample("x", item)) for item in (atoms, turned))
        assert np.allclose(a.atoms.cell[:], b.atoms.cell[:], atol=1e-6)
        first, second = (
            np.sort(np.round(x.atoms.get_all_distances(), 4), axis=None) for x in (a, b)
        )
        assert np.allclose(first, second, atol=1e-3)


def test_large_structures_are_not_searched_for_symmetry_for_minutes():
    atoms = bulk("Cu", cubic=True).repeat(8)
    atoms.rattle(0.05, seed=1)
    start = time.process_time()
    with pytest.raises(DataError, match="S071 'x' has 2048 atoms.*set lattice: given"):
        next(StandardSupercell(max_atoms=2000)(Sample("x", atoms)))
    (result,) = StandardSupercell(lattice="given")(Sample("x", atoms))
    assert time.process_time() - start < 1
    gaps = result.atoms.get_scaled_positions() - atoms.get_scaled_positions()
    assert np.allclose(gaps, np.round(gaps), atol=1e-6)


def test_given_lattice_is_turned_and_never_mirrored():
    atoms = bulk("Cu", cubic=True).repeat((2, 1, 1))
    atoms.rattle(0.1, seed=1)
    left = atoms.copy()
    left.set_cell(-atoms.cell[:])
    one, other = (
        next(StandardSupercell(lattice="given", min_atoms=60)(Sample("x", item))).atoms
        for item in (atoms, left)
    )
    assert len(one) == 64 and np.linalg.det(one.cell[:]) > 0
    distances = [np.sort(item.get_all_distances(mic=True).ravel()) for item in (one, other)]
    assert np.allclose(*distances, atol=1e-6)


def test_repeating_stops_at_enough_and_takes_equal_axes_in_order():
    assert repeated(bulk("Cu", cubic=True), 5).get_global_number_of_atoms() == 8
    assert np.allclose(repeated(bulk("Po", cubic=True), 2).cell.lengths(), [6.7, 3.35, 3.35])


def test_defects_are_as_many_and_as_large_as_asked():
    sample = Sample("x", bulk("Cu", cubic=True).repeat(6))
    (vacant,) = PointDefects(vacancies=0.25)(sample, np.random.default_rng(0))
    assert len(vacant.atoms) == round(0.75 * len(sample.atoms))
    (moved,) = PointDefects(displacement=0.06)(sample, np.random.default_rng(0))
    assert (moved.atoms.positions - sample.atoms.positions).std() == pytest.approx(0.06, rel=0.05)


def test_rotation_keeps_distances_and_is_uniform():
    sample = Sample("x", bulk("NaCl", "rocksalt", a=5.64))
    turned = list(RandomRotation(copies=400)(sample, np.random.default_rng(0)))
    for item in turned[:3]:
        before, after = (np.sort(neighbor_list("d", a, 6.0)) for a in (sample.atoms, item.atoms))
        assert np.allclose(before, after)
    axis = np.array([item.atoms.cell[0] / np.linalg.norm(item.atoms.cell[0]) for item in turned])
    assert np.abs(axis.mean(axis=0)).max() < 0.12, (
        "directions of a uniform rotation average to nothing"
    )
