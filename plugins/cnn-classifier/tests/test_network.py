"""The paper's network, and what it refuses."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from structkit import DataError, RunContext, Table
from structkit.testing import planted_images
from structkit_cnn_classifier import CnnClassifier, DisorderCnn
from structkit_cnn_classifier.augmentation import shown_otherwise
from structkit_cnn_classifier.network import Network
from structkit_cnn_classifier.settings import CnnSettings, DisorderSettings


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


def periodic(**settings):
    """A network that was never trained, for images whose edges meet."""
    torch.manual_seed(1)
    chosen = DisorderSettings(filters=((6,), (6,)), kernels=(5, 3), padding="periodic", **settings)
    return Network(chosen, (1, 16, 16), 2).eval()


def test_with_periodic_padding_and_the_mean_it_does_not_matter_where_a_thing_is():
    image = torch.rand(1, 1, 16, 16)
    moved = torch.roll(image, (4, -6), dims=(2, 3))  # by pixels that both strides divide
    assert torch.allclose(periodic()(image), periodic()(moved), atol=1e-6)
    assert not torch.allclose(periodic()(image), periodic()(image.flip(2)), atol=1e-6)
    torch.manual_seed(1)
    flat = Network(CnnSettings(filters=((6,), (6,))), (1, 16, 16), 2).eval()
    assert not torch.allclose(flat(image), flat(moved), atol=1e-3), (
        "the crystals' network knows places"
    )


def test_the_mean_of_a_box_is_that_of_four_boxes_side_by_side():
    """So windows may be learnt, and whole boxes asked about, at one scale."""
    image = torch.rand(1, 1, 16, 16)
    assert torch.allclose(periodic()(image), periodic()(image.repeat(1, 1, 2, 2)), atol=1e-6)


@pytest.mark.parametrize("pooling", ["flatten", "mean"])
@pytest.mark.parametrize("halving", ["pool", "stride"])
def test_images_with_an_odd_edge_pass(pooling, halving):
    settings = CnnSettings(filters=((2,), (2,), (2,)), pooling=pooling, halving=halving, dense=None)
    assert Network(settings, (1, 13, 18), 3)(torch.zeros(2, 1, 13, 18)).shape == (2, 3)


def test_images_shown_otherwise_hold_the_same_pixels_and_come_in_all_eight_ways():
    image = torch.arange(9.0).reshape(1, 1, 3, 3)
    shown = shown_otherwise(
        image.repeat(200, 1, 1, 1), np.random.default_rng(0), ("turn", "mirror")
    )
    assert torch.equal(shown.flatten(1).sort(dim=1).values, image.flatten(1).repeat(200, 1))
    assert len({tuple(one.flatten().tolist()) for one in shown}) == 8
    moved = shown_otherwise(image.repeat(200, 1, 1, 1), np.random.default_rng(0), ("shift",))
    assert len({tuple(one.flatten().tolist()) for one in moved}) == 9
    assert torch.equal(shown_otherwise(image, np.random.default_rng(0), ()), image)


def test_augmentation_changes_what_is_learnt_and_repeats_itself(tmp_path):
    table = planted_images(16)

    def trained(augment, name):
        folder = tmp_path / name
        folder.mkdir()
        model = DisorderCnn(filters=((4,), (4,)), kernels=(3, 3), epochs=2, augment=augment)
        list(model.fit(table, table, context(folder)))
        return model.predict(table)

    turned = trained(("turn", "mirror"), "a")
    assert np.array_equal(turned, trained(("turn", "mirror"), "b"))
    assert not np.array_equal(turned, trained((), "c"))


def test_images_that_are_no_squares_are_not_turned(tmp_path):
    table = planted_images(8)
    wide = Table.of(table.rows, image=table.stack("image")[:, :, :8])
    with pytest.raises(DataError, match="S016 images of 8 by .* pixels cannot be turned"):
        list(DisorderCnn().fit(wide, wide, context(tmp_path)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kernel_size": 4},
        {"dropout": 1.2},
        {"epochs": 0},
        {"filters": ((),)},
        {"kernels": (3, 3)},
        {"kernels": (3, 3, 3, 3, 3, 4)},
        {"augment": ("blur",)},
    ],
)
def test_refuses_wrong_settings(wrong):
    with pytest.raises(ValidationError):
        CnnClassifier(**wrong)


def test_patience_asks_for_the_best_epoch():
    with pytest.raises(ValidationError, match="keep: best goes with it"):
        DisorderSettings(patience=3)
    assert DisorderSettings(patience=3, keep="best").patience == 3
