"""The network: blocks of convolutions, positions made one vector, one number a class."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from structkit_cnn_classifier.settings import CnnSettings

# Keras's epsilon, as the paper's code used it; but not its momentum (0.01 here): with a few hundred steps the running
# averages would not have arrived, and every probability would come out far too low.
BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM = 1e-3, 0.1
FAINT = 1e-8
"""added to the variance of a mean over positions: between a liquid and its glass such means differ by a thousandth"""


class Network(nn.Module):
    """`features` maps (batch, channels, height, width) to feature maps, `head` those to logits (batch, classes)."""

    def __init__(self, settings: CnnSettings, image: tuple[int, int, int], classes: int) -> None:
        super().__init__()
        self.rough = settings.precision == "bf16"
        self.features = nn.Sequential(*_features(settings, image[0]))
        self.head = nn.Sequential(*_head(settings, image[1:], classes))
        self.apply(_orthogonal)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of a batch of images."""
        with torch.autocast(images.device.type, torch.bfloat16, enabled=self.rough):
            maps = self.features(images)
        logits: Tensor = self.head(maps.float())
        return logits


def _features(settings: CnnSettings, channels: int) -> Iterator[nn.Module]:
    around: Literal["zeros", "circular"] = "circular" if settings.padding == "periodic" else "zeros"
    edges = iter(settings.edges)
    for number, block in enumerate(settings.filters):
        halved = number > 0
        if halved and settings.halving == "pool":
            yield nn.MaxPool2d(2)
        for place, (before, after) in enumerate(pairwise((channels, *block))):
            stride = 2 if halved and settings.halving == "stride" and place == 0 else 1
            edge = next(edges)
            yield nn.Conv2d(before, after, edge, stride, padding=edge // 2, padding_mode=around)
            if settings.norms == "batch":
                yield nn.BatchNorm2d(after)
            yield nn.ReLU()
        channels = block[-1]


def _head(settings: CnnSettings, plane: tuple[int, int], classes: int) -> Iterator[nn.Module]:
    last = settings.filters[-1][-1]
    if settings.pooling == "mean":
        yield nn.AdaptiveAvgPool2d(1)
    yield nn.Dropout(settings.dropout)
    yield nn.Flatten()
    if settings.pooling == "mean" and settings.norms == "batch":
        yield nn.BatchNorm1d(last, eps=FAINT)
    width = last if settings.pooling == "mean" else last * _positions(settings, plane)
    if settings.dense is not None:
        yield nn.Linear(width, settings.dense)
        yield nn.ReLU()
        width = settings.dense
        yield nn.BatchNorm1d(width, eps=BATCH_NORM_EPSILON, momentum=BATCH_NORM_MOMENTUM)
    yield nn.Linear(width, classes)


def _positions(settings: CnnSettings, plane: tuple[int, int]) -> int:
    """Pixels of the last feature maps."""
    height, width = plane
    for _ in settings.filters[1:]:
        # pooling drops an odd last row; a stride keeps it
        rest = settings.halving == "stride"
        height, width = (height + rest) // 2, (width + rest) // 2
    return height * width


def _orthogonal(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.orthogonal_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
