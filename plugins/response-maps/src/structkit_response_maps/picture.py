"""Response maps as pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import Picture, Scale

GREYS = ("#000000", "#ffffff")


def picture(arrays: Mapping[str, NDArray[Any]]) -> Picture:
    """The map of the deepest layer, the image's channels as red, green and blue."""
    colours = Scale("response, of the largest", 0, 1, GREYS)
    return Picture(bright(arrays["response"][-1]), colours=colours)


def bright(response: NDArray[Any]) -> NDArray[np.uint8]:
    """The positive part of a map (channels, height, width), scaled to its maximum: uint8 (height, width, 3)."""
    positive = np.clip(np.moveaxis(response[:3], 0, -1), 0, None)
    if positive.shape[-1] < 3:
        positive = np.repeat(positive[..., :1], 3, axis=-1)
    top = positive.max()
    return (
        (255 * positive / top).astype(np.uint8) if top > 0 else np.zeros(positive.shape, np.uint8)
    )
