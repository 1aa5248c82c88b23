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


@functools.cache
def phase(name: str) -> Atoms:
    """One of the phases as a crystal."""
    from ase.build import bulk

    return bulk(name, **LATTICES[name])
