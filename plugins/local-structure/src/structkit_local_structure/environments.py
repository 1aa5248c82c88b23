"""The descriptor `local-environments`: 120 numbers for each atom, which lattices can be told by."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit.library import configured, descriptor
from structkit_local_structure.blocks import surroundings
from structkit_local_structure.levels import FEATURES
from structkit_local_structure.settings import EnvironmentSettings


@descriptor
class LocalEnvironments:
    r"""Steinhardt's invariants at three levels of averaging, and how alike neighbours are.

    For each atom, q_lm is the mean of the real spherical harmonics Y_lm (l = 1 … 8) of the bonds
    to its nearest 4, 12 and 14 neighbours. A1 is its mean over the atom and its 12 neighbours, A2
    the mean of A1 over these. With

    $$
    |q_l| = \sqrt{\frac{4\pi}{2l + 1} \sum_{m=-l}^{l} q_{lm}^2}
    $$

    the 120 numbers are, in order:

    * |q_l| of q, then A1, then A2: 4, 12, 14 neighbours, l = 1 … 8 each (72);
    * the sorted cosines between an atom and its 12 neighbours, of A1 (12 neighbours, l = 3 … 8)
      and of q (12 neighbours, l = 6) (24);
    * the mean of these over the atom and its 12 neighbours (24).

    No number is a distance: they do not change when the structure is scaled, moved, turned,
    mirrored or repeated. Species are not looked at. Averages tell lattices apart that heat blurs,
    and blur what is near a plane; so all levels are given. Where the 4th, 12th or 14th neighbour
    is exactly as far as the next, chance decides who is taken (the same every time), as noise does
    at any temperature. Fewer than 15 atoms without a period are refused (S014).

    Source: P. J. Steinhardt, D. R. Nelson, M. Ronchetti, Physical Review B 28, 784 (1983);
    averages over neighbours: W. Lechner, C. Dellago, Journal of Chemical Physics 129, 114707
    (2008).

    Args:
        settings: none.

    Examples:
        >>> from ase.build import bulk
        >>> from structkit_local_structure import LocalEnvironments
        >>> features = LocalEnvironments()(bulk("Cu", cubic=True).repeat(4))["atoms"]
        >>> features.shape
        (256, 120)
        >>> round(float(features[0, 13]), 3)  # |q_6| of twelve neighbours: 0.575 in fcc
        0.575
    """

    @configured(EnvironmentSettings)
    def __init__(self, settings: EnvironmentSettings) -> None:
        self.settings = settings

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.float32]]:
        """`atoms`: float32 (atoms, 120).

        Raises:
            DataError: S012, no cell along a period; S014, an atom has fewer than 14 neighbours;
                S021, two atoms in one place.
        """
        features = np.empty((len(atoms), FEATURES), np.float32)
        cell = np.asarray(atoms.cell[:], dtype=np.float64)
        for some in surroundings(atoms.positions, cell, np.asarray(atoms.pbc)):
            features[some.atoms] = some.features
        return {"atoms": features}
