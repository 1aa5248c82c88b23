"""A measured pattern, which has no reflections, moved and blurred as it is."""

from __future__ import annotations

import numpy as np

from structkit_powder_spectra.degrading import Drawn, shift_of
from structkit_powder_spectra.grid import Grid
from structkit_powder_spectra.waves import Floats


def moved(spectrum: Floats, grid: Grid, drawn: Drawn, radius: float) -> Floats:
    """The pattern with its lines displaced and its cell strained; the mean of the strain counts, having no direction."""
    angles = np.nan_to_num(grid.two_theta, nan=179.9)
    strain = float(np.trace(drawn.strain)) / 3
    sine = np.clip(np.sin(np.radians(angles) / 2) / (1 + strain), 0, 0.99999)
    places = 2 * np.degrees(np.arcsin(sine))
    places = places + shift_of(places, drawn, radius)
    return np.interp(grid.values, grid.of_two_theta(places), spectrum)


def blurred(spectrum: Floats, grid: Grid, lorentzian: tuple[float, float]) -> Floats:
    """The pattern folded with the Lorentzian of the middle of its range."""
    from scipy.signal import fftconvolve

    angles = np.nan_to_num(grid.two_theta, nan=179.0)
    theta = np.radians(angles[len(angles) // 2]) / 2
    width = lorentzian[0] / np.cos(theta) + lorentzian[1] * np.tan(theta)
    step = float(angles[-1] - angles[0]) / (grid.points - 1)
    reach = min(int(15 * width / step), grid.points // 2)
    if reach < 1:
        return spectrum
    away = np.arange(-reach, reach + 1) * step
    kernel = 1 / (1 + (2 * away / width) ** 2)
    padded = np.pad(spectrum, reach, mode="edge")
    return np.asarray(fftconvolve(padded, kernel / kernel.sum(), mode="valid"))
