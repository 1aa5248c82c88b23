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
    r"""What a structure is made of, and nothing of where its atoms are.

    With the atomic fractions f and a property p of each element (22 of them: radii,
    electronegativity, ionisation energies, valence electrons and so on, from pymatgen), the
    numbers are mean, mean deviation and range,

    $$
    \bar p = \sum_i f_i p_i, \qquad \sum_i f_i |p_i - \bar p|, \qquad \max_i p_i - \min_i p_i
    $$

    A value that pymatgen lacks is replaced by the mean over the elements that have one. `features:
    fractions` gives the fractions themselves; `features: random` the same statistics of random
    numbers an element: what is better than those knows chemistry. Polymorphs are the same to it:
    diamond is graphite.

    Source: L. Ward et al., npj Comput. Mater. 2, 16028 (2016).

    Args:
        settings: the words of `CompositionSettings`.

    Examples:
        >>> from ase.build import bulk
        >>> from structkit_composition import CompositionVector
        >>> salt = bulk("NaCl", "rocksalt", a=5.64)
        >>> CompositionVector()(salt)["vector"].shape
        (66,)
        >>> CompositionVector(features="fractions")(salt)["vector"].max()
        np.float64(0.5)
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
