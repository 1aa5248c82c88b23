"""Images as pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit_stem_images.scaling import ranged

COLOURS = {1: (80, 160, 255), 2: (255, 60, 60), 3: (255, 200, 0)}  # column, vacancy, substitution


def picture(arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """An image in grey, with its defects ringed in colour: red vacancies, yellow substitutions.

    Returns:
        uint8 (height, width, 3).
    """
    grey = np.clip(ranged(arrays["image"][0]), 0, 1) * 255
    pixels = np.repeat(grey[:, :, None], 3, axis=2).astype(np.uint8)
    for site in arrays.get("sites", ()):
        if site[2] in (2, 3):
            _ring(pixels, site[:2], COLOURS[int(site[2])])
    return pixels


def _ring(pixels: NDArray[np.uint8], place: Any, colour: tuple[int, int, int]) -> None:
    """Draw a ring of a radius of a twenty-fifth of the image."""
    down, across = np.indices(pixels.shape[:2])
    away = np.hypot(across - place[0], down - place[1])
    pixels[np.abs(away - pixels.shape[0] / 25) < 0.7] = colour
