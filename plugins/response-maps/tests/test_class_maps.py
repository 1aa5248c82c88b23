"""Class-specific maps against networks whose gradients are known."""

import numpy as np
import torch
from torch import nn

from structkit.evaluation.faithfulness import deletion, relevance, summary
from structkit.testing import planted_images
from structkit_response_maps import ResponseMaps, grad_cam, gradient_x_input, integrated_gradients
from structkit_torch_training.testing import small_cnn


def linear(weight):
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    layer.weight.data = weight
    return nn.Sequential(nn.Flatten(), layer).eval()


def test_of_a_linear_network_both_gradients_are_weight_times_input():
    torch.manual_seed(1)
    weight, image = torch.randn(3, 2 * 4 * 4), torch.rand(1, 2, 4, 4).requires_grad_()
    expected = (weight[2] * image.flatten()).reshape(2, 4, 4).sum(dim=0).detach().numpy()
    assert np.allclose(gradient_x_input(linear(weight), image, 2), expected, atol=1e-6)
    assert np.allclose(integrated_gradients(linear(weight), image, 2, 4), expected, atol=1e-5)


def test_integrated_gradients_are_complete():
    table = planted_images(4)
    model = small_cnn(table)
    image = model.collate(table, [0]).requires_grad_()
    with torch.no_grad():
        rise = (model.network(image) - model.network(torch.zeros_like(image)))[0, 1]
    assert np.isclose(
        integrated_gradients(model.network, image, 1, 200).sum(), float(rise), rtol=0.02
    )


def test_grad_cam_weighs_feature_maps_by_their_mean_gradient():
    features = nn.Sequential(nn.Conv2d(1, 2, 1, bias=False), nn.ReLU())
    features[0].weight.data = torch.tensor([[[[1.0]]], [[[2.0]]]])
    # gradients 3 and −1 everywhere
    head = torch.cat([torch.full((1, 16), 3.0), torch.full((1, 16), -1.0)], dim=1)
    network = nn.Sequential(features, linear(head)).eval()
    image = torch.rand(1, 1, 4, 4).requires_grad_()
    expected = (3 * 1 - 1 * 2) * image[0, 0].detach().numpy()
    assert np.allclose(grad_cam(network, features[1], image, 0), expected, atol=1e-5)


def test_gradients_pass_the_tests_on_planted_evidence_and_only_asked_methods_are_made():
    table = planted_images(12)
    model, explainer = small_cnn(table), ResponseMaps(methods=["gradient-x-input"])
    blind = model.with_random_weights(5)
    maps = zip(explainer.explain(model, table), explainer.explain(blind, table), strict=True)
    rng = np.random.default_rng(0)
    found = [
        deletion(explainer, model, table.select([i]), relevance(a), relevance(b), rng)
        for i, (a, b) in enumerate(maps)
    ]
    result = summary(found)
    assert (
        list(result["methods"]) == ["gradient_x_input"]
        and result["methods"]["gradient_x_input"]["passed"]
    )
