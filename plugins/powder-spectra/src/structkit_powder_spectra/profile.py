"""Lines drawn as an instrument shows them: pseudo-Voigt profiles, Caglioti widths, sums over a grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from structkit_powder_spectra.compiled import compiled
from structkit_powder_spectra.grid import TWO_THETA, Grid
from structkit_powder_spectra.lines import lorentz_polarisation, two_theta_of_g
from structkit_powder_spectra.waves import Floats

REACH = 30.0  # widths from the middle at which a profile ends; 1 % of a Lorentzian lies beyond
GAUSS_REACH = 3.0  # widths beyond which a Gaussian is nothing (1e-11)
NEAR = 1e-5  # 1/Å, lines nearer than this are one


def widths(
    two_theta: Floats, caglioti: Sequence[float], lorentzian: Sequence[float]
) -> tuple[Floats, Floats]:
    """Full width at half maximum in degrees, and the Lorentzian part η, of a pseudo-Voigt.

    Gaussian and Lorentzian width make one profile by Thompson, Cox and Hastings, J. Appl. Cryst.
    20, 79 (1987).

    Args:
        two_theta: in degrees.
        caglioti: U, V, W in degrees²: Γ_G² = U tan²θ + V tan θ + W (Caglioti et al., Nucl. Instrum.
            3, 223 (1958)).
        lorentzian: X, Y in degrees: Γ_L = X/cos θ + Y tan θ.
    """
    theta = np.radians(np.minimum(two_theta, 179.0)) / 2
    tangent, u = np.tan(theta), caglioti
    gauss = np.sqrt(np.maximum(u[0] * tangent**2 + u[1] * tangent + u[2], 1e-8))
    lorentz = lorentzian[0] / np.cos(theta) + lorentzian[1] * tangent
    fifth = gauss**5 + 2.69269 * gauss**4 * lorentz + 2.42843 * gauss**3 * lorentz**2
    fifth += 4.47163 * gauss**2 * lorentz**3 + 0.07842 * gauss * lorentz**4 + lorentz**5
    whole = fifth**0.2
    ratio = lorentz / whole
    return whole, 1.36603 * ratio - 0.47719 * ratio**2 + 0.11116 * ratio**3


@compiled
def drawn(
    places: Floats,
    areas: Floats,
    width: Floats,
    mixing: Floats,
    start: float,
    step: float,
    points: int,
) -> Floats:
    """The sum of pseudo-Voigt profiles on an even grid, float64 (points,).

    Args:
        places: of the lines, in units of the grid, as all lengths.
        areas: the integrals of the profiles.
        width: full widths at half maximum.
        mixing: Lorentzian parts.
        start: first point of the grid.
        step: between two points.
        points: how many.
    """
    result = np.zeros(points)
    for line in range(len(places)):
        half = width[line] / 2
        at = (places[line] - start) / step
        per = step / half  # a step in half widths
        height = mixing[line] * areas[line] / (np.pi * half)
        reach = 2 * REACH / per
        for point in range(max(0, int(np.ceil(at - reach))), min(points, int(at + reach) + 1)):
            away = (point - at) * per
            result[point] += height / (1 + away * away)
        height = (1 - mixing[line]) * areas[line] * np.sqrt(np.log(2.0) / np.pi) / half
        reach = 2 * GAUSS_REACH / per
        for point in range(max(0, int(np.ceil(at - reach))), min(points, int(at + reach) + 1)):
            away = (point - at) * per
            result[point] += height * np.exp(-np.log(2.0) * away * away)
    return result


def pattern_of(
    g: Floats,
    strength: Floats,
    grid: Grid,
    waves: Sequence[tuple[float, float]],
    caglioti: Sequence[float],
    lorentzian: Sequence[float],
    polarisation: float | None,
    shift: Floats | float = 0.0,
) -> Floats:
    """A powder pattern of lines, float64 (points,).

    Args:
        g: 1/d of each line in 1/Å.
        strength: |F|² summed over the planes of a line.
        grid: at which points.
        waves: wavelengths in Å with their parts of the beam.
        caglioti: as `widths` takes it.
        lorentzian: as `widths` takes it.
        polarisation: A of `lorentz_polarisation`; None leaves the factor out.
        shift: degrees of 2θ that lines are displaced by: one number, or one for each line.
    """
    total = np.zeros(grid.points)
    for wavelength, part in waves:
        angles = two_theta_of_g(g, wavelength)
        areas = part * strength
        if polarisation is not None:
            areas = areas * lorentz_polarisation(np.minimum(angles, 179.9), polarisation)
        areas = np.where(angles < 179.0, areas, 0.0)
        width, mixing = widths(angles, caglioti, lorentzian)
        seen = angles + shift
        total += drawn(
            grid.of_two_theta(seen),
            areas,
            width * per_degree(seen, grid),
            mixing,
            grid.start,
            grid.step,
            grid.points,
        )
    return total


def per_degree(two_theta: Floats, grid: Grid) -> Floats | float:
    """How much of the axis one degree of 2θ is, at an angle."""
    if grid.axis == TWO_THETA:
        return 1.0
    slope = 2 * np.pi / grid.wavelength * np.cos(np.radians(two_theta) / 2)
    return np.asarray(np.radians(slope))
