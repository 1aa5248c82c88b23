"""How strongly elements scatter X-rays: pymatgen's table, so that intensities can be compared with its own."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from structkit import DataError, Problem
from structkit_powder_spectra.waves import Floats

MOTT_BETHE = 41.78214  # of electron to X-ray scattering, in Å²


@functools.cache
def _table() -> dict[str, Floats]:
    from pymatgen.analysis.diffraction.xrd import ATOMIC_SCATTERING_PARAMS

    return {name: np.array(values) for name, values in ATOMIC_SCATTERING_PARAMS.items()}


def form_factors(numbers: Sequence[int], s_squared: Floats) -> Floats:
    """f(s) = Z − 41.78214 s² Σ a exp(−b s²) of elements, with s = sin θ/λ.

    Source: De Graef and McHenry, Structure of Materials (2012), chapter 12.

    Args:
        numbers: atomic numbers.
        s_squared: in 1/Å², shape (reflections,).

    Returns:
        float64 (elements, reflections).

    Raises:
        DataError: S031, an element is not in the table.
    """
    from ase.data import chemical_symbols

    rows = []
    for number in numbers:
        symbol = chemical_symbols[number]
        if symbol not in _table():
            message = f"no X-ray form factor for {symbol}"
            raise DataError(Problem("S031", message, fix="leave the structure out"))
        a, b = _table()[symbol].T
        fall = np.exp(-np.multiply.outer(s_squared, b)) @ a
        rows.append(number - MOTT_BETHE * s_squared * fall)
    return np.array(rows).reshape(len(numbers), len(s_squared))
