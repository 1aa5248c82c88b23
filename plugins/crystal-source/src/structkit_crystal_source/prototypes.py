"""The prototypes: elements as ase ships them (measured), and elemental prototypes of pymatgen's AFLOW library."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import spglib
from ase import Atoms
from ase.build import bulk
from ase.data import chemical_symbols, reference_states

from structkit_crystal_source.settings import CrystalClass

# What ase calls the structures; In and Sn, both "bct" there, are told apart by their space group.
ASE_NAMES = ("sc", "fcc", "bcc", "hcp", "diamond", "rhombohedral", "bct")
SPACE_GROUPS: dict[CrystalClass, int] = {
    "sc": 221,
    "bcc": 229,
    "fcc": 225,
    "diamond": 227,
    "hcp": 194,
    "bct139": 139,
    "bct141": 141,
    "rhombohedral": 166,
}
# Strukturbericht symbols of AFLOW's elemental prototypes that belong to a class. Molecular and layered crystals of
# the same space groups (graphite, oxygen, boron) do not: a space group is not a structure class.
AFLOW_PROTOTYPES: dict[CrystalClass, tuple[str, ...]] = {
    "sc": ("A_h",),
    "bcc": ("A2",),
    "fcc": ("A1",),
    "diamond": ("A4",),
    "hcp": ("A3",),
    "bct139": ("A6", "A_a"),
    "bct141": ("A5",),
    "rhombohedral": ("A7", "A10", "A_i", "C19"),
}
SYMPREC = 0.01


@dataclass(frozen=True)
class Prototype:
    """One measured crystal of an element: its conventional cell, c along z."""

    cls: CrystalClass
    symbol: str
    strukturbericht: str
    atoms: Atoms

    @property
    def volume(self) -> float:
        """Per atom, in Å³."""
        return float(self.atoms.get_volume() / len(self.atoms))


@functools.lru_cache(maxsize=1)
def prototypes() -> tuple[Prototype, ...]:
    """Every prototype, those of ase first; one for each class, element and Strukturbericht symbol."""
    found = {(p.cls, p.symbol, p.strukturbericht): p for p in [*_of_aflow(), *_of_ase()]}
    order = sorted(found.values(), key=lambda p: (p.cls, p.atoms.numbers[0], p.strukturbericht))
    return tuple(order)


@functools.lru_cache(maxsize=1)
def atomic_volumes() -> dict[str, float]:
    """Volume per atom of every element that has a prototype, in Å³, in the order of atomic number."""
    by_number = sorted(prototypes(), key=lambda p: int(p.atoms.numbers[0]))
    return {p.symbol: p.volume for p in by_number}


def _of_ase() -> Iterator[Prototype]:
    for number, state in enumerate(reference_states):
        if state and state["symmetry"] in ASE_NAMES and _complete(state):
            symbol = chemical_symbols[number]
            atoms, group = conventional(bulk(symbol))
            cls = _class_of(group)
            yield Prototype(cls, symbol, _strukturbericht(cls, symbol, len(atoms)), atoms)


def _complete(state: Mapping[str, Any]) -> bool:
    """Whether ase knows the positions: it has none for Se and Te, which it calls hcp and which are not."""
    return "a" in state and state.get("basis", ()) is not None


def _class_of(group: int) -> CrystalClass:
    return next(cls for cls, number in SPACE_GROUPS.items() if number == group)


def _strukturbericht(cls: CrystalClass, symbol: str, sites: int) -> str:
    """The prototype that an element's measured structure belongs to."""
    if cls == "rhombohedral":
        # in hexagonal axes: one, two or three atoms in the primitive cell are 3, 6 or 9
        return {3: "A10", 6: "A7", 9: "C19"}[sites]
    return AFLOW_PROTOTYPES[cls][0]


def _of_aflow() -> Iterator[Prototype]:
    from pymatgen.analysis.prototypes import AFLOW_PROTOTYPE_LIBRARY
    from pymatgen.io.ase import AseAtomsAdaptor

    wanted = {name: cls for cls, names in AFLOW_PROTOTYPES.items() for name in names}
    for entry in AFLOW_PROTOTYPE_LIBRARY:
        name, structure = entry["tags"]["strukturbericht"], entry["snl"].structure
        if name in wanted and len(structure.composition) == 1:
            atoms, group = conventional(AseAtomsAdaptor.get_atoms(structure))
            if group == SPACE_GROUPS[wanted[name]]:
                yield Prototype(wanted[name], str(atoms.symbols[0]), name, atoms)


def conventional(atoms: Atoms) -> tuple[Atoms, int]:
    """The idealised conventional cell in spglib's standard orientation (c along z), and the space group."""
    cell = (np.asarray(atoms.cell[:]), atoms.get_scaled_positions(), atoms.numbers)
    dataset = spglib.get_symmetry_dataset(cell, symprec=SYMPREC)
    standard = Atoms(
        dataset.std_types,
        cell=dataset.std_lattice,
        scaled_positions=dataset.std_positions,
        pbc=True,
    )
    return standard, int(dataset.number)
