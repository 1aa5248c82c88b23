"""The maps against algebra worked by hand."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d, conv_transpose2d

from structkit import StructkitError
from structkit.testing import planted_images
from structkit_response_maps import ResponseMaps, response_map
from structkit_response_maps.picture import picture
from structkit_response_maps.response import forward, strongest_filters
from structkit_torch_training.testing import small_cnn


def one_layer(weight):
    conv = nn.Conv2d(1, len(weight), 3, padding=1, bias=False)
    conv.weight.data = weight
    return nn.Sequential(conv, nn.ReLU())


@torch.no_grad()
def test_one_layer_gives_the_filter_at_the_strongest_pixel():
    weight = torch.arange(9.0).reshape(1, 1, 3, 3) - 3
    image = torch.zeros(1, 1, 9, 9)
    image[0, 0, 4, 5] = 2.0
    features = one_layer(weight)
    activations = forward(features, image)
    # the response is strongest where the largest weight meets the bright pixel: one row and column before it
    assert int(activations[1][0, 0].argmax()) == 3 * 9 + 4
    expected = torch.zeros(9, 9)
    expected[2:5, 3:6] = weight[0, 0] * activations[1].max()
    assert torch.allclose(response_map(features, activations, 0, 0)[0, 0], expected)


@torch.no_grad()
def test_filter_without_activation_gives_a_zero_map():
    features = one_layer(-torch.ones(1, 1, 3, 3))
    activations = forward(features, torch.rand(1, 1, 8, 8))
    assert not response_map(features, activations, 0, 0).any()


@torch.no_grad()
def test_transposed_convolution_is_the_adjoint():
    weight, x, y = torch.randn(5, 3, 7, 7), torch.randn(1, 3, 16, 16), torch.randn(1, 5, 16, 16)
    left = (conv2d(x, weight, padding=3) * y).sum()
    right = (x * conv_transpose2d(y, weight, padding=3)).sum()
    assert torch.allclose(left, right, rtol=1e-4)


@torch.no_grad()
def test_signal_stops_where_the_layer_below_was_silent():
    torch.manual_seed(0)
    features = nn.Sequential(
        nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.Conv2d(2, 2, 3, padding=1), nn.ReLU()
    )
    features[0].bias.data.fill_(-100.0)  # nothing passes the first layer
    features[2].bias.data.fill_(1.0)
    activations = forward(features, torch.rand(1, 1, 8, 8))
    assert activations[3].any()
    assert not response_map(features, activations, 2, 0).any()


@torch.no_grad()
def test_strongest_filters_are_by_summed_activation():
    activation = torch.zeros(1, 3, 4, 4)
    activation[0, 0, 0, 0], activation[0, 2] = 5.0, 1.0
    assert strongest_filters(activation, 2) == [2, 0]


def test_arrays_have_the_promised_shapes():
    table = planted_images(4)
    (first, *_) = ResponseMaps(filters=3, per_filter=True).explain(small_cnn(table), table)
    assert first["response"].shape == (2, 3, 16, 16) and first["response"].dtype == np.float32
    assert first["response_per_filter"].shape == (2, 3, 3, 16, 16)
    assert np.allclose(first["response_per_filter"].sum(axis=1), first["response"], atol=1e-5)
    assert first["filters"].shape == (2, 3) and list(first["layers"]) == [0, 1]


def test_layer_with_fewer_filters_is_padded():
    table = planted_images(2)
    (first, *_) = ResponseMaps(filters=20, layers=(0,), per_filter=True).explain(
        small_cnn(table), table
    )
    assert list(first["filters"][0][8:]) == [-1] * 12
    assert not first["response_per_filter"][0, 8:].any()


def test_layer_that_is_not_there_is_refused():
    table = planted_images(2)
    with pytest.raises(StructkitError, match="layer 7: the model has convolution layers 0 to 1"):
        list(ResponseMaps(layers=(7,)).explain(small_cnn(table), table))


def test_picture_is_black_where_there_is_no_response():
    pixels = picture(
        {"response": np.stack([np.eye(8)[None].repeat(3, 0), np.zeros((3, 8, 8))])}
    ).pixels
    assert pixels.shape == (8, 8, 3) and pixels.dtype == np.uint8 and not pixels.any()


def test_a_strided_convolution_behind_a_norm_goes_down_as_its_adjoint():
    """⟨A x, y⟩ = ⟨x, Aᵀ y⟩ for all that is linear; where every activation is positive no ReLU cuts."""
    torch.manual_seed(2)
    first = nn.Conv2d(1, 1, 1, bias=False)
    first.weight.data.fill_(1.0)
    second = nn.Conv2d(1, 2, 3, 2, padding=1, padding_mode="circular", bias=False)
    second.weight.data.abs_()
    norm = nn.BatchNorm2d(2)
    norm.running_var.fill_(4.0)
    features = nn.Sequential(first, nn.ReLU(), second, norm, nn.ReLU()).eval()
    image = torch.rand(1, 1, 8, 8) + 0.1
    with torch.no_grad():
        activations = forward(features, image)
        found = response_map(features, activations, 2, 1)
    strongest = float(activations[4][0, 1].max())
    assert float((found * image).sum()) == pytest.approx(strongest**2, rel=1e-4)
