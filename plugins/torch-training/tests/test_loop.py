"""The shared loop: the learning rate falls as it is told, and batch norms know the whole training part."""

import numpy as np
import pytest
import torch
from torch import nn

from structkit import Row, RunContext, Table
from structkit_torch_training import ClassObjective, Learner, TrainingSettings


def table(rows=24):
    x = np.random.default_rng(0).normal(size=(rows, 3)).astype(np.float32) + 5
    return Table.of([Row(f"r{i}", "ab"[i % 2], f"g{i}") for i in range(rows)], x=x)


def learner(tmp_path, **settings):
    torch.manual_seed(0)
    network = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Linear(3, 2))
    context = RunContext(1, np.random.default_rng(1), tmp_path)
    known = TrainingSettings(**{"epochs": 4, "batch_size": 8, **settings})
    return Learner(
        network,
        lambda t, rows: torch.from_numpy(t.stack("x", rows)),
        ClassObjective(("a", "b")),
        known,
        context,
    )


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_learning_rate_follows_the_schedule(tmp_path, schedule):
    one, rates = learner(tmp_path, schedule=schedule, learning_rate=0.4), []
    for _ in one.fit(table(), table(4)):
        rates.append(one.optimizer.param_groups[0]["lr"])
    falling = [0.4, 0.2 * (1 + 0.5**0.5), 0.2, 0.2 * (1 - 0.5**0.5)]
    assert rates == pytest.approx([0.4] * 4 if schedule == "constant" else falling)


def test_exact_norms_are_those_of_the_training_part(tmp_path):
    usual, exact = (learner(tmp_path / str(on), epochs=1, exact_norms=on) for on in (False, True))
    for one in (usual, exact):
        (tmp_path / str(one is exact)).mkdir()
        list(one.fit(table(), table(4)))
    mean = torch.from_numpy(table().stack("x")).mean(dim=0)
    assert torch.allclose(exact.network[0].running_mean, mean, atol=1e-5)
    assert not torch.allclose(usual.network[0].running_mean, mean, atol=0.1), (
        "running averages lag behind"
    )
    assert exact.network[0].momentum == usual.network[0].momentum
    assert not any(module.training for module in exact.network.modules())


def test_exact_norms_weigh_every_row_alike(tmp_path):
    # three batches of 8, and one of 2
    one, rows = (
        learner(tmp_path, epochs=1, exact_norms=True),
        table(26),
    )
    list(one.fit(rows, table(4)))
    assert torch.allclose(
        one.network[0].running_mean, torch.from_numpy(rows.stack("x")).mean(dim=0), atol=1e-5
    )


def test_exact_norms_do_not_depend_on_the_order_of_the_rows(tmp_path):
    """Sources give a class after the other: batches in that order would hold one each, and vary far less than all."""
    x = (
        np.random.default_rng(0).normal(size=(240, 3)).astype(np.float32)
        + np.repeat([0, 9], 120)[:, None]
    )
    rows = [Row(f"r{i}", "ab"[i // 120], f"g{i}") for i in range(240)]
    one = learner(tmp_path, epochs=1, batch_size=40, exact_norms=True)
    list(one.fit(Table.of(rows, x=x.astype(np.float32)), table(4)))
    assert torch.allclose(
        one.network[0].running_var, torch.from_numpy(x).var(dim=0).float(), rtol=0.1
    )
