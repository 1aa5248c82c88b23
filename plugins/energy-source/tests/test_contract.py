"""Energies are those of the potential: by an own sum over pairs, in parts that sum to the whole, the same for a seed."""

import numpy as np
import pytest
from ase.neighborlist import neighbor_list
from pydantic import ValidationError

from structkit import Quantity
from structkit.testing import PluginContract, SourceContract
from structkit_energy_source import AseConfigurations

PLUGIN = "structkit_energy_source.plugin"
QUICK = {
    "repeats": 3,
    "temperature": 300,
    "trajectories": 2,
    "frames": 2,
    "steps": 6,
    "every": 3,
}


class TestPlugin(PluginContract):
    plugin = PLUGIN


class TestSource(SourceContract):
    plugin = PLUGIN
    name = "ase-configurations"
    settings = QUICK
    tasks_tried = 2


def first(**settings):
    source = AseConfigurations(**{**QUICK, **settings})
    return list(source.samples(source.tasks()[-1], np.random.default_rng(1)))


def test_energy_is_the_sum_over_pairs():
    atoms = first()[-1].atoms
    reach = 2.5 * 3.405
    distances = neighbor_list("d", atoms, reach)

    def pair(r):
        return 4 * 0.01032 * ((3.405 / r) ** 12 - (3.405 / r) ** 6)

    expected = 0.5 * (pair(distances) - pair(reach)).sum()
    said = first()[-1].targets
    assert said["energy"].value == pytest.approx(expected, rel=1e-9)
    assert said["energy_per_atom"] == Quantity(said["energy"].value / len(atoms), "eV/atom")


@pytest.mark.parametrize("settings", [{}, {"potential": "emt", "element": "Cu", "repeats": 2}])
def test_parts_of_the_atoms_sum_to_the_whole(settings):
    for sample in first(**settings):
        parts = sample.atoms.arrays["atom_energy"]
        assert parts.std() > 0 and parts.sum() == pytest.approx(sample.targets["energy"].value)
        assert sample.atoms.info["array_units"] == {"atom_energy": "eV"}


def test_hotter_is_higher():
    cold, hot = (
        first(temperature=kelvin, steps=40)[0].targets["energy_per_atom"].value
        for kelvin in (60, 300)
    )
    assert cold < hot < 0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"potential": "emt", "element": "Fe"}, "emt knows Al, Cu, Ag, Au, Ni, Pd, Pt, not Fe"),
        ({"element": "Xx"}, "'Xx' is no element symbol"),
        ({"repeats": 2}, "narrower than two cutoffs"),
        ({"temperature": 0}, "greater than 0"),
    ],
)
def test_settings_that_cannot_be(settings, said):
    with pytest.raises(ValidationError, match=said):
        AseConfigurations(**{**QUICK, **settings})
