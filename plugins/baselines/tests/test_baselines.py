"""The baselines against scikit-learn and against crystals of known symmetry."""

import numpy as np
import pytest
from ase.build import bulk
from sklearn.linear_model import LogisticRegression

from structkit import DataError, Row, RunContext, Table
from structkit.testing import planted_images
from structkit_baselines import LogisticClassifier, NearestNeighbours, SpaceGroup, SpaceGroupRule


def context(folder):
    return RunContext(seed=1, rng=np.random.default_rng(1), scratch=folder)


@pytest.mark.parametrize("classes", [2, 4])
def test_probabilities_are_those_of_scikit_learn(classes, tmp_path):
    rng = np.random.default_rng(0)
    labels = [f"c{i % classes}" for i in range(60)]
    vectors = rng.normal(size=(60, 5)) + np.array([int(label[1]) for label in labels])[:, None]
    table = Table.of([Row(str(i), label) for i, label in enumerate(labels)], vector=vectors)
    model = LogisticClassifier(strength=2.0)
    (record,) = model.fit(table, table, context(tmp_path))
    scale = np.sqrt(np.mean(vectors**2))
    theirs = (
        LogisticRegression(C=2.0, max_iter=500)
        .fit(vectors / scale, labels)
        .predict_proba(vectors / scale)
    )
    assert np.allclose(model.predict(table), theirs, atol=1e-6)
    assert record["train_loss"] == record["valid_loss"] > 0


def test_neighbours_vote(tmp_path):
    rows = [Row(str(i), label) for i, label in enumerate("aab")]
    model = NearestNeighbours(neighbours=3)
    table = Table.of(rows, vector=np.array([[0.0], [1.0], [5.0]]))
    list(model.fit(table, table, context(tmp_path)))
    assert np.allclose(model.predict(table), [[2 / 3, 1 / 3]] * 3)


def test_more_neighbours_than_rows_are_refused(tmp_path):
    table = planted_images(4)
    with pytest.raises(DataError, match="D041 neighbours 9 > 4 training rows"):
        list(NearestNeighbours(neighbours=9).fit(table, table, context(tmp_path)))


def test_space_group_names_the_class_and_nothing_else_does(tmp_path):
    crystals = {"fcc": bulk("Cu"), "bcc": bulk("Fe"), "diamond": bulk("Si"), "hcp": bulk("Mg")}
    numbers = np.array([SpaceGroup()(atoms)["number"] for atoms in crystals.values()])
    assert list(numbers) == [225, 229, 227, 194]
    table = Table.of([Row(label, label) for label in crystals], number=numbers)
    model = SpaceGroupRule()
    (record,) = model.fit(table, table, context(tmp_path))
    assert record["train_loss"] == 0 and model.classes == ("bcc", "diamond", "fcc", "hcp", "none")
    broken = bulk("Cu", cubic=True).repeat(2)
    broken.positions += np.random.default_rng(0).normal(scale=0.3, size=broken.positions.shape)
    lost = Table.of([Row("x", "fcc")], number=np.array([SpaceGroup()(broken)["number"]]))
    assert model.classes[int(model.predict(lost)[0].argmax())] == "none"
    model.save(tmp_path)
    again = SpaceGroupRule()
    again.load(tmp_path)
    assert np.array_equal(again.predict(table), model.predict(table))


def test_label_that_is_a_number_means_that_group(tmp_path):
    table = Table.of([Row("a", "225"), Row("b", "229")], number=np.array([225, 229]))
    model = SpaceGroupRule()
    assert next(iter(model.fit(table, table, context(tmp_path))))["train_loss"] == 0


def test_cluster_without_a_cell_has_no_space_group():
    atoms = bulk("Cu")
    atoms.pbc = False
    assert SpaceGroup()(atoms)["number"] == 0


@pytest.mark.parametrize("several", [1, 3, 8])
def test_nearest_neighbours_are_those_of_scikit_learn(several, tmp_path):
    from sklearn.neighbors import KNeighborsClassifier

    rng = np.random.default_rng(several)
    rows = [Row(f"r{i}", "abc"[i % 3], f"g{i}") for i in range(60)]
    train = Table.of(rows, vector=rng.normal(size=(60, 7)).astype(np.float32))
    asked = Table.of(rows, vector=rng.normal(size=(60, 7)).astype(np.float32))
    model = NearestNeighbours(neighbours=several)
    for _ in model.fit(train, train.select([]), context(tmp_path)):
        pass
    theirs = KNeighborsClassifier(several).fit(train.stack("vector"), train.labels)
    assert model.predict(asked) == pytest.approx(theirs.predict_proba(asked.stack("vector")))


def test_of_equally_near_rows_the_first_counts(tmp_path):
    rows = [Row(f"r{i}", label, f"g{i}") for i, label in enumerate("bab")]
    train = Table.of(rows, vector=np.array([[1.0], [-1.0], [1.0]], np.float32))
    model = NearestNeighbours(neighbours=1)
    for _ in model.fit(train, train.select([]), context(tmp_path)):
        pass
    assert model.predict(Table.of(rows[:1], vector=np.zeros((1, 1), np.float32))).tolist() == [
        [0, 1]
    ]
