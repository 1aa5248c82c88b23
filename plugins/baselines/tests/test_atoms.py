"""The model of atoms learns, keeps what it learnt, and passes over what is not known."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from structkit import DataError, Row, RunContext, Table
from structkit_baselines import AtomLogistic


def atom_table(rows=12, classes=(1, 2), unknown=0.0, seed=0):
    """Rows of several atoms whose second feature tells their class; the third is constant."""
    rng = np.random.default_rng(seed)
    features, targets = [], []
    for _ in range(rows):
        target = rng.choice(classes, size=int(rng.integers(3, 9)))
        noise = rng.normal(size=(len(target), 3)) * [5.0, 0.3, 0.0]
        features.append((noise + np.outer(target, [0, 3, 0]) + [0, 0, 7]).astype(np.float32))
        targets.append(np.where(rng.random(len(target)) < unknown, -1, target))
    names = [Row(str(i), None, str(i)) for i in range(rows)]
    return Table.of(names, atoms=features, target=targets)


def fitted(table, folder, valid=None, **settings):
    model = AtomLogistic(**settings)
    context = RunContext(seed=1, rng=np.random.default_rng(1), scratch=folder)
    (record,) = model.fit(table, table if valid is None else valid, context)
    return model, record


@pytest.mark.parametrize("classes", [(1, 2), (0, 3, 11)])
def test_probabilities_are_those_of_scikit_learn(classes, tmp_path):
    table = atom_table(classes=classes)
    model, record = fitted(table, tmp_path, strength=0.5)
    assert model.classes == tuple(map(str, classes)), "by number, not by letter"
    features = np.concatenate([table.item("atoms", i) for i in range(len(table))]).astype(float)
    numbers = np.concatenate([table.item("target", i) for i in range(len(table))])
    scaled = StandardScaler().fit_transform(features)
    theirs = LogisticRegression(C=0.5, max_iter=500).fit(scaled, numbers).predict_proba(scaled)
    assert np.allclose(np.concatenate(model.predict(table)), theirs, atol=1e-6)
    right = theirs[np.arange(len(numbers)), np.searchsorted(classes, numbers)]
    assert record["train_loss"] == record["valid_loss"] == pytest.approx(-np.log(right).mean())


def test_one_array_a_row_in_any_company(tmp_path):
    table = atom_table()
    model, _ = fitted(table, tmp_path)
    together = model.predict(table)
    sizes = [len(table.item("atoms", i)) for i in range(len(table))]
    assert [part.shape for part in together] == [(size, 2) for size in sizes]
    for row, part in enumerate(together):
        assert np.allclose(part.sum(axis=1), 1)
        (alone,) = model.predict(table.select([row]))
        assert np.array_equal(alone, part)
    assert model.predict(table.select([])) == []


def test_atoms_of_which_nothing_is_known_do_not_count(tmp_path):
    table = atom_table(unknown=0.5)
    model, _ = fitted(table, tmp_path)
    assert model.classes == ("1", "2")
    kept = [table.item("target", i) != -1 for i in range(len(table))]
    bare = Table.of(list(table.rows), atoms=[table.item("atoms", i)[k] for i, k in enumerate(kept)],
                    target=[table.item("target", i)[k] for i, k in enumerate(kept)])  # fmt: skip
    again, _ = fitted(bare, tmp_path)
    assert np.array_equal(model.weights, again.weights) and np.array_equal(model.mean, again.mean)


def test_saved_and_loaded_it_predicts_the_same(tmp_path):
    table = atom_table(classes=(0, 3, 11))
    model, _ = fitted(table, tmp_path)
    folder = tmp_path / "saved"
    folder.mkdir()
    model.save(folder)
    assert {path.suffix for path in folder.iterdir()} == {".npy", ".json"}
    again = AtomLogistic()
    again.load(folder)
    assert again.classes == ("0", "3", "11")
    for one, two in zip(model.predict(table), again.predict(table), strict=True):
        assert np.array_equal(one, two)


def test_validation_may_hold_what_was_never_shown(tmp_path):
    _, record = fitted(atom_table(), tmp_path, valid=atom_table(classes=(1, 5)))
    assert np.isfinite(record["valid_loss"])
    _, record = fitted(atom_table(), tmp_path, valid=atom_table(classes=(5,)))
    assert record["valid_loss"] == 0
    _, record = fitted(atom_table(), tmp_path, valid=atom_table().select([]))
    assert set(record) == {"epoch", "train_loss"}


def test_atoms_of_one_class_are_refused(tmp_path):
    with pytest.raises(DataError, match="D001 the training rows have atoms of 1 classes; a class"):
        fitted(atom_table(classes=(4,)), tmp_path)
