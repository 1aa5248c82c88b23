"""The descriptor `composition`."""

from __future__ import annotations

from collections import Counter

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit.library import configured, descriptor
from structkit_composition.settings import CompositionSettings
from structkit_composition.vectors import vector


@descriptor
class CompositionVector:
    """What a structure is made of, and nothing of where its atoms are.

    Args:
        settings: the words of `CompositionSettings`.
    """

    @configured(CompositionSettings)
    def __init__(self, settings: CompositionSettings) -> None:
        self.settings = settings

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.float64]]:
        """Describe a structure: `vector`, float64 (66,), (118,) for `fractions`, (600,) for `mat2vec`.

        Raises:
            DataError: S030, an atom of no known element; S033, `mat2vec` without its package.
        """
        amounts = Counter(atoms.get_chemical_symbols())
        if "X" in amounts:
            message = f"{amounts['X']} atoms of no element (X)"
            raise DataError(Problem("S030", message, fix="name their element, or remove them"))
        return {"vector": vector(amounts, self.settings.features)}
