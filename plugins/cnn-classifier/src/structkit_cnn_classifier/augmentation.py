"""Images as they might as well have been: turned, mirrored, moved around the edge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


def shown_otherwise(images: Tensor, rng: np.random.Generator, ways: Sequence[str]) -> Tensor:
    """Every image of a batch turned, mirrored and shifted for itself.

    Args:
        images: (rows, channels, height, width), square where they are turned.
        rng: decides.
        ways: `turn` by a multiple of 90°, `mirror`, `shift` by whole pixels around the edge.
    """
    return torch.stack([_one(image, ways, rng) for image in images])


def _one(image: Tensor, ways: Sequence[str], rng: np.random.Generator) -> Tensor:
    turns, mirrored = int(rng.integers(4)), bool(rng.integers(2))
    move = [int(rng.integers(size)) for size in image.shape[1:]]
    if "shift" in ways:
        image = torch.roll(image, move, dims=(1, 2))
    if "turn" in ways:
        image = torch.rot90(image, turns, dims=(1, 2))
    if "mirror" in ways and mirrored:
        image = torch.flip(image, dims=(2,))
    return image
