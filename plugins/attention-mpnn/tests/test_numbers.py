"""Numbers of graphs and of atoms: learnt by heart, in their own unit, the sum or mean of what particles give."""

import numpy as np
import pytest

from structkit import RunContext, Table
from structkit.testing import NumbersContract
from structkit_attention_mpnn import AttentionMpnnAtoms, AttentionMpnnNumbers
from structkit_particle_descriptors.examples import flat, graph_table

PLUGIN = "structkit_attention_mpnn.plugin"
FAST = {
    "hidden": 8,
    "heads": 2,
    "epochs": 10,
    "batch_size": 16,
    "learning_rate": 0.01,
    "basis": 12,
    "attention": "none",
    "backend": "torch",
}


def graphs(count=16, sizes=(25,)):
    structures = [flat(sizes[i % len(sizes)], seed=i, edge=5.0) for i in range(count)]
    return graph_table(structures, k=6)


def parts(table, row):
    """What each particle of a graph has: half of a function of its distances, in some unit."""
    pairs = 40 + 7 * np.cos(3 * table.item("distances", row).astype(np.float64))
    count = len(table.item("numbers", row))
    return np.bincount(table.item("receivers", row), pairs / 2, minlength=count)


def with_energies(table, way):
    rows = [parts(table, row) for row in range(len(table))]
    return table.with_arrays(target=rows if way is None else np.array([way(row) for row in rows]))


class TestNumbers(NumbersContract):
    plugin = PLUGIN
    name = "attention-mpnn-numbers"
    settings = FAST
    resumes = True

    def features(self):
        return with_energies(graphs(), np.mean)


class TestAtoms(NumbersContract):
    plugin = PLUGIN
    name = "attention-mpnn-atoms"
    settings = FAST
    resumes = True

    def features(self):
        return with_energies(graphs(), None)

    def said(self, model, table):
        given = [part.mean() for part in model.predict(table)]
        return np.reshape(np.array(given), (len(table), 1))

    def test_learns_by_heart(self, tmp_path):
        table = self.features()
        said = np.concatenate(self.fitted(tmp_path).predict(table))
        truth = np.concatenate([table.item("target", row) for row in range(len(table))])
        assert np.abs(said - truth).mean() < 0.1 * truth.std()


def trained(model, table, tmp_path):
    context = RunContext(1, np.random.default_rng(1), tmp_path, log=lambda text: None)
    list(model.fit(table, table.select([0, 1]), context))
    return model


def nearer(table, by):
    """The same graphs, with all distances shortened."""
    shorter = [by * table.item("distances", row) for row in range(len(table))]
    return table.with_arrays(distances=shorter)


def repulsive(table):
    """Energies per particle of pairs that repel each other by r^-12, and attract each other by r^-6."""
    energies = []
    for row in range(len(table)):
        r = table.item("distances", row).astype(np.float64)
        count = len(table.item("numbers", row))
        energies.append((r**-12 - r**-6).sum() / count)
    return table.with_arrays(target=np.array(energies))


def test_atoms_nearer_than_ever_before_repel_each_other_as_they_must(tmp_path):
    """The smallest distances are six percent below those of training, the energies half as large again as any there."""
    train = repulsive(graphs(24))
    test = repulsive(nearer(graphs(24), 0.94))
    model = trained(AttentionMpnnNumbers(**{**FAST, "epochs": 2}), train, tmp_path)
    truth = test.stack("target")
    assert truth.max() > 1.4 * train.stack("target").max()
    errors = np.abs(model.predict(test)["value"] - truth)
    assert errors.mean() < 0.15 * truth.std()  # 0.8 of it without the exponential


@pytest.mark.parametrize("seed", range(4))
def test_noise_does_not_make_atoms_that_are_too_near_attract_each_other(seed, tmp_path):
    """The numbers are wrong by a twentieth of their spread, and the atoms a fifth nearer than ever before."""
    train = repulsive(graphs(24))
    truth = train.stack("target")
    noise = np.random.default_rng(seed).normal(size=len(truth))
    train = train.with_arrays(target=truth + 0.05 * truth.std() * noise)
    model = trained(AttentionMpnnNumbers(**{**FAST, "epochs": 1}), train, tmp_path)
    path = model.trained().path
    assert path.used.sum() == (path.basis + 1) * path.pairs, "one length for all pairs of species"
    said = [model.predict(nearer(train, by))["value"].mean() for by in (1.0, 0.93, 0.86, 0.8)]
    assert np.all(np.diff(said) > 0) and said[-1] > 2 * said[0]


def twice(table, row):
    """A graph beside a copy of itself that it does not touch."""
    graph = {name: table.item(name, row) for name in table.arrays if name != "target"}
    count, edges = len(graph["numbers"]), len(graph["distances"])
    moved = {"senders": count, "receivers": count, "reverse": edges}
    both = {n: np.concatenate([v, v + moved.get(n, 0)]) for n, v in graph.items()}
    return Table.of([table.rows[row]], **{name: [value] for name, value in both.items()})


@pytest.mark.parametrize(("extensive", "times"), [(False, 1.0), (True, 2.0)])
def test_two_boxes_have_the_mean_or_the_sum_of_one(extensive, times, tmp_path):
    table = with_energies(graphs(8), np.sum if extensive else np.mean)
    settings = {**FAST, "epochs": 3, "extensive": extensive}
    model = trained(AttentionMpnnNumbers(**settings), table, tmp_path)
    one, two = (model.predict(rows)["value"] for rows in (table.select([3]), twice(table, 3)))
    assert two == pytest.approx(times * one, rel=1e-5)


def test_extensive_numbers_are_learnt_per_particle(tmp_path):
    """Boxes of two sizes: a total follows the size, and what is learnt from is scaled without it."""
    table = with_energies(graphs(16, sizes=(16, 36)), np.sum)
    model = AttentionMpnnNumbers(**{**FAST, "extensive": True})
    trained(model, table, tmp_path)
    per_particle = np.concatenate([np.atleast_1d(one) for one in model.known(table)])
    assert model.facts["scale"] == pytest.approx([per_particle.mean(), per_particle.std()])
    errors = np.abs(model.predict(table)["value"] - table.stack("target"))
    assert errors.mean() < 0.02 * table.stack("target").std()


def test_numbers_keep_their_unit_whatever_it_is(tmp_path):
    """A thousand times the numbers, and far from zero: the same answers in the other unit."""
    table = with_energies(graphs(8), np.mean)
    other = table.with_arrays(target=1000 * table.stack("target") - 5e4)
    said = []
    for number, rows in enumerate((table, other)):
        (tmp_path / str(number)).mkdir()
        model = AttentionMpnnNumbers(**{**FAST, "epochs": 5})
        said.append(trained(model, rows, tmp_path / str(number)).predict(rows)["value"])
    assert said[1] == pytest.approx(1000 * said[0] - 5e4, rel=1e-4)


def test_atoms_of_which_nothing_is_known_are_left_out(tmp_path):
    table = with_energies(graphs(8), None)
    holes = [np.where(np.arange(25) % 2, np.nan, table.item("target", row)) for row in range(8)]
    model = trained(AttentionMpnnAtoms(**FAST), table.with_arrays(target=holes), tmp_path)
    assert all(np.isfinite(part).all() and len(part) == 25 for part in model.predict(table))
    assert np.isfinite(model.facts["scale"]).all()


def test_features_are_one_row_a_graph(tmp_path):
    table = with_energies(graphs(8), np.mean)
    model = trained(AttentionMpnnNumbers(**{**FAST, "epochs": 1}), table, tmp_path)
    assert model.features(table).shape == (8, 8) and len(model.features(table.select([]))) == 0
