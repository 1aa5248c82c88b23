"""How much of the beam an atom scatters onto an annular detector."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

BOHR = 0.529177  # Å
REST = 510.99895  # keV, the rest energy of an electron


def wavelength(voltage: float) -> float:
    """Of electrons, in Å, for a voltage in kV (relativistic)."""
    return 12.398420 / math.sqrt(voltage * (2 * REST + voltage))


def cross_sections(
    numbers: NDArray[np.integer], power: float, voltage: float, detector: tuple[float, float]
) -> NDArray[np.float64]:
    """The area in Å² from which an atom scatters electrons onto the detector: σ(Z) = σ(1) Z^p.

    σ(1) is Rutherford's, 4πγ²/(a₀² k⁴) · (1/θ₁² − 1/θ₂²) with k = 2π/λ: unscreened, so that it is
    an upper bound where the inner angle is small.

    Args:
        numbers: Z of each atom.
        power: p.
        voltage: in kV.
        detector: inner and outer angle θ₁ and θ₂, in mrad.
    """
    gamma = 1 + voltage / REST
    k = 2 * math.pi / wavelength(voltage)
    inner, outer = (angle / 1000 for angle in detector)
    ring = 1 / inner**2 - 1 / outer**2
    first = 4 * math.pi * gamma**2 / (BOHR**2 * k**4) * ring
    return first * np.asarray(numbers, float) ** power
