"""The paper's network, its training, and what it refuses."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from structkit import DataError, Row, RunContext, StructkitError, Table
from structkit.testing import planted_images
from structkit_cnn_classifier import CnnClassifier
from structkit_cnn_classifier.network import Network
from structkit_cnn_classifier.settings import CnnSettings

SMALL = {"filters": ((4,),), "kernel_size": 3, "dense": 8, "epochs": 6, "batch_size": 4, "dropout": 0.0}


def context(folder, seed=1):
    return RunContext(seed=seed, rng=np.random.default_rng(seed), scratch=folder, log=lambda text: None)


def test_default_network_is_the_papers():
    network = Network(CnnSettings(), (3, 64, 64), 7)
    values = [v for name, v in network.state_dict().items() if "num_batches" not in name]
    assert sum(v.numel() for v in values) == 365_719
    assert network(torch.zeros(2, 3, 64, 64)).shape == (2, 7)


def test_weights_start_orthogonal():
    weight = next(Network(CnnSettings(), (3, 64, 64), 7).parameters()).detach().flatten(1)
    assert torch.allclose(weight @ weight.T, torch.eye(32), atol=1e-5)


def test_best_epoch_is_kept_and_not_the_last(tmp_path):
    train = planted_images(16)
    wrong = [Row(r.id, {"left": "right", "right": "left"}[r.label], r.group) for r in train.rows]
    valid = Table.of(wrong, image=train.stack("image"))  # the better it learns, the worse this becomes
    model = CnnClassifier(**SMALL)
    losses = [record["valid_loss"] for record in model.fit(train, valid, context(tmp_path))]
    assert losses.index(min(losses)) < len(losses) - 1
    truth = np.array([model.classes.index(label) for label in valid.labels])
    kept = -np.log(model.predict(valid)[np.arange(len(valid)), truth]).mean()
    assert kept == pytest.approx(min(losses), rel=1e-3)


def test_patience_stops_early(tmp_path):
    train = planted_images(16)
    swapped = [Row(r.id, {"left": "right", "right": "left"}[r.label], r.group) for r in train.rows]
    valid = Table.of(swapped, image=train.stack("image"))
    records = list(CnnClassifier(**{**SMALL, "epochs": 50, "patience": 2}).fit(train, valid, context(tmp_path)))
    assert len(records) < 50


def test_training_stops_at_the_first_loss_that_is_not_finite(tmp_path):
    table = planted_images(16)
    images = table.stack("image")
    images[3] = np.inf
    bad = Table.of(table.rows, image=images)
    with pytest.raises(StructkitError, match="P012 loss is nan in epoch 1"):
        list(CnnClassifier(**SMALL).fit(bad, bad, context(tmp_path)))


def test_batch_larger_than_the_data_is_refused(tmp_path):
    table = planted_images(8)
    with pytest.raises(DataError, match="D041 batch_size 32 > 8"):
        list(CnnClassifier().fit(table, table, context(tmp_path)))


def test_images_too_small_for_the_pooling_are_refused(tmp_path):
    table = planted_images(8)
    tiny = Table.of(table.rows, image=table.stack("image")[:, :, :2, :2])
    with pytest.raises(DataError, match="S016"):
        list(CnnClassifier(batch_size=4).fit(tiny, tiny, context(tmp_path)))


def test_damaged_checkpoint_is_not_resumed(tmp_path):
    table = planted_images(8)
    training = CnnClassifier(**SMALL).fit(table, table, context(tmp_path))
    next(training)
    (weights,) = tmp_path.glob("*.safetensors")
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    said = []
    again = RunContext(seed=1, rng=np.random.default_rng(1), scratch=tmp_path, log=said.append)
    records = list(CnnClassifier(**SMALL).fit(table, table, again))
    assert [r["epoch"] for r in records] == [1, 2, 3, 4, 5, 6]
    assert any("starting over" in text for text in said)


def test_unknown_validation_label_is_left_out(tmp_path):
    table = planted_images(8)
    other = Table.of([Row("x", "elsewhere"), *table.rows[1:]], image=table.stack("image"))
    records = list(CnnClassifier(**SMALL).fit(table, other, context(tmp_path)))
    assert all(np.isfinite(record["valid_loss"]) for record in records)


@pytest.mark.parametrize("wrong", [{"kernel_size": 4}, {"dropout": 1.2}, {"epochs": 0}, {"filters": ((),)}])
def test_refuses_wrong_settings(wrong):
    with pytest.raises(ValidationError):
        CnnClassifier(**wrong)
