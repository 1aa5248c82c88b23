"""From reflections to the lines of a powder: where they lie, how strong they are, which share a place."""

from __future__ import annotations

import numpy as np

from structkit_powder_spectra.compiled import compiled
from structkit_powder_spectra.waves import Floats


def two_theta_of_g(g: Floats, wavelength: float) -> Floats:
    """2θ in degrees of 1/d in 1/Å; of what the wavelength does not reach 180."""
    return np.asarray(np.degrees(2 * np.arcsin(np.clip(wavelength * g / 2, -1, 1))))


def lorentz_polarisation(two_theta: Floats, polarisation: float = 1.0) -> Floats:
    """(1 + A cos² 2θ)/((1 + A) sin² θ cos θ) · 2, which is pymatgen's factor for A = 1."""
    theta = np.radians(two_theta) / 2
    polar = 2 * (1 + polarisation * np.cos(2 * theta) ** 2) / (1 + polarisation)
    return np.asarray(polar / (np.sin(theta) ** 2 * np.cos(theta)))


@compiled
def merged(g: Floats, strength: Floats, tolerance: float) -> tuple[Floats, Floats]:
    """Add what is equal in 1/d up to a tolerance; `g` grows.

    Args:
        g: 1/d in 1/Å, sorted.
        strength: of each, any unit, above zero.
        tolerance: in 1/Å; a line is at the mean of its reflections, weighed by their strength.
    """
    places, sums = np.empty(len(g)), np.zeros(len(g))
    count, first = 0, 0.0
    for index in range(len(g)):
        if count == 0 or g[index] - first > tolerance:
            first = g[index]
            places[count] = 0.0
            count += 1
        places[count - 1] += g[index] * strength[index]
        sums[count - 1] += strength[index]
    for index in range(count):
        places[index] /= sums[index]
    return places[:count], sums[:count]
