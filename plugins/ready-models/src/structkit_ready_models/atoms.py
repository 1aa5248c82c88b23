"""The ready model `lattices`: which lattice each atom belongs to."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import ClassVar

import numpy as np
from ase import Atoms

from structkit import Recognised
from structkit_local_structure.network import load_networks
from structkit_local_structure.recognising import Recogniser, Trust
from structkit_ready_models.small_cells import recognised_repeated

FOLDER = Path(__file__).parent / "lattices"


class Lattices:
    """fcc, hcp, bcc, diamond, hexagonal diamond, sc, disordered, or none of these, for every atom."""

    folder: ClassVar[Path] = FOLDER

    def recognise(self, atoms: Atoms, name: str = "structure") -> Recognised:
        """What every atom of a structure is; raises as `Recogniser.recognise` does."""
        return recognised_repeated(atoms, name, recogniser().recognise)

    def card(self) -> str:
        """What the model was trained on, its scores, and what it cannot do, as Markdown."""
        return (FOLDER / "card.md").read_text(encoding="utf-8")


@functools.cache
def recogniser(folder: Path = FOLDER) -> Recogniser:
    """The networks and what was measured of them, read once."""
    facts = json.loads((folder / "trust.json").read_text(encoding="utf-8"))
    bias, temperature, limits = (
        np.array(facts[name], np.float32) for name in ("bias", "temperature", "limits")
    )
    trust = Trust(bias, temperature, limits, int(facts["company"]))
    return Recogniser(load_networks(folder / "lattice"), load_networks(folder / "perfect"), trust)
