"""Ways to say which lattice every atom belongs to: ours, and OVITO's, where it is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

Names = NDArray[np.str_]
OURS = "recognise"
LACKING = (
    "OVITO is not importable here: `make ovito` installs it in build/ovito, whose python runs this"
)
USUAL = 0.1  # rmsd above which an atom is none of the lattices, as OVITO has it


def ours(atoms: Atoms) -> Names:
    """The ready model of this repository."""
    from structkit import recognise

    result = recognise(atoms)
    return np.array(result.classes)[result.structure]


def template_matching(atoms: Atoms, cutoff: float) -> Names:
    """Polyhedral template matching of five lattices; a cutoff of 0 is none."""
    from ovito.modifiers import PolyhedralTemplateMatchingModifier as Matching

    modifier = Matching(rmsd_cutoff=cutoff)
    for lattice in modifier.structures:
        name = lattice.name.lower()
        lattice.enabled = DIAMONDS.get(name, name) in MATCHED
    return _names(atoms, modifier)


def common_neighbours(atoms: Atoms) -> Names:
    """Adaptive common-neighbour analysis."""
    from ovito.modifiers import CommonNeighborAnalysisModifier as Analysis

    return _names(atoms, Analysis(mode=Analysis.Mode.AdaptiveCutoff))


@dataclass(frozen=True)
class Tool:
    """A way to classify atoms.

    Args:
        classify: gives the name of the class of every atom.
        lattices: that it knows.
    """

    classify: Callable[[Atoms], Names]
    lattices: tuple[str, ...]


CLOSE = ("fcc", "hcp", "bcc")
# of template matching; OVITO itself asks for the first three, at 1.6 times the speed
MATCHED = (*CLOSE, "diamond", "hexagonal diamond")
LATTICES = (*MATCHED, "sc")
DIAMONDS = {"cubic diamond": "diamond", "hexagonal diamond": "hexagonal diamond"}
TOOLS = {
    OURS: Tool(ours, LATTICES),
    "OVITO PTM, rmsd 0.1": Tool(lambda atoms: template_matching(atoms, USUAL), MATCHED),
    "OVITO PTM, no cutoff": Tool(lambda atoms: template_matching(atoms, 0.0), MATCHED),
    "OVITO a-CNA": Tool(common_neighbours, CLOSE),
}


def available() -> dict[str, Tool]:
    """The tools that can be asked here."""
    return TOOLS if importlib.util.find_spec("ovito") else {OURS: TOOLS[OURS]}


def _names(atoms: Atoms, modifier: Any) -> Names:
    """What a modifier of OVITO says of every atom."""
    from ovito.io.ase import ase_to_ovito
    from ovito.pipeline import Pipeline, StaticSource

    bare = Atoms(numbers=atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
    pipeline = Pipeline(source=StaticSource(data=ase_to_ovito(bare)))
    pipeline.modifiers.append(modifier)
    types = pipeline.compute().particles["Structure Type"]
    names = {kind.id: kind.name.lower() for kind in types.types}
    words = [DIAMONDS.get(names.get(k, ""), names.get(k, "")) for k in range(max(names) + 1)]
    return np.array(words)[types[...]]
