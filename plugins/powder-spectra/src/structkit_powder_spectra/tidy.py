"""The transform `tidy-spectrum`: what measured and simulated patterns have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from structkit import Measurement
from structkit.library import component, configured
from structkit_powder_spectra.compiled import compiled
from structkit_powder_spectra.grid import grid_of
from structkit_powder_spectra.settings import TidySettings
from structkit_powder_spectra.waves import Floats


@component
class TidySpectrum:
    """The background clipped away, the strongest point one, and if wanted the square root of it all.

    The background is found by clipping (C. G. Ryan et al., Nucl. Instrum. Methods B 34, 396
    (1988)): of the logarithm of the logarithm of the square root of the counts, each point becomes
    at most the mean of the two at equal distance beside it, at distances from `window` down to one
    step. What is wider than that, such as the hump of a glass, is taken for background. The square
    root makes the noise of counts even and weak lines visible. Measured and simulated patterns go
    through it alike, so that a model cannot tell them by their background.

    Args:
        settings: the words of `TidySettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import bulk
        >>> from structkit import Measurement
        >>> from structkit_powder_spectra import PowderXrd, TidySpectrum
        >>> pattern = PowderXrd(start=20, stop=100, step=0.1)(bulk("Cu"))
        >>> slope = np.linspace(0.5, 0.2, len(pattern["spectrum"]))
        >>> scan = Measurement("scan", {**pattern, "spectrum": pattern["spectrum"] + slope})
        >>> bare = next(TidySpectrum()(scan, np.random.default_rng(0))).arrays["spectrum"]
        >>> round(float(bare.max()), 2), bool(np.median(bare) < 0.1)
        (1.0, True)
    """

    @configured(TidySettings)
    def __init__(self, settings: TidySettings) -> None:
        self.settings = settings

    def __call__(self, sample: Measurement, rng: np.random.Generator) -> Iterator[Measurement]:
        """The pattern made tidy; what else a row has stays."""
        step = grid_of(sample.arrays).step
        values = self.tidied(np.asarray(sample.arrays["spectrum"], float), step)
        yield replace(sample, arrays={**sample.arrays, "spectrum": values.astype(np.float32)})

    def tidied(self, spectrum: Floats, step: float) -> Floats:
        """A pattern made tidy, float64 (points,) between 0 and 1.

        Args:
            spectrum: (points,).
            step: between two points, in units of the axis.
        """
        values = spectrum
        if self.settings.smooth:
            from scipy.ndimage import gaussian_filter1d

            values = gaussian_filter1d(values, self.settings.smooth / step)
        values = np.maximum(values - background(values, self.settings.window / step), 0)
        values = values / max(float(values.max()), 1e-300)
        return np.sqrt(values) if self.settings.root else values


def background(spectrum: Floats, window: float) -> Floats:
    """The slowly varying part of a pattern, by clipping peaks (SNIP).

    Each point is lowered to the mean of its neighbours at growing distances where it is above it, on
    a scale (LLS) on which strong peaks do not outlast weak ones. Source: Ryan et al., Nucl.
    Instrum. Methods B 34, 396 (1988).

    Args:
        spectrum: (points,).
        window: the largest distance, in points.
    """
    low = min(float(spectrum.min()), 0.0)
    top = max(float(spectrum.max()) - low, 1e-300)
    scaled = np.log(np.log(np.sqrt((spectrum - low) * (1e4 / top) + 1) + 1) + 1)
    clipped = _clipped(scaled, distances(max(1, round(window))))
    back = ((np.exp(np.exp(clipped) - 1) - 1) ** 2 - 1) * (top / 1e4) + low
    return np.asarray(np.minimum(back, spectrum))


def distances(largest: int) -> NDArray[np.int64]:
    """Growing distances, dense at first and a fifth more each time after, so that a wide window is cheap."""
    return np.unique(np.round(np.geomspace(1, largest, 24)).astype(np.int64))


@compiled
def _clipped(values: Floats, steps: NDArray[np.int64]) -> Floats:
    current = values.copy()
    count = len(values)
    for step in steps[::-1]:
        before = current.copy()
        for place in range(count):
            away = min(step, place, count - 1 - place)  # even about each point, at the ends too
            mean = (before[place - away] + before[place + away]) / 2
            current[place] = min(before[place], mean)
    return current
