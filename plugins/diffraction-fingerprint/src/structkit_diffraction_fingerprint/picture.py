"""A fingerprint as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def picture(arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """Channels as red, green and blue; intensities by their square root, so that weak spots show.

    Returns:
        uint8 (size, size, 3).
    """
    bright = np.sqrt(np.clip(np.moveaxis(arrays["image"], 0, -1), 0, 1))
    pixels: NDArray[np.uint8] = (255 * bright).astype(np.uint8)
    return pixels


def powder_picture(arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """A powder image: more scattering than a structureless material has in red, less in blue.

    Returns:
        uint8 (size, size, 3).
    """
    values = arrays["image"][0]
    pixels = np.zeros((*values.shape, 3))
    pixels[..., 0], pixels[..., 2] = np.sqrt(np.clip(values, 0, 1)), np.sqrt(np.clip(-values, 0, 1))
    return np.asarray(255 * pixels, dtype=np.uint8)
