"""Images between 0 and 1, whatever their detectors counted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DARK, BRIGHT = 0.5, 99.5  # percentiles of the pixels


def ranged(image: NDArray[np.floating]) -> NDArray[np.float64]:
    """An image of which the darkest pixels are 0 and the brightest 1; a few lie beyond. A flat one is 0."""
    low, high = np.percentile(image, (DARK, BRIGHT))
    if not high > low:
        low, high = float(image.min()), float(image.max())
    if not high > low:
        return np.zeros(image.shape)
    return np.asarray((np.asarray(image, float) - low) / (high - low))
