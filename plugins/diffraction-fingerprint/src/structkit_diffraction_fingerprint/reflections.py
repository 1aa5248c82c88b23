"""Bragg reflections of a crystal, on the scale of its fingerprint."""

from __future__ import annotations

from dataclasses import dataclass

from ase import Atoms
from pymatgen.analysis.diffraction.xrd import XRDCalculator
from pymatgen.core import Structure
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from structkit_diffraction_fingerprint.neighbours import SCALES

SYMPREC = 0.01  # Å


@dataclass(frozen=True)
class Reflection:
    """A family of lattice planes that diffracts.

    Args:
        indices: Miller indices in the conventional standard cell, such as `111` (four of them in a
            hexagonal cell); families of equal spacing together.
        q: 1/d, in units of 1/(neighbour distance).
    """

    indices: str
    q: float


def reflections(atoms: Atoms, largest: float, scale: str = "mean") -> list[Reflection]:
    """The reflections of a crystal that are not extinct, by growing q.

    Args:
        atoms: a periodic cell of the undamaged crystal.
        largest: up to this q, in units of 1/(neighbour distance).
        scale: which neighbour distance, `mean` or `mode`.
    """
    length = SCALES[scale](atoms)
    structure = SpacegroupAnalyzer(_crystal(atoms), SYMPREC).get_conventional_standard_structure()
    wavelength = 2 * length / (1.001 * largest)  # Bragg: q = 2 sin θ/λ, so θ = 90° is the largest q
    pattern = XRDCalculator(wavelength).get_pattern(structure, two_theta_range=(0, 180))
    found = zip(pattern.hkls, pattern.d_hkls, strict=True)
    return [Reflection(_words(families), float(length / spacing)) for families, spacing in found]


def _crystal(atoms: Atoms) -> Structure:
    """As pymatgen has it; an element's crystal as one of iron: it diffracts at the same angles, with known factors."""
    symbols = atoms.get_chemical_symbols() if len(set(atoms.numbers)) > 1 else ["Fe"] * len(atoms)
    return Structure(atoms.cell[:], symbols, atoms.get_scaled_positions())


def _words(families: list[dict[str, tuple[int, ...]]]) -> str:
    return ", ".join(sorted("".join(map(_index, family["hkl"])) for family in families))


def _index(value: int) -> str:
    """One Miller index; a negative one has a bar, and one of two digits stands apart."""
    text = str(abs(value)) + ("\u0305" if value < 0 else "")
    return text if abs(value) < 10 else f" {text} "
