"""Particle images as pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

COLOURS = np.array([[0.60, 0.75, 1.0], [1.0, 0.55, 0.15], [0.4, 0.9, 0.5], [0.8, 0.5, 0.9]])


def picture(arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """The species' channels in colours of their own on black: uint8 (height, width, 3), y upwards."""
    channels = arrays["image"][:-1]
    shares = channels / max(float(channels.max()), 1e-12)
    colours = np.resize(COLOURS, (len(channels), 3))
    mixed = np.clip(np.einsum("chw,ck->hwk", shares, colours), 0, 1)
    pixels: NDArray[np.uint8] = (255 * mixed[::-1]).astype(np.uint8)
    return pixels
