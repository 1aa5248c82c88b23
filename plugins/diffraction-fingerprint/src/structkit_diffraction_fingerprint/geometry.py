"""Scattering vectors of the detector's pixels, on the curved Ewald sphere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from structkit_diffraction_fingerprint.settings import FingerprintSettings

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Detector:
    """The pixels that are kept.

    Args:
        keep: (size, size) bool, rows = detector y, columns = detector x.
        vectors: (pixels, 3) scattering vector h0 of each kept pixel, in 1/(unit of the wavelength).
        solid_angle: (pixels,) weight Ω of each kept pixel.
    """

    keep: NDArray[np.bool_]
    vectors: Floats
    solid_angle: Floats


def detector(settings: FingerprintSettings) -> Detector:
    """The detector of the settings.

    For pixel (column i, row j): X = (i−c)p, Y = (j−c)p, P = √(X²+Y²+D²), h0 = (X/P, Y/P, D/P−1)/λ,
    Ω = (p²/D²) cos³θ with cos θ = D/P.
    """
    axis = np.arange(settings.size) - (settings.size - 1) / 2
    column, row = np.meshgrid(axis, axis)
    radius = np.hypot(column, row)
    keep = (radius > settings.inner) & (radius < settings.outer)
    x, y = column[keep] * settings.pixel, row[keep] * settings.pixel
    path = np.sqrt(x**2 + y**2 + settings.distance**2)
    vectors = (
        np.stack([x / path, y / path, settings.distance / path - 1], axis=1) / settings.wavelength
    )
    solid_angle = (settings.pixel / settings.distance) ** 2 * (settings.distance / path) ** 3
    return Detector(keep, vectors, solid_angle)


@dataclass(frozen=True)
class Octants:
    """The kept pixels by symmetry: one of each eight that differ in the signs and the order of x and y.

    Args:
        vectors: (octants, 3) scattering vector h0 of the pixel with x ≥ y ≥ 0.
        solid_angle: (octants,) weight Ω.
        places: (octants, 8) flat index of each of the eight pixels in the image, in the order of
            `kernel.intensities`.
    """

    vectors: Floats
    solid_angle: Floats
    places: NDArray[np.intp]


def octants(found: Detector, size: int) -> Octants:
    """The octants of a detector; on a diagonal or an axis some of the eight are one pixel."""
    row, column = np.nonzero(found.keep)
    # twice the coordinates: whole numbers for every size
    twice = 2 * np.stack([column, row], axis=1) - (size - 1)
    first = (twice[:, 0] >= twice[:, 1]) & (twice[:, 1] >= 0)
    a, b = twice[first].T
    signs = [(s, t) for s in (1, -1) for t in (1, -1)]
    pixels = [(s * p, t * q) for p, q in ((a, b), (b, a)) for s, t in signs]
    places = [((y + size - 1) // 2) * size + (x + size - 1) // 2 for x, y in pixels]
    return Octants(found.vectors[first], found.solid_angle[first], np.stack(places, axis=1))


def rotation(axis: int, degrees: float) -> Floats:
    """Rotation matrix (3, 3) by an angle about laboratory axis 0, 1 or 2, counter-clockwise."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.eye(3)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix[i, i] = matrix[j, j] = c
    matrix[i, j], matrix[j, i] = -s, s
    return matrix
