"""Phases that are often found beside the one that is looked for: sample holders, standards, salts."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ase import Atoms

# lattice and its constants in Å, at room temperature
LATTICES: dict[str, dict[str, Any]] = {
    "Al": {"crystalstructure": "fcc", "a": 4.0495},
    "Si": {"crystalstructure": "diamond", "a": 5.4310},
    "NaCl": {"crystalstructure": "rocksalt", "a": 5.6402},
    "MgO": {"crystalstructure": "rocksalt", "a": 4.2117},
    "CaF2": {"crystalstructure": "fluorite", "a": 5.4631},
    "Fe": {"crystalstructure": "bcc", "a": 2.8665},
    "Cu": {"crystalstructure": "fcc", "a": 3.6149},
    "Ni": {"crystalstructure": "fcc", "a": 3.5240},
    "W": {"crystalstructure": "bcc", "a": 3.1652},
    "ZnO": {"crystalstructure": "wurtzite", "a": 3.2498, "c": 5.2066},
}
# space group, a and c in Å, sites: cassiterite, lead iodide (2H), quartz, corundum
CRYSTALS: dict[str, tuple[int, float, float, dict[str, tuple[float, float, float]]]] = {
    "SnO2": (136, 4.7374, 3.1864, {"Sn": (0, 0, 0), "O": (0.3056, 0.3056, 0)}),
    "PbI2": (164, 4.5570, 6.9790, {"Pb": (0, 0, 0), "I": (1 / 3, 2 / 3, 0.265)}),
    "SiO2": (154, 4.9137, 5.4047, {"Si": (0.4697, 0, 2 / 3), "O": (0.4133, 0.2672, 0.7855)}),
    "Al2O3": (167, 4.7589, 12.9919, {"Al": (0, 0, 0.3522), "O": (0.3063, 0, 0.25)}),
}


@functools.cache
def phase(name: str) -> Atoms:
    """One of the phases as a crystal."""
    from ase.build import bulk
    from ase.spacegroup import crystal

    if name in LATTICES:
        return bulk(name, **LATTICES[name])
    group, a, c, sites = CRYSTALS[name]
    angle = 90 if group < 143 else 120
    return crystal(
        list(sites), list(sites.values()), spacegroup=group, cellpar=[a, a, c, 90, 90, angle]
    )
