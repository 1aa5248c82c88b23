"""Wavelengths of X-ray tubes, and where a diffraction line lies: 2θ, q and d of one wavelength."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Kα1 and Kα2 in Å: Hölzer et al., Phys. Rev. A 56, 4554 (1997) for Cr to Cu; Bearden (1967) for Mo and Ag.
TUBES = {
    "Cr": (2.289726, 2.293651),
    "Fe": (1.936041, 1.939973),
    "Co": (1.788996, 1.792835),
    "Cu": (1.5405929, 1.5444274),
    "Mo": (0.709300, 0.713590),
    "Ag": (0.5594075, 0.563798),
}


def q_of_two_theta(two_theta: Any, wavelength: float) -> Floats:
    """Give q = 4π sin θ/λ, in 1/Å, of 2θ in degrees."""
    return np.asarray(4 * np.pi * np.sin(np.radians(two_theta) / 2) / wavelength)


def two_theta_of_q(q: Any, wavelength: float) -> Floats:
    """2θ in degrees of q in 1/Å; NaN where the wavelength does not reach it."""
    sine = np.asarray(q, dtype=float) * wavelength / (4 * np.pi)
    with np.errstate(invalid="ignore"):
        return np.asarray(2 * np.degrees(np.arcsin(sine)))


def q_of_d(d: Any) -> Floats:
    """Give q = 2π/d, in 1/Å, of a plane distance in Å."""
    return np.asarray(2 * np.pi / np.asarray(d, dtype=float))
