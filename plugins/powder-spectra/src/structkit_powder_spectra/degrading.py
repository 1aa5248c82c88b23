"""One pattern as an instrument and a real sample would have given it: what is drawn, and what it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from structkit_powder_spectra.grid import Grid
from structkit_powder_spectra.settings import InstrumentSettings
from structkit_powder_spectra.waves import TUBES, Floats

SCHERRER = 0.9
SAME_WAVE = 1e-6  # Å


@dataclass(frozen=True)
class Drawn:
    """What one copy of a pattern is given.

    Args:
        zero: degrees of 2θ.
        displacement: mm.
        strain: ε, (3, 3), of all plane distances.
        size: nm, or None.
        microstrain: fraction.
        march: r of March and Dollase; 1 for none.
        axis: the plane whose normal is preferred.
        background: level, tail and hump, as fractions of the strongest line.
        hump: middle and width of the hump, as fractions of the range.
        counts: at the strongest point, or None.
        impurity: fraction and name of the phase.
    """

    zero: float
    displacement: float
    strain: Floats
    size: float | None
    microstrain: float
    march: float
    axis: tuple[int, int, int]
    background: tuple[float, float, float]
    hump: tuple[float, float]
    counts: float | None
    impurity: tuple[float, str]


def drawn_of(settings: InstrumentSettings, rng: np.random.Generator) -> Drawn:
    """Draw everything, in a fixed order."""
    s = settings
    zero, displacement = rng.uniform(-1, 1, 2) * (s.zero_shift, s.displacement)
    strain = np.eye(3) * s.lattice_strain * rng.uniform(-1, 1)
    tensor = rng.uniform(-1, 1, (3, 3)) * s.axial_strain
    level, tail, hump = rng.dirichlet(np.ones(3)) * rng.uniform(0, 1) * s.background
    middle, width = rng.uniform(0.0, 0.7), rng.uniform(0.08, 0.3)
    return Drawn(
        zero=float(zero),
        displacement=float(displacement),
        strain=strain + (tensor + tensor.T) / 2,
        size=log_uniform(s.size, rng),
        microstrain=float(rng.uniform(0, 1) * s.microstrain),
        march=log_uniform(s.texture, rng) or 1.0,
        axis=s.texture_axes[int(rng.integers(len(s.texture_axes)))],
        background=(float(level), float(tail), float(hump)),
        hump=(float(middle), float(width)),
        counts=log_uniform(s.counts, rng),
        impurity=(
            float(rng.uniform(0, 1) * s.impurity),
            s.impurities[int(rng.integers(len(s.impurities)))],
        ),
    )


def log_uniform(limits: Sequence[float] | None, rng: np.random.Generator) -> float | None:
    """A number between two, every factor alike; None where there are no limits."""
    share = rng.uniform()
    return None if limits is None else float(limits[0] * (limits[1] / limits[0]) ** share)


def march_dollase(directions: Floats, axis: Floats, march: float) -> Floats:
    """How much planes reflect when the normals of one plane prefer the direction of the sample's.

    P(α) = (r² cos² α + sin² α/r)^(−3/2), with α between the two normals; its mean over the sphere
    is one. Source: Dollase, J. Appl. Cryst. 19, 267 (1986).

    Args:
        directions: normals of the planes, of any length, (reflections, 3).
        axis: normal of the preferred plane, (3,).
        march: r.
    """
    cosine = directions @ (axis / np.linalg.norm(axis)) / np.linalg.norm(directions, axis=1)
    square = np.minimum(cosine**2, 1.0)
    return np.asarray((march**2 * square + (1 - square) / march) ** -1.5)


def shift_of(two_theta: Floats, drawn: Drawn, radius: float) -> Floats:
    """Degrees that lines are moved by: the zero, and −2 s cos θ/R of a displaced sample."""
    cosine = np.cos(np.radians(two_theta) / 2)
    return np.asarray(drawn.zero - np.degrees(2 * drawn.displacement * cosine / radius))


def lorentzian_of(drawn: Drawn, wavelength: float) -> tuple[float, float]:
    """X and Y in degrees, as `profile.widths` takes them, of size (Scherrer) and microstrain (Stokes and Wilson)."""
    size = 0.0 if drawn.size is None else SCHERRER * wavelength / (10 * drawn.size)
    return float(np.degrees(size)), float(np.degrees(4 * drawn.microstrain))


def background_of(grid: Grid, drawn: Drawn) -> Floats:
    """A level, a tail that falls with the angle and a hump as of a glass, as fractions of the strongest line."""
    place = np.linspace(0, 1, grid.points)
    level, tail, hump = drawn.background
    middle, width = drawn.hump
    bump = np.exp(-0.5 * ((place - middle) / width) ** 2)
    return np.asarray(level + tail * np.exp(-place / 0.15) + hump * bump)


def counted(pattern: Floats, counts: float | None, rng: np.random.Generator) -> Floats:
    """A pattern as it is counted, when its strongest point has so many counts; in its own units again."""
    top = float(pattern.max())
    if counts is None or top <= 0:
        return pattern
    return np.asarray(rng.poisson(np.maximum(pattern, 0) * (counts / top)) * (top / counts))


def waves_of(grid: Grid, alpha2: float) -> tuple[tuple[float, float], ...]:
    """Wavelengths of a grid with their parts: of a tube Kα1 and Kα2."""
    for first, second in TUBES.values():
        if alpha2 and abs(grid.wavelength - first) < SAME_WAVE:
            return (first, 1 / (1 + alpha2)), (second, alpha2 / (1 + alpha2))
    return ((grid.wavelength, 1.0),)
