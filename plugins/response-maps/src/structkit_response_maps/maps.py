"""Attentive response maps: from the strongest filters of a layer back down to the image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import conv_transpose2d, interpolate

from structkit import Problem, StructkitError, Table
from structkit_response_maps.settings import ResponseMapSettings


class Convolutional(Protocol):
    """A model that offers `convolutions`: `network.features` is a Sequential of Conv2d, ReLU and MaxPool2d."""

    network: Any

    def collate(self, table: Table, rows: Sequence[int]) -> Tensor: ...


class ResponseMaps:
    """Attentive response maps (Ziletti et al., Nature Communications 9, 2775 (2018), and Kumar et al. (2017)).

    For a convolution layer, the filters with the largest summed activation are taken, of each its strongest pixel, and
    that is carried back to the image by transposed convolutions. One map per layer has the image's shape.

    Args:
        **settings: the words of `ResponseMapSettings`.
    """

    def __init__(self, **settings: Any) -> None:
        self.settings = ResponseMapSettings(**settings)

    def explain(self, model: Convolutional, features: Table) -> Iterator[dict[str, NDArray[Any]]]:
        """Maps of every row, in order.

        Yields:
            `response`: float32 (layers, channels, height, width), the sum over filters of each layer's maps;
            `layers`: int64 (layers,), which layers; `filters`: int64 (layers, filters), −1 where a layer has fewer;
            with `per_filter` also `response_per_filter`: (layers, filters, channels, height, width).
        """
        layers = self._layers(model.network.features)
        for row in range(len(features)):
            image = model.collate(features, [row])
            with torch.no_grad():
                yield self._explain(model.network.features, image, layers)

    def _layers(self, features: nn.Sequential) -> list[int]:
        count = sum(isinstance(module, nn.Conv2d) for module in features)
        layers = list(range(count)) if self.settings.layers is None else list(self.settings.layers)
        if bad := [layer for layer in layers if not 0 <= layer < count]:
            message = f"layer {bad[0]}: the model has convolution layers 0 to {count - 1}"
            raise StructkitError(Problem("Y012", message, fix="change layers"))
        return layers

    def _explain(self, features: nn.Sequential, image: Tensor, layers: Sequence[int]) -> dict[str, NDArray[Any]]:
        activations = forward(features, image)
        places = [i for i, module in enumerate(features) if isinstance(module, nn.Conv2d)]
        chosen, maps = [], []
        for layer in layers:
            strongest = strongest_filters(activations[places[layer] + 1], self.settings.filters)
            chosen.append(strongest + [-1] * (self.settings.filters - len(strongest)))
            found = torch.cat([response_map(features, activations, places[layer], k) for k in strongest])
            maps.append(np.pad(found.numpy(), [(0, self.settings.filters - len(found)), *[(0, 0)] * 3]))
        stacked = np.stack(maps).astype(np.float32)
        result = {"response": stacked.sum(axis=1), "layers": np.array(layers), "filters": np.array(chosen)}
        return {**result, "response_per_filter": stacked} if self.settings.per_filter else result


def forward(features: nn.Sequential, image: Tensor) -> list[Tensor]:
    """The output of every module for one image, (1, channels, height, width) each."""
    outputs = []
    for module in features:
        image = module(image)
        outputs.append(image)
    return outputs


def strongest_filters(activation: Tensor, count: int) -> list[int]:
    """Filters with the largest summed activation, strongest first; equals in the order of their numbers."""
    total = activation.sum(dim=(0, 2, 3)).numpy()
    return [int(k) for k in np.argsort(-total, kind="stable")[:count]]


def response_map(features: nn.Sequential, activations: Sequence[Tensor], place: int, filter_number: int) -> Tensor:
    """The map of one filter: its strongest pixel carried back to the image.

    Going down, a convolution becomes the transposed convolution with its own filters; below each layer the signal is
    zeroed where that layer's activation was ≤ 0 and passed through a ReLU; pooling is undone by repeating pixels.
    The image itself is no layer: signs survive there.

    Args:
        features: Conv2d, each followed by ReLU, with MaxPool2d between.
        activations: output of every module, from `forward`.
        place: index in `features` of the convolution.
        filter_number: which of its filters.

    Returns:
        (1, channels, height, width); zero everywhere for a filter with no activation.
    """
    signal = _strongest_pixel(activations[place + 1], filter_number)
    for index in range(place, -1, -1):
        module = features[index]
        if isinstance(module, nn.ReLU):
            signal = torch.relu(signal) * (activations[index] > 0)
        elif isinstance(module, nn.MaxPool2d):
            signal = interpolate(signal, size=activations[index - 1].shape[-2:], mode="nearest")
        elif isinstance(module, nn.Conv2d):
            signal = conv_transpose2d(signal, module.weight, stride=module.stride, padding=_padding(module))
    return signal


def _padding(module: nn.Conv2d) -> tuple[int, int]:
    if isinstance(module.padding, str):
        raise ValueError("convolutions with padding given in words are not supported")
    return module.padding[0], module.padding[1]


def _strongest_pixel(activation: Tensor, filter_number: int) -> Tensor:
    """The activation with everything zeroed but the strongest pixel of one filter."""
    plane = activation[0, filter_number]
    kept = torch.zeros_like(activation)
    place = int(plane.argmax())
    kept[0, filter_number].view(-1)[place] = plane.reshape(-1)[place]
    return kept
