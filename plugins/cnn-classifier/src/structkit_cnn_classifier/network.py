"""The network: blocks of convolutions with pooling between them, one dense layer, one number a class."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from torch import Tensor, nn

from structkit_cnn_classifier.settings import CnnSettings

# Keras's epsilon, as the paper's code used it; but not its momentum (0.01 here): with a few hundred steps the running
# averages would not have arrived, and every probability would come out far too low.
BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM = 1e-3, 0.1


class Network(nn.Module):
    """`features` maps (batch, channels, height, width) to feature maps, `head` those to logits (batch, classes)."""

    def __init__(self, settings: CnnSettings, image: tuple[int, int, int], classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(*_features(settings, image[0]))
        shrink = 2 ** (len(settings.filters) - 1)
        flat = settings.filters[-1][-1] * (image[1] // shrink) * (image[2] // shrink)
        self.head = nn.Sequential(
            nn.Dropout(settings.dropout),
            nn.Flatten(),
            nn.Linear(flat, settings.dense),
            nn.ReLU(),
            nn.BatchNorm1d(settings.dense, eps=BATCH_NORM_EPSILON, momentum=BATCH_NORM_MOMENTUM),
            nn.Linear(settings.dense, classes),
        )
        self.apply(_orthogonal)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of a batch of images."""
        logits: Tensor = self.head(self.features(images))
        return logits


def _features(settings: CnnSettings, channels: int) -> Iterator[nn.Module]:
    for number, block in enumerate(settings.filters):
        if number:
            yield nn.MaxPool2d(2)
        for before, after in pairwise((channels, *block)):
            yield nn.Conv2d(before, after, settings.kernel_size, padding=settings.kernel_size // 2)
            yield nn.ReLU()
        channels = block[-1]


def _orthogonal(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.orthogonal_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
