"""The reflections of a crystal: |F|² of every plane within a range, of any cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_powder_spectra.compiled import compiled
from structkit_powder_spectra.scattering import form_factors
from structkit_powder_spectra.waves import Floats

if TYPE_CHECKING:
    from ase import Atoms

MOST = 3_000_000  # reflections of one structure
MOST_WORK = 20_000_000_000  # reflections times atoms
ABSENT = 1e-12  # |F|² below this part of the largest is extinct
Planes = NDArray[np.int16]


@dataclass(frozen=True)
class Reflections:
    """Planes of a crystal, one of each pair hkl and −h−k−l, by growing 1/d.

    Args:
        hkl: int16 (reflections, 3), of the structure's own cell.
        strength: |F|² of both of a pair, in electrons², with the Debye–Waller factor and without
            any factor of the instrument; float64 (reflections,).
        reciprocal: rows a*, b*, c* in 1/Å (without 2π); float64 (3, 3).
    """

    hkl: Planes
    strength: Floats
    reciprocal: Floats

    def __len__(self) -> int:
        return len(self.strength)

    @property
    def g(self) -> Floats:
        """1/d in 1/Å, (reflections,)."""
        return np.asarray(np.linalg.norm(self.hkl.astype(float) @ self.reciprocal, axis=1))

    def present(self) -> Reflections:
        """Without the planes that are extinct."""
        kept = self.strength > ABSENT * self.strength.max(initial=0.0)
        return Reflections(self.hkl[kept], self.strength[kept], self.reciprocal)

    @property
    def volume(self) -> float:
        """Of the cell, in Å³."""
        return float(1 / abs(np.linalg.det(self.reciprocal)))


@compiled
def _planes(reciprocal: Floats, bounds: NDArray[np.int64], low: float, high: float) -> Planes:
    """All hkl of a half space with low ≤ 1/d ≤ high."""
    planes = np.empty((64, 3), np.int16)
    count = 0
    for h in range(0, bounds[0] + 1):
        for k in range(-bounds[1] if h > 0 else 0, bounds[1] + 1):
            for l in range(-bounds[2] if h > 0 or k > 0 else 1, bounds[2] + 1):  # noqa: E741
                x = h * reciprocal[0, 0] + k * reciprocal[1, 0] + l * reciprocal[2, 0]
                y = h * reciprocal[0, 1] + k * reciprocal[1, 1] + l * reciprocal[2, 1]
                z = h * reciprocal[0, 2] + k * reciprocal[1, 2] + l * reciprocal[2, 2]
                g = np.sqrt(x * x + y * y + z * z)
                if g < low or g > high:
                    continue
                if count == len(planes):
                    larger = np.empty((2 * count, 3), np.int16)
                    larger[:count] = planes
                    planes = larger
                planes[count, 0], planes[count, 1], planes[count, 2] = h, k, l
                count += 1
    return planes[:count]


@compiled
def _strengths(
    hkl: Planes, places: Floats, element: NDArray[np.int64], factors: Floats, bounds: Planes
) -> Floats:
    """2 |Σ f exp(2πi h·x)|², with the waves of each atom along each axis looked up.

    Args:
        hkl: (reflections, 3).
        places: fractional positions (atoms, 3).
        element: row of `factors` of each atom.
        factors: scattering (elements, reflections).
        bounds: largest |h|, |k|, |l|.
    """
    count = len(hkl)
    real, imaginary = np.zeros(count), np.zeros(count)
    most = max(bounds[0], bounds[1], bounds[2])
    wave = np.empty((3, 2 * most + 1), np.complex128)
    for atom in range(len(places)):
        for axis in range(3):
            for order in range(-most, most + 1):
                turn = 2 * np.pi * ((order * places[atom, axis]) % 1.0)
                wave[axis, order + most] = complex(np.cos(turn), np.sin(turn))
        row = element[atom]
        for place in range(count):
            both = wave[0, hkl[place, 0] + most] * wave[1, hkl[place, 1] + most]
            both *= wave[2, hkl[place, 2] + most]
            real[place] += factors[row, place] * both.real
            imaginary[place] += factors[row, place] * both.imag
    return 2 * (real * real + imaginary * imaginary)


def reflections(
    atoms: Atoms, low: float, high: float, b: float = 0.0, b_of: Mapping[str, float] | None = None
) -> Reflections:
    """The reflections of a crystal with low ≤ 1/d ≤ high, those too that are extinct.

    Args:
        atoms: periodic in three directions.
        low: smallest 1/d in 1/Å.
        high: largest 1/d in 1/Å.
        b: Debye–Waller B in Å² of elements that `b_of` does not name.
        b_of: B of elements, in Å².

    Raises:
        DataError: S011 no periodic cell, S031 no form factor, X020 too many reflections.
    """
    _check_cell(atoms)
    reciprocal = np.asarray(atoms.cell.reciprocal()[:])
    bounds = np.floor(high * np.asarray(atoms.cell.lengths())).astype(np.int64)
    _check_size(atoms, high)
    hkl = _planes(reciprocal, bounds, low, high)
    g = np.linalg.norm(hkl.astype(float) @ reciprocal, axis=1)
    order = np.argsort(g, kind="stable")
    hkl, g = hkl[order], g[order]
    elements, element = np.unique(atoms.numbers, return_inverse=True)
    factors = _thermal(form_factors(elements.tolist(), (g / 2) ** 2), elements, g, b, b_of or {})
    places = np.ascontiguousarray(atoms.get_scaled_positions(wrap=False))
    strength = _strengths(hkl, places, element.astype(np.int64), factors, bounds)
    return Reflections(hkl, strength, reciprocal)


def _thermal(
    factors: Floats, elements: NDArray[np.int64], g: Floats, b: float, b_of: Mapping[str, float]
) -> Floats:
    """Form factors times exp(−B s²)."""
    from ase.data import chemical_symbols

    for row, number in enumerate(elements):
        own = b_of.get(chemical_symbols[number], b)
        if own:
            factors[row] *= np.exp(-own * (g / 2) ** 2)
    return factors


def _check_cell(atoms: Atoms) -> None:
    if not atoms.pbc.all() or abs(atoms.cell.volume) < 1e-6:
        message = "no cell that is periodic in three directions: it has no reflections"
        fix = "give it a cell, or use pair-distribution"
        raise DataError(Problem("S011", message, fix=fix))


def _check_size(atoms: Atoms, high: float) -> None:
    """Refuse what would take hours or fill the memory, before any work."""
    expected = 2 / 3 * np.pi * high**3 * abs(atoms.cell.volume)
    longest = max(atoms.cell.lengths()) * high
    if expected > MOST or expected * len(atoms) > MOST_WORK or longest > 30_000:
        message = f"about {expected:.0f} reflections of {len(atoms)} atoms"
        fix = "lower stop, lengthen the wavelength, or give a smaller cell"
        raise DataError(Problem("X020", message, fix=fix))
