"""Several processes train one network together: the same objective, the same bytes, and no hang."""

import multiprocessing
import time

import numpy as np
import pytest
import torch
from torch import nn

from structkit import DataError, RunContext
from structkit.errors import StepError
from structkit.testing import planted_images
from structkit_torch_training.testing import SmallCnn

EPOCHS = 3


def images():
    return planted_images(23)  # the last batch is no multiple of two


def records(folder, processes, model=None):
    """Train step by step, one record an epoch."""
    folder.mkdir(exist_ok=True)
    context = RunContext(5, np.random.default_rng(5), folder, log=lambda text: None)
    model = model or SmallCnn(epochs=EPOCHS, batch_size=8, processes=processes)
    return model, model.fit(images(), images().select(range(5)), context)


def trained(folder, processes):
    model, fit = records(folder, processes)
    history = list(fit)
    return history, {name: w.clone() for name, w in model.network.state_dict().items()}


def test_two_processes_learn_what_one_does_and_repeat_themselves(tmp_path):
    alone, _ = trained(tmp_path / "alone", 1)
    history, weights = trained(tmp_path / "two", 2)
    again, same = trained(tmp_path / "again", 2)
    for one, two in zip(alone, history, strict=True):
        assert two == pytest.approx(one, rel=2e-4)
    assert again == history
    assert all(torch.equal(weights[name], same[name]) for name in weights)
    assert not multiprocessing.active_children()


def test_a_training_goes_on_where_it_stopped(tmp_path):
    history, weights = trained(tmp_path / "whole", 2)
    _, fit = records(tmp_path / "stopped", 2)
    next(fit)
    fit.close()
    model, fit = records(tmp_path / "stopped", 2)
    assert list(fit) == history
    assert all(torch.equal(weights[k], w) for k, w in model.network.state_dict().items())


def test_a_process_that_dies_ends_the_training(tmp_path):
    _, fit = records(tmp_path, 2, SmallCnn(epochs=200, batch_size=8, processes=2))
    next(fit)
    for child in multiprocessing.active_children():
        child.kill()
    start = time.monotonic()
    with pytest.raises(StepError, match="P025 of the processes that train together one is gone"):
        list(fit)
    assert time.monotonic() - start < 60
    assert not multiprocessing.active_children()


class Normed(SmallCnn):
    """The same with a batch norm."""

    def new_network(self):
        network = super().new_network()
        network.features.insert(1, nn.BatchNorm2d(8))
        return network


def test_batch_norms_know_the_whole_batch(tmp_path):
    settings = {"epochs": EPOCHS, "batch_size": 8, "exact_norms": True}
    one, fit = records(tmp_path / "one", 1, Normed(**settings))
    alone = list(fit)
    two, fit = records(tmp_path / "two", 2, Normed(**settings, processes=2))
    for expected, record in zip(alone, list(fit), strict=True):
        assert record == pytest.approx(expected, rel=2e-3)
    # weights are not compared: the bias before a norm does nothing, and follows rounding
    np.testing.assert_allclose(one.predict(images()), two.predict(images()), atol=2e-3)
    assert "forward" not in vars(two.network.features[1])


def test_every_process_needs_a_row(tmp_path):
    _, fit = records(tmp_path, 8, SmallCnn(batch_size=4, processes=8))
    with pytest.raises(DataError, match="D041 a batch of 4 rows for processes: 8; give each"):
        list(fit)


def test_more_gpus_than_there_are_are_refused():
    from structkit.errors import SpecError
    from structkit_torch_training.devices import available
    from structkit_torch_training.team import team_of

    if available("cuda:63"):
        pytest.skip("there are that many")
    with pytest.raises(SpecError, match="Y012 device 'cuda"), team_of(64, "cuda", print):
        pass
