"""The transform `instrument`: a pattern as it would have been measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Measurement, Problem
from structkit.library import component, configured
from structkit_powder_spectra.degrading import (
    Drawn,
    background_of,
    counted,
    drawn_of,
    lorentzian_of,
    march_dollase,
    shift_of,
    waves_of,
)
from structkit_powder_spectra.grid import Grid, grid_of
from structkit_powder_spectra.impurities import phase
from structkit_powder_spectra.lines import merged, two_theta_of_g
from structkit_powder_spectra.measured import blurred, moved
from structkit_powder_spectra.profile import NEAR, pattern_of
from structkit_powder_spectra.reflections import Reflections, reflections
from structkit_powder_spectra.settings import InstrumentSettings
from structkit_powder_spectra.waves import Floats


@component
class Instrument:
    r"""Copies of a pattern, each as another instrument and another sample would have given it.

    Simulated patterns are drawn anew from their reflections, with values drawn from ranges: a zero
    shift and a displacement s of the sample (lines move by −2s cos θ/R), strained cells, widths by
    the size L of crystallites and by microstrain ε,

    $$
    \beta_\text{size} = \frac{0.9\,\lambda}{L \cos\theta}, \qquad
    \beta_\text{strain} = 4\,\varepsilon \tan\theta
    $$

    a texture by March and Dollase, (r² cos²α + sin²α/r)^(−3/2) for planes at an angle α to the
    preferred ones, an impurity, a background and the noise of counts. What was drawn stands in the
    row's `meta`.

    A measured pattern has no reflections: it is moved and blurred as it is, and cannot be given a
    texture (X022). Cells that vary by half a percent let a network learn its elements by heart;
    `lattice_strain: 0.1` makes it look at ratios of lines.

    Source: W. A. Dollase, J. Appl. Cryst. 19, 267 (1986).

    Args:
        settings: the words of `InstrumentSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import bulk
        >>> from structkit import Measurement
        >>> from structkit_powder_spectra import Instrument, PowderXrd
        >>> pattern = Measurement("Cu", PowderXrd(start=20, stop=100, step=0.1)(bulk("Cu")))
        >>> copies = list(Instrument(copies=3)(pattern, np.random.default_rng(0)))
        >>> len(copies), copies[0].arrays["spectrum"].shape
        (3, (801,))
    """

    @configured(InstrumentSettings)
    def __init__(self, settings: InstrumentSettings) -> None:
        self.settings = settings
        self._phases: dict[tuple[str, Grid], Reflections] = {}

    def __call__(self, sample: Measurement, rng: np.random.Generator) -> Iterator[Measurement]:
        """The copies, with what was drawn for each in `meta`.

        Raises:
            DataError: X022, a texture for a pattern without reflections.
        """
        for _ in range(self.settings.copies):
            drawn = drawn_of(self.settings, rng)
            spectrum = self.measured(sample.arrays, drawn, rng)
            arrays = {**sample.arrays, "spectrum": spectrum.astype(np.float32)}
            if "reciprocal" in arrays:
                # whoever names the lines of the copy looks for them where its strained cell has them
                arrays["reciprocal"] = strained(arrays["reciprocal"], drawn)
            yield replace(sample, arrays=arrays, meta={**sample.meta, "instrument": _told(drawn)})

    def measured(
        self, arrays: Mapping[str, NDArray[Any]], drawn: Drawn, rng: np.random.Generator
    ) -> Floats:
        """A row's pattern with everything that was drawn; its largest value is one, float64 (points,)."""
        grid = grid_of(arrays)
        if len(arrays.get("strength", ())):
            lines = Reflections(arrays["hkl"], arrays["strength"], arrays["reciprocal"])
            pattern = self._drawn_anew(lines, grid, drawn)
        else:
            self._check_no_texture()
            pattern = self._as_it_is(np.asarray(arrays["spectrum"], float), grid, drawn)
        pattern = pattern / max(float(pattern.max()), 1e-300)
        pattern = pattern + self._impurity(grid, drawn) + background_of(grid, drawn)
        pattern = counted(pattern, drawn.counts, rng)
        return pattern / max(float(pattern.max()), 1e-300)

    def _drawn_anew(self, lines: Reflections, grid: Grid, drawn: Drawn) -> Floats:
        strength = lines.strength
        directions = lines.hkl.astype(float) @ lines.reciprocal
        if drawn.march != 1.0:
            preferred = np.asarray(drawn.axis, float) @ lines.reciprocal
            strength = strength * march_dollase(directions, preferred, drawn.march)
        directions = strained(directions, drawn)
        g = np.sqrt(np.einsum("ij,ij->i", directions, directions))
        if self.settings.axial_strain:
            order = np.argsort(g, kind="stable")
            g, strength = g[order], strength[order]
        return self._pattern(merged(g, strength, NEAR), grid, drawn)

    def _pattern(self, lines: tuple[Floats, Floats], grid: Grid, drawn: Drawn) -> Floats:
        """Lines (1/d and strengths) as they are seen."""
        (g, strength), s = lines, self.settings
        waves = waves_of(grid, s.alpha2)
        shift = shift_of(two_theta_of_g(g, grid.wavelength), drawn, s.radius)
        wide = lorentzian_of(drawn, grid.wavelength)
        polar = math.cos(math.radians(s.monochromator)) ** 2
        return pattern_of(g, strength, grid, waves, s.caglioti, wide, polar, shift)

    def _as_it_is(self, spectrum: Floats, grid: Grid, drawn: Drawn) -> Floats:
        """A measured pattern, moved and blurred."""
        shifted = moved(spectrum, grid, drawn, self.settings.radius)
        return blurred(shifted, grid, lorentzian_of(drawn, grid.wavelength))

    def _check_no_texture(self) -> None:
        if self.settings.texture not in (None, (1.0, 1.0)):
            message = "this pattern has no reflections, so no texture can be given to it"
            fix = "set texture: null, or lines: true of powder-xrd"
            raise DataError(Problem("X022", message, fix=fix))

    def _impurity(self, grid: Grid, drawn: Drawn) -> Floats | float:
        fraction, name = drawn.impurity
        if fraction == 0:
            return 0.0
        if (name, grid) not in self._phases:
            angles = np.nan_to_num(grid.two_theta[[0, -1]], nan=179.0)
            low, high = 2 * np.sin(np.radians(angles) / 2) / grid.wavelength
            self._phases[name, grid] = reflections(phase(name), 0.9 * low, high, b=0.6).present()
        lines = self._phases[name, grid]
        if len(lines) == 0:
            return 0.0
        pattern = self._pattern(merged(lines.g, lines.strength, NEAR), grid, drawn)
        return fraction * pattern / max(float(pattern.max()), 1e-300)


def strained(vectors: NDArray[Any], drawn: Drawn) -> Floats:
    """Reciprocal vectors (vectors, 3) of a crystal after its strain."""
    return np.asarray(vectors @ np.linalg.inv(np.eye(3) + drawn.strain))


def _told(drawn: Drawn) -> dict[str, Any]:
    """What was drawn, as JSON holds it."""
    facts = {name: value for name, value in vars(drawn).items() if name != "strain"}
    rounded: dict[str, Any] = {"strain": np.round(drawn.strain, 6).tolist()}
    for name, value in facts.items():
        rounded[name] = list(value) if isinstance(value, tuple) else value
    return rounded
