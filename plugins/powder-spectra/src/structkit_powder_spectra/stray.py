"""Peaks of a pattern that no phase explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from structkit_powder_spectra.fit import Fit, Pattern
from structkit_powder_spectra.waves import Floats

SMOOTHED = 0.06  # degrees; noise narrower than a line is no peak
NEAR = 0.35  # degrees within which a line of a phase accounts for a peak
FAINT = 0.01  # of the strongest line, below which a line of a phase accounts for nothing
CERTAIN = 5.0  # times the noise


@dataclass(frozen=True)
class Stray:
    """A peak that no phase explains.

    Args:
        place: on the axis.
        height: as a fraction of the strongest point above the background.
    """

    place: float
    height: float


def strays(pattern: Pattern, fit: Fit, threshold: float) -> list[Stray]:
    """The peaks of what is left over that lie away from all lines of the phases, the highest first."""
    from scipy.ndimage import gaussian_filter1d
    from scipy.signal import find_peaks

    grid = pattern.grid
    per_degree = grid.points / max(float(np.ptp(np.nan_to_num(grid.two_theta, nan=179.0))), 1e-9)
    width = max(SMOOTHED * per_degree, 0.5)
    left = gaussian_filter1d(pattern.counts - fit.background - fit.phases, width)
    top = max(float((pattern.counts - fit.background).max()), 1e-300)
    far = ~near_lines(fit.phases, round(NEAR * per_degree))
    noise = _noise(left, far)
    height = max(threshold * top, CERTAIN * noise)
    places, facts = find_peaks(np.where(far, left, 0.0), height=height, prominence=0.5 * height)
    found = [
        Stray(float(grid.values[place]), float(high / top))
        for place, high in zip(places, facts["peak_heights"], strict=True)
    ]
    return sorted(found, key=lambda stray: -stray.height)


def near_lines(phases: Floats, reach: int) -> NDArray[np.bool_]:
    """The points near to a line of the phases."""
    from scipy.ndimage import maximum_filter1d

    top = float(phases.max(initial=0.0))
    return np.asarray(maximum_filter1d(phases, 2 * reach + 1) > FAINT * top) & (top > 0)


def _noise(left: Floats, far: NDArray[np.bool_]) -> float:
    """The spread of what is left over, away from lines."""
    values = left[far]
    if len(values) < 10:
        return 0.0
    return float(1.4826 * np.median(np.abs(values - np.median(values))))
