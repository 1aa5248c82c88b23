"""Atomic form factors: four Gaussians and a constant, International Tables for Crystallography C (1992)."""

from __future__ import annotations

import functools

import gemmi
import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem

Floats = NDArray[np.float64]
LARGEST = 98  # californium is the last element in the table


@functools.lru_cache(maxsize=128)
def _coefficients(number: int) -> tuple[tuple[float, ...], tuple[float, ...], float]:
    table = gemmi.Element(number).it92
    return tuple(table.a), tuple(table.b), table.c


def form_factor(number: int, length: Floats) -> Floats:
    """f(|h|) = Σ_k a_k exp(−b_k |h|²/4) + c of the element with this atomic number.

    Args:
        number: atomic number, 1 to 98.
        length: |h|, in 1/Å, any shape.

    Raises:
        DataError: S031, an element beyond the table.
    """
    if not 1 <= number <= LARGEST:
        message = f"no form factor for atomic number {number} (1 to {LARGEST})"
        raise DataError(
            Problem("S031", message, fix="set contrast: none, or a smaller number_shift")
        )
    a, b, c = _coefficients(number)
    quarter = length**2 / 4
    return sum(
        (ak * np.exp(-bk * quarter) for ak, bk in zip(a, b, strict=True)), np.full_like(length, c)
    )
