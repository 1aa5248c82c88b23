"""The models of numbers against scikit-learn."""

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from structkit import DataError, Row, RunContext, Table
from structkit_baselines import ExtraTrees, RidgeRegression
from structkit_baselines.forest import Forest

SEED = 2**40 + 5  # seeds of a run are larger than scikit-learn takes


def context(folder):
    return RunContext(seed=SEED, rng=np.random.default_rng(1), scratch=folder)


def table_of(rows, seed=0):
    rng = np.random.default_rng(seed)
    vectors = np.concatenate(
        [rng.normal(size=(rows, 4)), rng.integers(0, 3, size=(rows, 2)), np.full((rows, 1), 7.0)],
        axis=1,
    )
    targets = np.sin(vectors[:, 0]) + vectors[:, 4] * vectors[:, 1] + 0.1 * rng.normal(size=rows)
    return Table.of(
        [Row(str(i), group=str(i)) for i in range(rows)], vector=vectors, target=targets
    )


def both(model, train, valid, folder):
    (record,) = model.fit(train, valid, context(folder))
    return record, model.predict(valid)


@pytest.mark.parametrize("settings", [{}, {"min_leaf": 4}, {"trees": 1, "max_features": 1.0}])
def test_trees_say_what_those_of_scikit_learn_say(settings, tmp_path):
    train, valid = table_of(300), table_of(700, 1)
    record, said = both(ExtraTrees(**{"trees": 40, **settings}), train, valid, tmp_path)
    theirs = ExtraTreesRegressor(
        settings.get("trees", 40),
        min_samples_leaf=settings.get("min_leaf", 1),
        max_features=settings.get("max_features", 0.33),
        random_state=SEED % 2**32,
    ).fit(train.stack("vector"), train.stack("target"))
    rows = valid.stack("vector")
    assert np.abs(said["value"] - theirs.predict(rows)).max() < 1e-10
    each = np.stack([tree.predict(rows.astype(np.float32)) for tree in theirs.estimators_])
    assert np.abs(said["spread"] - each.std(axis=0)).max() < 1e-10
    assert record["valid_loss"] == pytest.approx(
        np.mean((theirs.predict(rows) - valid.stack("target")) ** 2)
    )
    assert record["train_loss"] < record["valid_loss"]


def test_threads_change_nothing(tmp_path):
    train = table_of(100)
    said = []
    for threads in (1, 2):
        model = ExtraTrees(trees=10)
        list(
            model.fit(
                train, train, RunContext(5, np.random.default_rng(1), tmp_path, threads=threads)
            )
        )
        said.append(model.predict(train)["value"])
    assert np.array_equal(*said)


@pytest.mark.parametrize("penalty", [0.01, 30.0])
def test_ridge_is_that_of_scikit_learn(penalty, tmp_path):
    train, valid = table_of(80), table_of(30, 1)
    record, said = both(RidgeRegression(penalty=penalty), train, valid, tmp_path)
    theirs = make_pipeline(StandardScaler(), Ridge(alpha=penalty)).fit(
        train.stack("vector"), train.stack("target")
    )
    assert np.allclose(said["value"], theirs.predict(valid.stack("vector")), atol=1e-10)
    assert record["valid_loss"] == pytest.approx(
        np.mean((said["value"] - valid.stack("target")) ** 2)
    )


@pytest.mark.parametrize("model", [ExtraTrees(trees=5), RidgeRegression()])
def test_without_validation_rows_there_is_no_validation_loss(model, tmp_path):
    train = table_of(20)
    (record,) = model.fit(train, train.select([]), context(tmp_path))
    assert set(record) == {"epoch", "train_loss"}


@pytest.mark.parametrize("model", [ExtraTrees(trees=5), RidgeRegression()])
def test_rows_of_another_length_are_refused(model, tmp_path):
    train = table_of(20)
    list(model.fit(train, train, context(tmp_path)))
    shorter = Table.of([Row("x")], vector=np.zeros((1, 3)))
    with pytest.raises(ValueError, match="rows of 3 numbers, the model learnt from rows of 7"):
        model.predict(shorter)


def test_too_few_rows_are_refused(tmp_path):
    with pytest.raises(DataError, match="D041 5 training rows, at least 6"):
        list(ExtraTrees(min_leaf=3).fit(table_of(5), table_of(5), context(tmp_path)))
    with pytest.raises(DataError, match="D041 1 training rows"):
        list(RidgeRegression().fit(table_of(1), table_of(1), context(tmp_path)))


@pytest.mark.parametrize("name", ["left", "right", "roots", "feature", "value"])
def test_damaged_trees_are_refused(name, tmp_path):
    model, train = ExtraTrees(trees=3), table_of(20)
    list(model.fit(train, train, context(tmp_path)))
    model.save(tmp_path)
    array = np.load(tmp_path / f"{name}.npy")
    wrong = {
        "left": np.zeros_like(array),
        "right": array + len(array),
        "roots": array - 1,
        "feature": array - 1,
        "value": array[1:],
    }
    np.save(tmp_path / f"{name}.npy", wrong[name])
    with pytest.raises(ValueError, match="no forest"):
        Forest.load(tmp_path)
