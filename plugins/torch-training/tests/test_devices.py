"""A model moves to a device that is there, and says so of one that is not."""

import numpy as np
import pytest

from structkit import RunContext
from structkit.errors import SpecError
from structkit.testing import planted_images
from structkit_torch_training.devices import available
from structkit_torch_training.testing import SmallCnn, small_cnn

NOT_HERE = "cuda:999"


def test_the_processor_is_always_there_and_a_thousand_cards_are_not():
    assert available("cpu") and not available(NOT_HERE) and not available("abacus")


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_predictions_are_those_of_the_processor(device):
    if not available(device):
        pytest.skip("no such device here")
    table = planted_images(4)
    model = small_cnn(table)
    before = model.predict(table)
    assert model.to(device) is model
    assert {parameter.device.type for parameter in model.network.parameters()} == {device}
    assert np.allclose(model.predict(table), before, atol=1e-5)


def test_a_device_that_is_not_there_is_refused_in_words(tmp_path):
    table = planted_images(4)
    with pytest.raises(
        SpecError, match="--device: Y012 device .cuda:999. is not available here; use cpu"
    ):
        small_cnn(table).to(NOT_HERE)
    context = RunContext(1, np.random.default_rng(1), tmp_path, device=NOT_HERE)
    with pytest.raises(SpecError, match="Y012"):
        next(SmallCnn(batch_size=4).fit(table, table, context))


def test_an_untrained_model_has_nothing_to_move():
    with pytest.raises(ValueError, match="not trained"):
        SmallCnn().to("cpu")
