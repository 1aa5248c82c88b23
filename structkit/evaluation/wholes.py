"""What the parts of a structure, or of an image, come to together.

A guard of atoms or of columns promises of each part that a known one is refused at a rate of at
most α. A whole is refused when more than half of its parts are, so that of known wholes at most 2α
are (Markov's inequality): whatever the parts of a whole have in common, and mostly they have much.

That is so where the wholes of a group have equally many parts. Each part weighs the same, so that of
a group with many large wholes and some small ones nothing is promised of the small ones. What a run
tests says how many were refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from structkit.data.columns import Array

HALF = 0.5  # the share of refused parts above which a whole is refused


@dataclass(frozen=True)
class Wholes:
    """Which parts belong together.

    Args:
        owner: the number of the whole of each part, int64 (parts).
        first: the first part of each whole, int64 (wholes).
    """

    owner: NDArray[np.int64]
    first: NDArray[np.int64]

    @classmethod
    def of(cls, names: Sequence[str]) -> Wholes:
        """From the name of the whole of each part."""
        _, first, owner = np.unique(np.asarray(names, str), return_index=True, return_inverse=True)
        return cls(owner.reshape(-1), first)

    def median(self, values: Array) -> Array:
        """The median over the parts of each whole, float64 (wholes)."""
        if len(self.first) == 0:
            return np.zeros(0)
        order = np.argsort(self.owner, kind="stable")
        ends = np.cumsum(np.bincount(self.owner))[:-1]
        return np.array([np.median(part) for part in np.split(values[order], ends)])


def is_refused(novel: Array) -> bool:
    """Whether a whole is refused, from whether each of its parts is; without parts it is not."""
    return len(novel) > 0 and float(np.mean(novel)) > HALF
