"""How strange an environment is to a recogniser, and whether it is none of the known lattices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Novelty:
    """An atom is strange where the class `other` is likelier than what known atoms of its class have.

    Args:
        levels: float32 (classes, levels), sorted: probabilities of `other` of known atoms that were
            given each class.
        limit: novelty above which an atom is none of these.
    """

    levels: Singles
    limit: float

    def judge(
        self, features: Singles, classes: NDArray[np.int64], probabilities: Singles
    ) -> tuple[NDArray[np.bool_], Singles]:
        """Whether each atom is none of the known lattices, and its novelty, float32 (atoms,).

        Args:
            features: float32 (atoms, 120).
            classes: int64 (atoms,), the likeliest classes.
            probabilities: float32 (atoms, classes), the last of `other`.
        """
        other = probabilities[:, -1]
        novelty = np.zeros(len(classes), np.float32)
        for number, levels in enumerate(self.levels):
            chosen = classes == number
            novelty[chosen] = np.searchsorted(levels, other[chosen]) / np.float32(len(levels))
        return novelty > self.limit, novelty
