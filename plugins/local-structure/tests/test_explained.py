"""Which features and which neighbours carry the verdict on an atom."""

import json

import numpy as np
import pytest
from ase.build import bulk

from structkit import DataError, Row, Run, Table
from structkit.testing import AtomExplainerContract
from structkit_local_structure import EnvironmentNetwork, LocalEnvironments, odds
from structkit_local_structure.feature_maps import FeatureMaps
from structkit_local_structure.neighbour_maps import NeighbourMaps, features_without
from structkit_local_structure.network import Networks

PIPELINE = """\
structkit: 1
name: explained
seed: 1
split: {valid: 0.1, test: 0.4}
steps:
  known: {use: known-environments, with: {bulk: 20, vacancies: 0, faults: 0, slabs: 0, particles: 0,
          polycrystals: 0, interfaces: 0, liquids: 0, glasses: 0, packings: 0, motifs: 0}}
  seen: {use: local-environments, from: known}
  lattice: {use: environment-network, from: seen, target: lattice, with: {epochs: 2, networks: 1, hidden: [16]}}
  features: {use: atom-features, from: lattice, only: {per_label: 4, atoms: 4}, with: {methods: [gradient-x-input]}}
  neighbours: {use: atom-neighbours, from: lattice, only: {per_label: 3, atoms: 1}, with: {neighbours: 14}}
"""


class TestFeatureMaps(AtomExplainerContract):
    plugin = "structkit_local_structure.plugin"
    name = "atom-features"


def networks(seed=0):
    rng = np.random.default_rng(seed)
    sizes = [120, 16, 16, 3]
    shapes = list(zip(sizes, sizes[1:], strict=False))
    weights = tuple((rng.normal(size=(2, *shape)) / 4).astype(np.float32) for shape in shapes)
    biases = tuple(rng.normal(size=(2, shape[1])).astype(np.float32) for shape in shapes)
    mean, scale = rng.random(120).astype(np.float32), np.full(120, 2, np.float32)
    return Networks(mean, scale, weights, biases, ("0", "1", "2"))


def test_gradients_are_those_of_the_log_odds():
    made = networks()
    features = np.random.default_rng(1).random((6, 120)).astype(np.float32)
    classes = np.array([0, 1, 2, 0, 1, 2])
    slopes = odds.gradients(made, features, classes)
    for column in (0, 57, 119):
        step = np.zeros(120, np.float32)
        step[column] = 0.01
        ahead, behind = (odds.log_odds(made, features + s, classes) for s in (step, -step))
        assert np.allclose((ahead - behind) / 0.02, slopes[:, column], atol=2e-3)


def test_log_odds_are_those_of_the_probabilities():
    made = networks()
    features = np.random.default_rng(1).random((6, 120)).astype(np.float32)
    p = made.probabilities(features)[:, 1]
    assert np.allclose(
        odds.log_odds(made, features, np.ones(6, int)), np.log(p / (1 - p)), atol=1e-4
    )


def test_integrated_gradients_sum_to_what_was_gained():
    model = EnvironmentNetwork()
    model.networks = networks()
    values = np.random.default_rng(1).random((3, 120)).astype(np.float32)
    classes = np.array([0, 1, 2])
    maps = FeatureMaps(steps=64)._integrated(model, values, classes)
    gained = model.log_odds(values, classes) - model.log_odds(0 * values, classes)
    assert np.allclose(maps.sum(axis=1), gained, atol=1e-2)


def crystal():
    atoms = bulk("Al", cubic=True).repeat(5)
    atoms.positions += np.random.default_rng(0).normal(scale=0.1, size=atoms.positions.shape)
    return atoms


def table_of(atoms, features, explained=(7, 100)):
    parts = {
        "atoms": features,
        "explained": np.array(explained),
        "structure_numbers": atoms.numbers,
        "structure_positions": atoms.positions,
        "structure_cell": np.asarray(atoms.cell[:]),
        "structure_pbc": atoms.pbc,
    }
    return Table.of([Row("a", None, "a")], **{name: [value] for name, value in parts.items()})


def test_features_without_an_atom_are_those_of_the_structure_without_it():
    atoms = crystal()
    table = table_of(atoms, LocalEnvironments()(atoms)["atoms"])
    inputs = {name: table.item(name, 0) for name in table.arrays}
    made = features_without(inputs, np.array([3, 40]), 7)
    damaged = atoms.copy()
    del damaged[[3, 40]]
    assert np.allclose(made, LocalEnvironments()(damaged)["atoms"][6], atol=1e-6)


def test_neighbours_come_from_near_to_far_and_matter_less_and_less():
    atoms = crystal()
    model = EnvironmentNetwork()
    model.networks = networks()
    model.classes = model.networks.classes
    table = table_of(atoms, LocalEnvironments()(atoms)["atoms"])
    (maps,) = NeighbourMaps(neighbours=200).explain(model, table)
    assert maps["neighbours"].shape == maps["relevance_occlusion"].shape == (2, 200)
    assert (np.diff(maps["distances"], axis=1) >= 0).all()
    expected = atoms.get_distance(7, int(maps["neighbours"][0, 0]), mic=True)
    assert maps["distances"][0, 0] == pytest.approx(expected, abs=1e-4)
    size = np.abs(maps["relevance_occlusion"])
    assert size[:, :12].mean() > 2 * size[:, 42:78].mean(), (
        "far atoms have a share in the third averages only"
    )
    assert size[:, 190:].max() < 0.01 * size[:, :12].mean(), (
        "beyond the third averages they have none"
    )


def test_features_that_are_not_those_of_the_descriptor_are_refused():
    atoms = crystal()
    model = EnvironmentNetwork()
    model.networks = networks()
    table = table_of(atoms, np.zeros((len(atoms), 120), np.float32))
    with pytest.raises(DataError, match="not those that local-environments gives"):
        list(NeighbourMaps().explain(model, table))


def test_explanations_are_tested_by_atom_in_a_run(quick, here, monkeypatch):
    monkeypatch.setenv("STRUCTKIT_BLOCK", "structkit-html-report")
    (here / "explained.yaml").write_text(PIPELINE)
    result = quick("run", "explained.yaml", "--set", "threads=1")
    assert result.code == 0, result
    run = Run(here / "runs/explained")
    table = run.table("features")
    assert table.item("relevance_gradient_x_input", 0).shape == (4, 120)
    assert table.item("explained", 0).shape == (4,)
    scores = run.faithfulness("features")["known"]
    assert scores["parts"] == 4 * scores["rows"] == 16
    assert scores["methods"]["gradient_x_input"]["over_random"]["interval"][0] > 0
    assert run.faithfulness("neighbours")["known"]["parts"] == 3
    told = json.loads((run.path("features") / "known/faithfulness.json").read_text())
    assert told["parts"] == 16


def test_explainer_of_atoms_refuses_a_model_of_structures(quick, here):
    steps = PIPELINE.replace("use: local-environments", "use: environment-averages")
    steps = steps.replace("use: environment-network", "use: logistic-regression")
    steps = steps.replace(", target: lattice, with: {epochs: 2, networks: 1, hidden: [16]}", "")
    (here / "wrong.yaml").write_text(steps)
    result = quick("validate", "wrong.yaml")
    assert result.code == 2, result
    assert "atom-features explains models of atoms, 'lattice' speaks of structures" in result.err
