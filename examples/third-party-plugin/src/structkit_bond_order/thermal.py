"""The transform `thermal-displacements`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from ase.units import _amu, _hbar, _k
from numpy.typing import NDArray
from scipy.integrate import quad
from structkit import Sample
from structkit.library import component, configured

from structkit_bond_order.settings import ThermalSettings


@component
class ThermalDisplacements:
    """Moves every atom by normal displacements with the Debye model's mean square, each axis by itself.

    Neighbours move independently of each other here, which in a crystal they do not.

    Args:
        settings: the words of `ThermalSettings`.
    """

    @configured(ThermalSettings)
    def __init__(self, settings: ThermalSettings) -> None:
        self.settings = settings

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Iterator[Sample]:
        """The displaced copies of one structure."""
        masses = sample.atoms.get_masses()
        sigma = np.sqrt(mean_square(masses, self.settings.temperature, self.settings.debye_temperature))
        for _ in range(self.settings.copies):
            atoms = sample.atoms.copy()
            atoms.positions += rng.normal(size=(len(atoms), 3)) * sigma[:, None]
            yield Sample(sample.id, atoms, sample.label, sample.group, sample.meta)


def mean_square(masses: NDArray[Any], temperature: float, debye: float) -> NDArray[np.float64]:
    """⟨u²⟩ along one axis, in Å²: 3ħ²/(m k Θ) · (1/4 + (T/Θ)² ∫₀^{Θ/T} x/(eˣ − 1) dx).

    Args:
        masses: (atoms,), in u.
        temperature, debye: T and Θ, in K.

    Source: B. T. M. Willis and A. W. Pryor, Thermal Vibrations in Crystallography (1975), section
    4.3."""
    integral = 0.0
    if temperature > 0:
        reach = debye / temperature
        integral, _ = quad(lambda x: x / np.expm1(x) if x > 0 else 1.0, 0, min(reach, 700.0))
    metres = 3 * _hbar**2 / (np.asarray(masses) * _amu * _k * debye) * (0.25 + (temperature / debye) ** 2 * integral)
    result: NDArray[np.float64] = metres * 1e20
    return result
