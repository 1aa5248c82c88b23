"""The network: down by halvings, up again, with what was seen on the way down beside it."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class UNetwork(nn.Module):
    """Maps images (batch, 1, height, width) to logits (batch, classes, height, width).

    Ronneberger, Fischer and Brox, MICCAI 2015; with batch norms, and pixels repeated on the way up.

    Args:
        filters: of the first block; twice as many after each halving.
        halvings: how often the image is halved.
        classes: of a pixel.
    """

    def __init__(self, filters: int, halvings: int, classes: int) -> None:
        super().__init__()
        widths = [filters * 2**level for level in range(halvings + 1)]
        before = [1, *widths[:-1]]
        self.down = nn.ModuleList(_block(*pair) for pair in zip(before, widths, strict=True))
        self.up = nn.ModuleList(
            _block(wide + narrow, narrow)
            for narrow, wide in zip(widths[:-1], widths[1:], strict=True)
        )
        self.last = nn.Conv2d(filters, classes, 1)
        self.halve = nn.MaxPool2d(2)
        self.repeat_pixels = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(self, images: Tensor) -> Tensor:
        """Logits of every pixel."""
        return self.answered(images)[0]

    def answered(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits, and where the network sees the images.

        Returns:
            (batch, classes, height, width); the last hidden layer (batch, filters, height, width);
            the means of the last two blocks over the image (batch, 3 · filters).
        """
        seen = []
        for level, block in enumerate(self.down):
            images = block(images if level == 0 else self.halve(images))
            seen.append(images)
        means = [images.mean(dim=(2, 3))]
        for level in range(len(self.up) - 1, -1, -1):
            images = self.up[level](torch.cat([self.repeat_pixels(images), seen[level]], 1))
            means.append(images.mean(dim=(2, 3)))
        return self.last(images), images, torch.cat(means[-2:], 1)


def _block(before: int, after: int) -> nn.Sequential:
    """Two convolutions, each with its norm."""
    return nn.Sequential(
        nn.Conv2d(before, after, 3, padding=1, padding_mode="zeros", bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
        nn.Conv2d(after, after, 3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    )
