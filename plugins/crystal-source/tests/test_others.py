"""Crystals that belong to none of the classes."""

import pytest
import spglib

from structkit import DataError
from structkit_crystal_source import OtherPrototypes


def made(**settings):
    source = OtherPrototypes(**settings)
    return [sample for task in source.tasks() for sample in source.samples(task, _rng())]


def _rng():
    import numpy as np

    return np.random.default_rng(0)


def group_of(atoms):
    cell = (atoms.cell[:], atoms.get_scaled_positions(), atoms.numbers)
    return spglib.get_symmetry_dataset(cell, symprec=0.01).number


@pytest.mark.parametrize(
    ("name", "group", "elements"),
    [
        ("A12", 217, 4),
        ("A13", 213, 4),
        ("A15", 223, 1),
        ("B1", 225, 1),
        ("E2_1", 221, 1),
        ("A20", 63, 4),
    ],
)
def test_space_groups_and_elements(name, group, elements):
    samples = made(prototypes=(name,), per_group=2)
    assert {sample.label for sample in samples} == {name}
    assert len({sample.group for sample in samples}) == elements
    assert {group_of(sample.atoms) for sample in samples} == {group}


def test_other_elements_have_their_own_volume():
    first, *others = made(prototypes=("A13",))
    assert first.id == "Mn-A13-000"
    volumes = {sample.atoms.get_volume() / len(sample.atoms) for sample in [first, *others]}
    assert len(volumes) == 4


def test_every_default_is_made_and_none_is_of_a_class():
    labels = {sample.label for sample in made()}
    assert len(labels) == 13
    assert not labels & {"A1", "A2", "A3", "A4", "A5", "A6", "A7", "A_h"}


def test_other_names_of_a_prototype():
    for name in ("A_cI58_217_ac2g", "Halite, Rock Salt"):
        assert made(prototypes=(name,))


def test_a_misspelt_prototype_is_refused():
    with pytest.raises(DataError, match="D024 AFLOW's library has no prototype 'A1l'"):
        made(prototypes=("A1l",))
