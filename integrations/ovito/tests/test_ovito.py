"""The modifier in OVITO itself, without a window: `make ovito`."""

import importlib.metadata

import numpy as np
import pytest
from ase.build import bulk

from structkit import DataError, recognise

pytest.importorskip("ovito", reason="OVITO is not installed here: make ovito")

from ovito.data import DataCollection  # noqa: E402
from ovito.io.ase import ase_to_ovito  # noqa: E402
from ovito.modifiers import ExpressionSelectionModifier, PythonModifier  # noqa: E402
from ovito.pipeline import Pipeline, StaticSource  # noqa: E402
from structkit_ovito import COLOURS, RecogniseStructures  # noqa: E402


def iron(spread=0.15):
    atoms = bulk("Fe", cubic=True).repeat(6)
    atoms.positions += np.random.default_rng(0).normal(scale=spread, size=atoms.positions.shape)
    return atoms


def computed(atoms, *before, **settings):
    pipeline = Pipeline(source=StaticSource(data=ase_to_ovito(atoms, DataCollection())))
    pipeline.modifiers.extend([*before, PythonModifier(delegate=RecogniseStructures(**settings))])
    return pipeline.compute()


def test_ovito_finds_the_modifier():
    (found,) = [
        one
        for one in importlib.metadata.entry_points(group="OVITO.Modifier")
        if one.value.startswith("structkit_ovito")
    ]
    assert found.load() is RecogniseStructures and "structkit" in found.name


def test_atoms_are_what_recognise_says():
    atoms = iron()
    atoms.positions += [100, -50, 3]
    atoms.set_celldisp([0, 0, 0])
    told, data = recognise(atoms), computed(atoms)
    particles = data.particles
    assert np.array_equal(particles["Structure Type"], told.structure)
    assert np.allclose(particles["Confidence"], told.confidence)
    assert np.array_equal(np.asarray(particles["Grain"]), told.grain + 1)
    assert data.attributes["structkit.verdict"] == "bcc"
    assert data.attributes["structkit.fraction.bcc"] == pytest.approx(told.fractions()["bcc"])
    names = [kind.name for kind in particles["Structure Type"].types]
    assert names == list(told.classes)


def test_colours_are_those_of_the_structure():
    data = computed(iron())
    share = np.isclose(data.particles["Color"], COLOURS["bcc"], atol=1e-3).all(axis=1).mean()
    assert share == pytest.approx(data.attributes["structkit.fraction.bcc"])


def test_only_selected_atoms_are_coloured():
    first = ExpressionSelectionModifier(expression="ParticleIndex < 100")
    data = computed(iron(), first, only_selected=True)
    coloured = np.isclose(data.particles["Color"], COLOURS["bcc"], atol=1e-3).all(axis=1)
    assert coloured[:100].mean() > 0.9 and not coloured[100:].any()


def test_a_particle_without_a_cell_is_open():
    atoms = iron()
    atoms.set_cell(None)
    atoms.pbc = False
    data = computed(atoms)
    assert np.array_equal(data.particles["Structure Type"], recognise(atoms).structure)


def test_what_is_wrong_is_said_in_words():
    atoms = iron()
    atoms.positions[1] = atoms.positions[0]
    with pytest.raises(DataError, match="are in one place"):
        computed(atoms)
