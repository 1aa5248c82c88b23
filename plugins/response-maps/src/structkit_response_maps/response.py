"""Attentive response maps: from the strongest filters of a layer back down to the image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import conv_transpose2d, interpolate


def forward(features: nn.Sequential, image: Tensor) -> list[Tensor]:
    """The output of every module for one image, (1, channels, height, width) each."""
    outputs = []
    for module in features:
        image = module(image)
        outputs.append(image)
    return outputs


def strongest_filters(activation: Tensor, count: int) -> list[int]:
    """Filters with the largest summed activation, strongest first; equals in the order of their numbers."""
    total = activation.sum(dim=(0, 2, 3)).cpu().numpy()
    return [int(k) for k in np.argsort(-total, kind="stable")[:count]]


def response_map(
    features: nn.Sequential, activations: Sequence[Tensor], place: int, filter_number: int
) -> Tensor:
    """The map of one filter: its strongest pixel carried back to the image.

    Going down, a convolution becomes the transposed convolution with its own filters; below each
    layer the signal is zeroed where that layer's activation was ≤ 0 and passed through a ReLU;
    pooling is undone by repeating pixels; a batch norm, linear once it is learnt, multiplies on the
    way down as on the way up.
    The image itself is no layer: signs survive there.

    Args:
        features: Conv2d, each followed by ReLU (with BatchNorm2d before it or not), with MaxPool2d between.
        activations: output of every module, from `forward`.
        place: index in `features` of the convolution.
        filter_number: which of its filters.

    Returns:
        (1, channels, height, width); zero everywhere for a filter with no activation.
    """
    answer = answer_of(features, place)
    signal = _strongest_pixel(activations[answer], filter_number)
    for index in range(answer - 1, -1, -1):
        module = features[index]
        if isinstance(module, nn.ReLU):
            signal = torch.relu(signal) * (activations[index] > 0)
        elif isinstance(module, nn.MaxPool2d):
            signal = interpolate(signal, size=activations[index - 1].shape[-2:], mode="nearest")
        elif isinstance(module, nn.BatchNorm2d):
            signal = signal * _slope(module)
        elif isinstance(module, nn.Conv2d):
            signal = _transposed(module, signal, activations[index - 1] if index else None)
    return signal


def answer_of(features: nn.Sequential, place: int) -> int:
    """The index in `features` of the ReLU that follows a convolution."""
    return next(i for i in range(place, len(features)) if isinstance(features[i], nn.ReLU))


def _slope(norm: nn.BatchNorm2d) -> Tensor:
    """What a learnt norm multiplies each channel by, (1, channels, 1, 1)."""
    if norm.running_var is None:
        raise ValueError("batch norms without running averages are not supported")
    slope = torch.rsqrt(norm.running_var + norm.eps)
    if norm.affine:
        slope = slope * norm.weight
    return slope[None, :, None, None]


def _transposed(module: nn.Conv2d, signal: Tensor, below: Tensor | None) -> Tensor:
    """The transposed convolution; with a stride or around a periodic edge as the adjoint of what comes from below."""
    plain = module.stride == (1, 1) and module.padding_mode == "zeros"
    if plain or below is None:
        return conv_transpose2d(
            signal, module.weight, stride=module.stride, padding=_padding(module)
        )
    adjoint = torch.func.vjp(module, torch.zeros_like(below))[1]
    result: Tensor = adjoint(signal)[0]
    return result


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
