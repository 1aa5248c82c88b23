"""The points at which a spectrum is given: evenly spaced in 2θ of a wavelength, or in q."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import Problem
from structkit_powder_spectra.waves import Floats, q_of_two_theta, two_theta_of_q

TWO_THETA, Q, R = "2theta", "q", "r"
UNITS = {TWO_THETA: "°", Q: "1/Å", R: "Å"}
NAMES = {TWO_THETA: "2θ", Q: "q", R: "r"}
CODES = {TWO_THETA: 0.0, Q: 1.0, R: 2.0}  # as the array `axis` of a row has them


@dataclass(frozen=True)
class Grid:
    """Evenly spaced points of an axis.

    Args:
        axis: `2theta` in degrees, `q` in 1/Å, or the distance `r` in Å.
        start: the first point.
        step: between two points.
        points: how many there are.
        wavelength: in Å, that 2θ belongs to; of q, that of the measurement; 0 where there is none.
    """

    axis: str
    start: float
    step: float
    points: int
    wavelength: float

    @property
    def stop(self) -> float:
        """The last point."""
        return self.start + self.step * (self.points - 1)

    @property
    def values(self) -> Floats:
        """Every point, float64 (points,)."""
        return np.asarray(self.start + self.step * np.arange(self.points, dtype=np.float64))

    @property
    def two_theta(self) -> Floats:
        """Every point in degrees of 2θ; NaN where the wavelength does not reach q."""
        values = self.values
        return values if self.axis == TWO_THETA else two_theta_of_q(values, self.wavelength)

    @property
    def q(self) -> Floats:
        """Every point in 1/Å."""
        values = self.values
        return values if self.axis == Q else q_of_two_theta(values, self.wavelength)

    def of_two_theta(self, two_theta: Any) -> Floats:
        """Where angles in degrees, of this wavelength, lie on the axis."""
        if self.axis == TWO_THETA:
            return np.asarray(two_theta, dtype=float)
        return q_of_two_theta(two_theta, self.wavelength)

    def describe(self) -> str:
        """The range in words, for messages and labels."""
        unit = UNITS[self.axis]
        space = "" if unit == "°" else " "
        words = f"{NAMES[self.axis]} {self.start:g} to {self.stop:g}{space}{unit}"
        return f"{words} at λ = {self.wavelength:g} Å" if self.wavelength else words

    def as_array(self) -> Floats:
        """The grid as the array `axis` of a row: (start, stop, wavelength, 0 for 2θ, 1 for q or 2 for r)."""
        return np.array([self.start, self.stop, self.wavelength, CODES[self.axis]])


def grid_of(arrays: Any) -> Grid:
    """The grid of a row's spectrum, from its arrays `spectrum` and `axis`."""
    start, stop, wavelength, code = (float(value) for value in arrays["axis"])
    points = len(arrays["spectrum"])
    axis = next(name for name, number in CODES.items() if number == code)
    return Grid(axis, start, (stop - start) / max(points - 1, 1), points, wavelength)


def same_grid(first: NDArray[Any], second: NDArray[Any], tolerance: float = 1e-9) -> bool:
    """Whether two arrays `axis` say the same; the wavelength does not matter to q."""
    kept = [0, 1, 2, 3] if first[3] == second[3] == CODES[TWO_THETA] else [0, 1, 3]
    return bool(np.allclose(first[kept], second[kept], rtol=0, atol=tolerance))


def another_grid(here: Grid, there: Grid, where: str) -> Problem:
    """A pattern on another grid than that of the training.

    Args:
        here: of the pattern.
        there: of the training.
        where: what the pattern is called.
    """
    overlap = here.axis == there.axis and here.start < there.stop and there.start < here.stop
    words = "" if overlap else "; they do not overlap"
    message = f"a pattern of {here.describe()}, {here.points} points; the model learnt"
    message += f" {there.describe()}, {there.points} points{words}"
    return Problem("X012", message, where, "read and simulate all patterns on one grid")
