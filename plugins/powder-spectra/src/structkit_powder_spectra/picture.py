"""Spectra as pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 96, 320
INK, PAPER = 40, 255


def picture(arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """A spectrum as a curve, the strongest value of each column of pixels: uint8 (96, 320, 3)."""
    columns = columns_of(arrays["spectrum"], WIDTH)
    pixels = np.full((HEIGHT, WIDTH, 3), PAPER, np.uint8)
    tops = np.round((1 - columns) * (HEIGHT - 1)).astype(int)
    rows = np.arange(HEIGHT)[:, None]
    pixels[rows >= tops[None, :]] = INK
    return pixels


def columns_of(spectrum: NDArray[Any], width: int) -> NDArray[np.float64]:
    """The largest value of each of some columns, between 0 and 1."""
    parts = np.array_split(np.asarray(spectrum, float), min(width, len(spectrum)))
    tops = np.array([part.max() for part in parts])
    low, high = min(tops.min(), 0.0), tops.max()
    scaled = (tops - low) / (high - low) if high > low else np.zeros(len(tops))
    places = np.linspace(0, len(tops) - 1, width).round().astype(int)
    return np.asarray(scaled[places])


def map_picture(arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """A spectrum with the relevance of its parts behind it, red for the class and blue against: uint8 (96, 320, 3)."""
    pixels = picture(arrays).astype(float)
    relevance = next(value for name, value in arrays.items() if name.startswith("relevance_"))
    scaled = relevance / max(float(np.abs(relevance).max()), 1e-300)
    places = np.arange(WIDTH) * len(scaled) // WIDTH
    paper = pixels == PAPER
    strength = np.clip(np.stack([-scaled, np.abs(scaled), scaled], axis=-1), 0, 1)[places]
    coloured = PAPER * (1 - 0.8 * strength)
    return np.where(paper, coloured[None], pixels).astype(np.uint8)
