"""Images as pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import Picture, Scale
from structkit_stem_images.scaling import ranged

COLOURS = {1: (80, 160, 255), 2: (255, 60, 60), 3: (255, 200, 0)}  # column, vacancy, substitution
NAMES = {"vacancy": 2, "substitution": 3}


def picture(arrays: Mapping[str, NDArray[Any]]) -> Picture:
    """An image in grey with its size, its defects ringed in colour: red vacancies, yellow substitutions."""
    pixels = ringed(arrays)
    x = y = None
    if "sampling" in arrays:
        height, width = float(arrays["sampling"][0]) * np.array(pixels.shape[:2])
        x, y = Scale("x [Å]", 0, width), Scale("y [Å]", 0, height)
    key = {name: "#{:02x}{:02x}{:02x}".format(*COLOURS[number]) for name, number in NAMES.items()}
    return Picture(pixels, x, y, key=key if len(arrays.get("sites", ())) else {})


def ringed(arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """The image in grey with its rings: uint8 (height, width, 3)."""
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
