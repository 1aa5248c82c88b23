"""The classifier that plugins inherit: what its training keeps, refuses and goes on with."""

import numpy as np
import pytest

from structkit import DataError, Row, RunContext, StructkitError, Table
from structkit.testing import ModelContract, planted_images
from structkit_torch_training.testing import SmallCnn

SMALL = {"epochs": 6, "batch_size": 4}


class TestSmallCnn(ModelContract):
    settings = {"epochs": 25, "batch_size": 8, "learning_rate": 0.01}
    resumes = True

    @classmethod
    def build(cls, **changes):
        """A library declares nothing: the class itself is built."""
        return SmallCnn(**{**cls.settings, **changes})


def context(folder, seed=1, log=lambda text: None):
    return RunContext(seed=seed, rng=np.random.default_rng(seed), scratch=folder, log=log)


class LastKept(SmallCnn):
    """The same, whose last epoch is kept."""

    def kept_epoch(self):
        return "last"


def swapped(train):
    """Rows with the labels of the others: the better a model learns, the worse it does on them."""
    wrong = [Row(r.id, {"left": "right", "right": "left"}[r.label], r.group) for r in train.rows]
    return Table.of(wrong, image=train.stack("image"))


@pytest.mark.parametrize(("made", "kept"), [(SmallCnn, min), (LastKept, lambda losses: losses[-1])])
def test_epoch_that_is_kept(made, kept, tmp_path):
    train = planted_images(16)
    valid, model = swapped(train), made(**SMALL)
    losses = [record["valid_loss"] for record in model.fit(train, valid, context(tmp_path))]
    assert losses[-1] > 1.01 * min(losses), "the two differ"
    truth = np.array([model.classes.index(label) for label in valid.labels])
    loss = -np.log(model.predict(valid)[np.arange(len(valid)), truth]).mean()
    assert loss == pytest.approx(kept(losses), rel=1e-3)


def test_patience_stops_early(tmp_path):
    train = planted_images(16)
    valid = swapped(train)
    records = list(
        SmallCnn(**{**SMALL, "epochs": 50, "patience": 2}).fit(train, valid, context(tmp_path))
    )
    assert len(records) < 50


def test_training_stops_at_the_first_loss_that_is_not_finite(tmp_path):
    table = planted_images(16)
    images = table.stack("image")
    images[3] = np.inf
    bad = Table.of(table.rows, image=images)
    with pytest.raises(StructkitError, match="P012 loss is nan in epoch 1"):
        list(SmallCnn(**SMALL).fit(bad, bad, context(tmp_path)))


def test_batch_larger_than_the_data_holds_all_of_it(tmp_path):
    table, said, results = planted_images(8), [], []
    for size in (8, 32):
        scratch = tmp_path / str(size)
        scratch.mkdir()
        model = SmallCnn(epochs=2, batch_size=size)
        list(model.fit(table, table, context(scratch, log=said.append)))
        results.append(model.predict(table))
    assert said == ["batch_size 32 > 8 training rows: each batch holds all 8"]
    assert np.array_equal(*results)


def test_a_network_needs_two_rows(tmp_path):
    table = planted_images(4)
    with pytest.raises(
        DataError, match="D041 training rows: 1, a network needs at least two; add structures"
    ):
        list(SmallCnn().fit(table.select([0]), table, context(tmp_path)))


def test_damaged_checkpoint_is_not_resumed(tmp_path):
    table = planted_images(8)
    training = SmallCnn(**SMALL).fit(table, table, context(tmp_path))
    next(training)
    (weights,) = tmp_path.glob("*.safetensors")
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    said = []
    records = list(SmallCnn(**SMALL).fit(table, table, context(tmp_path, log=said.append)))
    assert [r["epoch"] for r in records] == [1, 2, 3, 4, 5, 6]
    assert any("starting over" in text for text in said)


def test_unknown_validation_label_is_left_out(tmp_path):
    table = planted_images(8)
    other = Table.of([Row("x", "elsewhere"), *table.rows[1:]], image=table.stack("image"))
    records = list(SmallCnn(**SMALL).fit(table, other, context(tmp_path)))
    assert all(np.isfinite(record["valid_loss"]) for record in records)


def test_predictions_and_features_come_in_one_pass(tmp_path):
    table = planted_images(40)  # more than are run at once
    model = SmallCnn(**SMALL)
    list(model.fit(table, table, context(tmp_path)))
    predicted, features = model.predict_with_features(table)
    assert np.array_equal(predicted, model.predict(table))
    assert np.array_equal(features, model.features(table))
    assert len(features) == 40
    predicted, features = model.predict_with_features(table.select([]))
    assert predicted.shape == (0, 2) and len(features) == 0
