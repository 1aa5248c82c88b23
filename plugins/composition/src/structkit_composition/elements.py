"""The 22 properties of the elements, as pymatgen's `Element` has them, with a unit each."""

from __future__ import annotations

import contextlib
import functools
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pymatgen.core.periodic_table import Element

Matrix = NDArray[np.float64]
ELEMENTS = 118
SHELL = re.compile(r"(?:^|\.)\d([spdf])(\d+)")  # one shell of a configuration such as [Ar].3d6.4s2


@dataclass(frozen=True)
class Property:
    """One property of an element.

    Args:
        name: as `labels` has it.
        unit: of the value; empty for a pure number.
        read: takes the value from an element of pymatgen; None or NaN, or an exception, where it
            has none.
    """

    name: str
    unit: str
    read: Callable[[Element], float | None]


def _electrons(shell: str) -> Callable[[Element], float]:
    """Count the electrons outside the noble-gas core in one sort of shell."""

    def count(element: Element) -> float:
        shells = SHELL.findall(element.electronic_structure)
        return float(sum(int(number) for letter, number in shells if letter == shell))

    return count


PROPERTIES = (
    Property("atomic number", "", lambda e: e.Z),
    Property("atomic mass", "u", lambda e: e.atomic_mass),
    Property("row", "", lambda e: e.row),
    Property("group", "", lambda e: e.group),
    Property("Mendeleev number", "", lambda e: e.mendeleev_no),
    Property("electronegativity", "Pauling", lambda e: e.X),
    Property("first ionisation energy", "eV", lambda e: e.ionization_energy),
    Property("second ionisation energy", "eV", lambda e: e.ionization_energies[1]),
    Property("electron affinity", "eV", lambda e: e.electron_affinity),
    Property("atomic radius", "Å", lambda e: e.atomic_radius),
    Property("calculated atomic radius", "Å", lambda e: e.atomic_radius_calculated),
    Property("van der Waals radius", "Å", lambda e: e.van_der_waals_radius),
    Property("mean ionic radius", "Å", lambda e: e.average_ionic_radius or None),
    Property("molar volume", "cm³/mol", lambda e: e.molar_volume),
    Property("melting point", "K", lambda e: e.melting_point),
    Property("boiling point", "K", lambda e: e.boiling_point),
    Property("highest common oxidation state", "e", lambda e: max(e.common_oxidation_states)),
    Property("lowest common oxidation state", "e", lambda e: min(e.common_oxidation_states)),
    Property("s electrons outside the core", "", _electrons("s")),
    Property("p electrons outside the core", "", _electrons("p")),
    Property("d electrons outside the core", "", _electrons("d")),
    Property("f electrons outside the core", "", _electrons("f")),
)


@functools.lru_cache(maxsize=1)
def property_table() -> Matrix:
    """Look every property of every element up.

    Returns:
        float64 (118, 22): row Z - 1 holds element Z, in the units of `PROPERTIES`. Where pymatgen
        has no value, the mean over the elements that have one stands.
    """
    values = known_values()
    table = np.where(np.isnan(values), np.nanmean(values, axis=0), values)
    table.flags.writeable = False
    return table


def known_values() -> Matrix:
    """Look up what pymatgen has, float64 (118, 22); NaN where it has no value."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pymatgen warns of each value that it does not have
        rows = [_values(Element.from_Z(number)) for number in range(1, ELEMENTS + 1)]
    return np.array(rows, dtype=np.float64)


@functools.lru_cache(maxsize=1)
def random_table() -> Matrix:
    """Draw 22 standard normal numbers for every element, always the same: float64 (118, 22)."""
    table = np.random.default_rng(0).normal(size=(ELEMENTS, len(PROPERTIES)))
    table.flags.writeable = False
    return table


def _values(element: Element) -> list[float]:
    """Read every property of an element."""
    return [_value(quantity, element) for quantity in PROPERTIES]


def _value(quantity: Property, element: Element) -> float:
    """Read one property; pymatgen says in several ways that it has none."""
    value = None
    with contextlib.suppress(KeyError, IndexError, ValueError, TypeError, AttributeError):
        value = quantity.read(element)
    return np.nan if value is None else float(value)
