"""The explainer: attentive response maps, and the class-specific maps beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from structkit import Problem, StructkitError, Table
from structkit.library import component, configured
from structkit_response_maps.class_maps import grad_cam, gradient_x_input, integrated_gradients
from structkit_response_maps.response import (
    answer_of,
    forward,
    response_map,
    strongest_filters,
)
from structkit_response_maps.settings import ResponseMapSettings


class Convolutional(Protocol):
    """A model that offers `convolutions` and `gradients`.

    `network` maps images to logits; `network.features`, its first part, is a Sequential of Conv2d,
    BatchNorm2d, ReLU and MaxPool2d.
    """

    network: Any

    def collate(self, table: Table, rows: Sequence[int]) -> Tensor:
        """Rows of a table as the network's input."""


@component
class ResponseMaps:
    r"""Attentive response maps (Ziletti et al., Nature Communications 9, 2775 (2018), and Kumar et al. (2017)).

    For a convolution layer, the filters with the largest summed activation are taken, of each its
    strongest pixel, and that is carried back to the image by transposed convolutions; below each
    layer the signal is zeroed where that layer's activation was not positive. Pooling is undone by
    repeating pixels. One map per layer, the sum over its filters, has the image's shape. Beside
    them, as they belong to no class, stand maps for the class c that the network predicts, by
    captum: gradient × input, integrated gradients and Grad-CAM,

    $$
    R_i = x_i \frac{\partial y_c}{\partial x_i}, \qquad
    R_i = x_i \int_0^1 \frac{\partial y_c(\alpha x)}{\partial x_i}\, d\alpha
    $$

    Each map with one number a pixel is tested by the core. On fingerprints the response map is
    hardly better than that of a network with random weights, and no better than the brightest
    pixels; the class-specific ones pass.

    Args:
        settings: the words of `ResponseMapSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit import Row, Table, train
        >>> from structkit_cnn_classifier import CnnClassifier
        >>> from structkit_response_maps import ResponseMaps
        >>> images = np.random.default_rng(0).random((8, 3, 16, 16), dtype=np.float32)
        >>> table = Table.of([Row(f"row {i}", label="ab"[i % 2]) for i in range(8)], image=images)
        >>> model = CnnClassifier(epochs=2, batch_size=4, filters=((8,), (8,)))
        >>> records = train(model, table, seed=1)
        >>> maps = next(ResponseMaps(filters=4).explain(model, table))
        >>> maps["response"].shape, maps["relevance_integrated_gradients"].shape
        ((2, 3, 16, 16), (16, 16))
    """

    @configured(ResponseMapSettings)
    def __init__(self, settings: ResponseMapSettings) -> None:
        self.settings = settings

    def explain(self, model: Convolutional, features: Table) -> Iterator[dict[str, NDArray[Any]]]:
        """Maps of every row, in order.

        Yields:
            `response`: float32 (layers, channels, height, width), the sum over filters of each
                layer's maps;
            `layers`: int64 (layers,), which layers; `filters`: int64 (layers, filters), −1 where a
                layer has fewer;
            with `per_filter` also `response_per_filter`: (layers, filters, channels, height,
                width);
            `relevance_response`, `relevance_grad_cam` and so on, one for each of `methods`: float32
                (height, width).
        """
        layers = self._layers(model.network.features)
        device = next(model.network.parameters()).device
        for row in range(len(features)):
            image = model.collate(features, [row]).to(device).requires_grad_(True)
            with torch.no_grad():
                response = self._response(model.network.features, image, layers)
            yield {**response, **self._relevance(model.network, image, response["response"][-1])}

    def strength(self, inputs: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        """How bright each pixel of the image is, (height, width): what there is to delete."""
        return np.asarray(np.abs(inputs["image"]).sum(axis=0))

    def without(
        self, inputs: Mapping[str, NDArray[Any]], deleted: NDArray[np.bool_]
    ) -> dict[str, NDArray[Any]]:
        """The inputs of a row with some pixels (height, width) of the image dark."""
        return {
            **inputs,
            "image": np.where(deleted, 0, inputs["image"]).astype(inputs["image"].dtype),
        }

    def _relevance(
        self, network: Any, image: Tensor, deepest: NDArray[Any]
    ) -> dict[str, NDArray[np.float32]]:
        """One number a pixel by every method: the deepest response map, and the maps of the predicted class."""
        with torch.no_grad():
            target = int(network(image).argmax())
        last = [module for module in network.features if isinstance(module, nn.ReLU)][-1]
        methods: dict[str, Callable[[], NDArray[np.float32]]] = {
            "response": lambda: np.clip(deepest, 0, None).sum(axis=0),
            "gradient-x-input": lambda: gradient_x_input(network, image, target),
            "integrated-gradients": lambda: integrated_gradients(
                network, image, target, self.settings.steps
            ),
            "grad-cam": lambda: grad_cam(network, last, image, target),
        }
        return {
            f"relevance_{name.replace('-', '_')}": methods[name]() for name in self.settings.methods
        }

    def _layers(self, features: nn.Sequential) -> list[int]:
        count = sum(isinstance(module, nn.Conv2d) for module in features)
        layers = list(range(count)) if self.settings.layers is None else list(self.settings.layers)
        if bad := [layer for layer in layers if not 0 <= layer < count]:
            message = f"layer {bad[0]}: the model has convolution layers 0 to {count - 1}"
            raise StructkitError(Problem("Y012", message, fix="change layers"))
        return layers

    def _response(
        self, features: nn.Sequential, image: Tensor, layers: Sequence[int]
    ) -> dict[str, NDArray[Any]]:
        activations = forward(features, image)
        places = [i for i, module in enumerate(features) if isinstance(module, nn.Conv2d)]
        chosen, maps = [], []
        for layer in layers:
            answer = activations[answer_of(features, places[layer])]
            strongest = strongest_filters(answer, self.settings.filters)
            chosen.append(strongest + [-1] * (self.settings.filters - len(strongest)))
            found = torch.cat(
                [response_map(features, activations, places[layer], k) for k in strongest]
            )
            maps.append(
                np.pad(
                    found.cpu().numpy(), [(0, self.settings.filters - len(found)), *[(0, 0)] * 3]
                )
            )
        stacked = np.stack(maps).astype(np.float32)
        result = {
            "response": stacked.sum(axis=1),
            "layers": np.array(layers),
            "filters": np.array(chosen),
        }
        return {**result, "response_per_filter": stacked} if self.settings.per_filter else result
