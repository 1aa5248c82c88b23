"""The ready model of whole crystals on structures whose class is known."""

import json

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.io import write
from scipy.spatial.transform import Rotation

from structkit import DataError, recognise
from structkit_ready_models import Crystals

CLASSES = {"Po": "sc", "Fe": "bcc", "Cu": "fcc", "Si": "diamond", "Mg": "hexagonal-rhombohedral",
           "Sb": "hexagonal-rhombohedral", "In": "bct139", "Sn": "bct141"}  # fmt: skip


def crystal(element, spread=0.06, seed=0):
    atoms = bulk(element).repeat(4)
    noise = np.random.default_rng(seed).normal(scale=spread, size=atoms.positions.shape)
    atoms.positions += noise
    return atoms


def said(atoms):
    return recognise(atoms, "crystals").verdict()


@pytest.mark.parametrize("element", CLASSES)
def test_crystals_of_each_class_are_recognised_at_any_orientation(element):
    atoms = crystal(element)
    matrix = Rotation.from_rotvec([0.4, -1.1, 0.7]).as_matrix()
    turned = atoms.copy()
    turned.set_cell(np.asarray(turned.cell[:]) @ matrix.T)
    turned.positions = turned.positions @ matrix.T
    results = [recognise(one, "crystals") for one in (atoms, turned)]
    assert [one.verdict() for one in results] == [CLASSES[element]] * 2
    assert results[0].confidence[0] == pytest.approx(results[1].confidence[0], abs=1e-3)
    assert (results[0].structure == results[0].structure[0]).all()
    assert results[0].intervals()[CLASSES[element]] == (1.0, 1.0)


@pytest.mark.parametrize("element", ["Cu", "Fe", "Si"])
def test_a_primitive_cell_without_noise_is_recognised(element):
    assert said(bulk(element)) == CLASSES[element]


def test_no_crystal_and_other_crystals_are_none_of_these():
    rng = np.random.default_rng(1)
    gas = Atoms("Ar300", rng.random((300, 3)) * 20, cell=[20] * 3, pbc=True)
    salt, caesium = bulk("NaCl", "rocksalt", 5.64), bulk("CsCl", "cesiumchloride", 4.12)
    for atoms in (gas, salt.repeat(4), salt, caesium.repeat(4), molecule("C60"), molecule("H2O")):
        assert said(atoms) == "none of these"


def test_two_crystals_grown_together_are_none_of_these():
    half = bulk("Cu", cubic=True).repeat((4, 4, 4))
    other = half.copy()
    other.rotate(30, "z")
    other.set_cell(half.cell)
    other.positions += [0, 0, half.cell[2, 2]]
    both = half + other
    both.set_cell(half.cell * np.array([1, 1, 2])[:, None])
    both.wrap()
    close = both.get_all_distances(mic=True) + 9 * np.eye(len(both))
    gone = {max(pair) for pair in np.argwhere(close < 1.8)}
    del both[sorted(gone)]
    assert said(both) == "none of these"


def test_what_is_wrong_is_refused_in_words():
    atoms = crystal("Cu")
    atoms.positions[3] = atoms.positions[4]
    with pytest.raises(DataError, match="are in one place"):
        recognise(atoms, "crystals")


def test_golden_predictions_are_kept():
    golden = json.loads((Crystals.folder / "golden.json").read_text(encoding="utf-8"))
    assert len({one["verdict"] for one in golden}) == 8
    for one in golden:
        atoms = Atoms(one["numbers"], one["positions"], cell=one["cell"], pbc=True)
        result = Crystals().recognise(atoms)
        assert result.verdict() == one["verdict"]
        assert result.confidence[0] == pytest.approx(one["confidence"], abs=0.005)
        assert result.novelty[0] == pytest.approx(one["novelty"], abs=0.005)


def test_recognise_takes_it_by_name(quick, here):
    write(here / "copper.extxyz", crystal("Cu"))
    result = quick("recognise", "copper.extxyz", "--model", "crystals", "--csv", "told.csv")
    assert result.code == 0 and "copper.extxyz: fcc (64 atoms)" in result.out, result
    assert (here / "told.csv").read_text().splitlines()[0].count("bct139") == 3
