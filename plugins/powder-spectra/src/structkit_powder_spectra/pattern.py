"""The descriptor `powder-xrd`: the pattern that a powder of a crystal shows a diffractometer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit.library import configured, descriptor
from structkit_powder_spectra.grid import Grid
from structkit_powder_spectra.lines import lorentz_polarisation, merged, two_theta_of_g
from structkit_powder_spectra.profile import NEAR, pattern_of
from structkit_powder_spectra.reflections import ABSENT, Planes, Reflections, reflections
from structkit_powder_spectra.settings import PowderSettings
from structkit_powder_spectra.waves import Floats

MARGIN = 2.0  # degrees beyond the range whose lines are kept, since shifts and tails reach in
TOLERANCE = 1e-5  # degrees, peaks nearer than this are one, as in pymatgen
FAINT = 1e-5  # of the strongest peak; fainter ones are not listed, as in pymatgen


@dataclass(frozen=True)
class Peak:
    """One peak of a powder.

    Args:
        two_theta: in degrees.
        intensity: the strongest has 100.
        d: in Å.
        planes: hkl of one of each pair, int16 (planes, 3).
    """

    two_theta: float
    intensity: float
    d: float
    planes: Planes

    @property
    def name(self) -> str:
        """One of the planes, such as `311`."""
        return plane_name(representative(self.planes))


def representative(planes: NDArray[Any]) -> NDArray[Any]:
    """The plane by which its equivalents are known: no negative index if one has none, then the largest indices."""
    both = np.concatenate([planes, -planes])
    order = np.lexsort((both[:, 2], both[:, 1], both[:, 0], -(both < 0).sum(axis=1)))
    return np.asarray(both[order[-1]])


def plane_name(hkl: Any) -> str:
    """Indices as they are written: `311`, `1-10`, `10 0 2` where a number has two digits."""
    words = [str(int(index)) for index in hkl]
    wide = any(len(word.lstrip("-")) > 1 for word in words)
    return (" " if wide else "").join(words)


@descriptor
class PowderXrd:
    r"""The X-ray powder pattern of a crystal: |F|², multiplicities, Lorentz-polarisation, profiles.

    A plane hkl with s = sin θ/λ reflects with the strength

    $$
    I_{hkl} = \left| \sum_j f_j(s)\, e^{2\pi i\, h \cdot x_j}\, e^{-B_j s^2} \right|^2
    \frac{1 + A \cos^2 2\theta}{(1 + A)\, \sin^2\theta \cos\theta}
    $$

    at 2θ of Kα1 and of Kα2, with A = cos² of a monochromator's angle. Lines are pseudo-Voigt
    profiles: the Gaussian width of Caglioti, U tan²θ + V tan θ + W, and the Lorentzian X/cos θ + Y
    tan θ are joined as Thompson, Cox and Hastings do. With `lines` rows keep their reflections.

    Equal to the peaks of pymatgen's `XRDCalculator` where settings agree (B = 0, one wavelength).
    It does not change when the structure is moved, turned, relabelled or repeated. It knows
    neither texture, absorption nor extinction, nor anomalous scattering near an edge, and an ideal
    crystal alone: shifts, broadening and noise come from `instrument`, diffuse scattering of
    disorder from `pair-distribution`.

    Source: De Graef and McHenry, Structure of Materials (2012), chapters 11 and 12.

    Args:
        settings: the words of `PowderSettings`.

    Examples:
        >>> from ase.build import bulk
        >>> from structkit_powder_spectra import PowderXrd
        >>> powder = PowderXrd(start=20, stop=100, step=0.02)
        >>> powder(bulk("Cu"))["spectrum"].shape
        (4001,)
        >>> peaks = powder.peaks(bulk("Cu", cubic=True))
        >>> [(peak.name, round(peak.two_theta, 2)) for peak in peaks][:3]
        [('111', 43.38), ('200', 50.52), ('220', 74.25)]
    """

    @configured(PowderSettings)
    def __init__(self, settings: PowderSettings) -> None:
        self.settings = settings

    @property
    def grid(self) -> Grid:
        """At which points patterns are given."""
        return self.settings.grid

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[Any]]:
        """The pattern of one crystal.

        Returns:
            `spectrum`: float32 (points,); `axis`: float64 (4,), see `Grid.as_array`; with `lines`
            also `hkl` (reflections, 3), `strength` (reflections,) and `reciprocal` (3, 3) of
            `Reflections`, and `mass`: float64 (1,), of the cell in u.

        Raises:
            DataError: S011 no cell, S031 no form factor, X020 too large, X021 no line in range.
        """
        present = self.reflections(atoms).present()
        spectrum = self.scaled(self.draw(present))
        arrays: dict[str, NDArray[Any]] = {
            "spectrum": spectrum.astype(np.float32),
            "axis": self.grid.as_array(),
        }
        if not self.settings.lines:
            return arrays
        lines: dict[str, NDArray[Any]] = {
            "hkl": present.hkl,
            "strength": present.strength,
            "reciprocal": present.reciprocal,
        }
        return {**arrays, **lines, "mass": np.array([atoms.get_masses().sum()])}

    def reflections(self, atoms: Atoms) -> Reflections:
        """The planes that may reflect within the range, and a little beyond it."""
        longest = max(wave for wave, _ in self.settings.waves)
        shortest = min(wave for wave, _ in self.settings.waves)
        angles = self.grid.two_theta[[0, -1]]
        low, high = max(angles[0] - MARGIN, 0.1), min(angles[1] + MARGIN, 179.0)
        s = self.settings
        found = reflections(
            atoms, _g(low, longest), _g(high, shortest), s.debye_waller, s.debye_waller_of
        )
        if found.strength.max(initial=0.0) <= 0:
            message = f"no reflection in {self.grid.describe()}"
            raise DataError(Problem("X021", message, fix="widen start and stop"))
        return found

    def draw(self, reflections: Reflections) -> Floats:
        """The pattern of reflections, not scaled: |F|² of the cell per unit of the axis."""
        s = self.settings
        g, strength = merged(reflections.g, reflections.strength, NEAR)
        factor = s.polarisation if s.lorentz_polarisation else None
        return pattern_of(g, strength, self.grid, s.waves, s.caglioti, s.lorentzian, factor)

    def scaled(self, pattern: Floats) -> Floats:
        """A pattern as `scale` wants it."""
        top = pattern.max()
        return pattern / top if self.settings.scale == "max" and top > 0 else pattern

    def peaks(self, atoms: Atoms) -> list[Peak]:
        """The peaks of the (first) wavelength within the range, by angle.

        Raises:
            DataError: as `__call__`.
        """
        return peaks_of(self.reflections(atoms), self.settings)


def peaks_of(reflections: Reflections, settings: PowderSettings) -> list[Peak]:
    """The peaks of reflections for the first wavelength of some settings, by angle."""
    wave = settings.waves[0][0]
    angles = two_theta_of_g(reflections.g, wave)
    strength = reflections.strength
    if settings.lorentz_polarisation:
        strength = strength * lorentz_polarisation(angles, settings.polarisation)
    low, high = settings.grid.two_theta[[0, -1]]
    inside = np.flatnonzero((angles >= low - 1e-9) & (angles <= high + 1e-9))
    keys = np.round(angles[inside] / TOLERANCE).astype(np.int64)
    groups = np.split(inside, np.flatnonzero(np.diff(keys)) + 1) if len(inside) else []
    sums = [float(strength[rows].sum()) for rows in groups]
    top = max(sums, default=0.0)
    d = 1 / reflections.g
    return [
        Peak(float(angles[rows[0]]), 100 * total / top, float(d[rows[0]]), _seen(reflections, rows))
        for rows, total in zip(groups, sums, strict=True)
        if total > FAINT * top
    ]


def _seen(reflections: Reflections, rows: NDArray[np.int64]) -> Planes:
    """The planes of a peak that are not extinct."""
    strength = reflections.strength[rows]
    planes: Planes = reflections.hkl[rows][strength > ABSENT * strength.max()]
    return planes


def _g(two_theta: float, wavelength: float) -> float:
    """1/d in 1/Å of an angle in degrees."""
    return float(2 * np.sin(np.radians(two_theta) / 2) / wavelength)
