"""How strongly elements scatter X-rays and neutrons, by q."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np

from structkit import DataError, Problem
from structkit_powder_spectra.scattering import form_factors
from structkit_powder_spectra.waves import Floats


@functools.cache
def _neutron() -> Mapping[str, float]:
    from pymatgen.analysis.diffraction.neutron import ATOMIC_SCATTERING_LEN

    return dict(ATOMIC_SCATTERING_LEN)


def scattering(numbers: Sequence[int], q: Floats, radiation: str) -> Floats:
    """Form factors in electrons or scattering lengths in fm, (elements, values of q).

    Raises:
        DataError: S031, an element that is in no table.
    """
    if radiation == "xray":
        return form_factors(numbers, (q / (4 * np.pi)) ** 2)
    from ase.data import chemical_symbols

    symbols = [chemical_symbols[number] for number in numbers]
    if lacking := [symbol for symbol in symbols if symbol not in _neutron()]:
        message = f"no neutron scattering length for {lacking[0]}"
        raise DataError(Problem("S031", message, fix="leave the structure out"))
    lengths = np.array([_neutron()[symbol] for symbol in symbols])
    return np.repeat(lengths[:, None], len(q), axis=1)
