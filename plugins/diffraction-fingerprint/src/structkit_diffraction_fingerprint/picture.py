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
