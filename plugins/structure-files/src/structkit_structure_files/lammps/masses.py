"""Masses of a LAMMPS data file: they tell which element a type may be, and whether the type map can be right."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from structkit_structure_files.text import warn

ALIKE = 0.01  # relative: masses are rounded
OTHER = 0.1  # relative: no rounding, another element or an isotope


def element_of_mass(masses: Mapping[str, float]) -> dict[str, str]:
    """The element that has the mass of each type; types whose mass is nobody's, or two elements', are left out."""
    from ase.data import atomic_masses, chemical_symbols

    symbols = {}
    for kind, mass in masses.items():
        alike = np.flatnonzero(np.abs(atomic_masses[1:] - mass) <= ALIKE * mass) + 1
        if len(alike) == 1:
            symbols[kind] = chemical_symbols[alike[0]]
    return symbols


def check_masses(species: Mapping[str, str], masses: Mapping[str, float], path: Path) -> None:
    """Warn where a type has not the mass of the element that it is read as: mostly a type map in another order."""
    from ase.data import atomic_masses, atomic_numbers

    named = element_of_mass(masses)
    for kind, element in sorted(species.items()):
        expected = atomic_masses[atomic_numbers[element]]
        another = named.get(kind, element) != element
        if another or abs(masses.get(kind, expected) - expected) > OTHER * expected:
            hint = f", that of {named[kind]}" if another else ""
            warn(
                path,
                "S119",
                f"type {kind} is read as {element} ({expected:.4g}) and has mass {masses[kind]:g}{hint}",
            )
