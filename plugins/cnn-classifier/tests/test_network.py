"""The paper's network, and what it refuses."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from structkit import DataError, RunContext, Table
from structkit.testing import planted_images
from structkit_cnn_classifier import CnnClassifier
from structkit_cnn_classifier.network import Network
from structkit_cnn_classifier.settings import CnnSettings


def context(folder, seed=1):
    return RunContext(
        seed=seed, rng=np.random.default_rng(seed), scratch=folder, log=lambda text: None
    )


def test_default_network_is_the_papers():
    network = Network(CnnSettings(), (3, 64, 64), 7)
    values = [v for name, v in network.state_dict().items() if "num_batches" not in name]
    assert sum(v.numel() for v in values) == 365_719
    assert network(torch.zeros(2, 3, 64, 64)).shape == (2, 7)


def test_weights_start_orthogonal():
    weight = next(Network(CnnSettings(), (3, 64, 64), 7).parameters()).detach().flatten(1)
    assert torch.allclose(weight @ weight.T, torch.eye(32), atol=1e-5)


def test_images_too_small_for_the_pooling_are_refused(tmp_path):
    table = planted_images(8)
    tiny = Table.of(table.rows, image=table.stack("image")[:, :, :2, :2])
    with pytest.raises(DataError, match="S016"):
        list(CnnClassifier(batch_size=4).fit(tiny, tiny, context(tmp_path)))


@pytest.mark.parametrize(
    "wrong", [{"kernel_size": 4}, {"dropout": 1.2}, {"epochs": 0}, {"filters": ((),)}]
)
def test_refuses_wrong_settings(wrong):
    with pytest.raises(ValidationError):
        CnnClassifier(**wrong)
