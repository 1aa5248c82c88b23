"""Fingerprints and powder patterns as pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import Curve, Picture, Scale
from structkit_diffraction_fingerprint.settings import (
    FingerprintSettings,
    PowderImageSettings,
    PowderSettings,
)

Arrays = Mapping[str, NDArray[Any]]
Words = Mapping[str, Any]
AXES = {"about x": "#ff0000", "about y": "#00b000", "about z": "#0060ff"}
MORE_AND_LESS = ("#0000ff", "#000000", "#ff0000")


def picture(arrays: Arrays, settings: Words) -> Picture:
    """The images of the three axes in red, green and blue, so that weak spots show too.

    Along the sides stands the scattering vector times the neighbour distance over 2π, as the
    detector sees it: x/(P λ), for a pixel x off its centre and a path P.
    """
    s = FingerprintSettings(**settings)
    half = s.pixel * s.size / 2
    reach = half / float(np.hypot(half, s.distance)) / s.wavelength
    x, y = (Scale(f"{way} [1/d]", -reach, reach) for way in ("h", "k"))
    return Picture(coloured(arrays["image"]), x, y, key=AXES)


def coloured(image: NDArray[Any]) -> NDArray[np.uint8]:
    """The channels (3, size, size) by the square root of their intensities: uint8 (size, size, 3)."""
    bright = np.sqrt(np.clip(np.moveaxis(image, 0, -1), 0, 1))
    return np.asarray(255 * bright, dtype=np.uint8)


def powder_picture(arrays: Arrays, settings: Words) -> Picture:
    """A powder image: more scattering than a structureless material has in red, less in blue."""
    s = PowderImageSettings(**settings)
    values = arrays["image"][0]
    pixels = np.zeros((*values.shape, 3))
    pixels[..., 0], pixels[..., 2] = np.sqrt(np.clip(values, 0, 1)), np.sqrt(np.clip(-values, 0, 1))
    x = Scale("q d", s.smallest, s.largest)
    y = Scale("reach of the pairs [d]", s.shortest, s.reach)
    colours = Scale("scattering, less and more", -1, 1, MORE_AND_LESS)
    return Picture(np.asarray(255 * pixels[::-1], dtype=np.uint8), x, y, colours)


def powder_curve(arrays: Arrays, settings: Words) -> Curve:
    """A powder pattern along q times the neighbour distance d."""
    s = PowderSettings(**settings)
    q = np.linspace(s.smallest, s.largest, s.points)
    return Curve(q, arrays["vector"], "q d", "excess scattering")
