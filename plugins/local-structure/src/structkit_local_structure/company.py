"""What the neighbours of an atom add to what its own surroundings say, as machine code."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from structkit_local_structure.making.built import DISORDERED
from structkit_local_structure.ring import compiled

Singles = NDArray[np.float32]
Numbers = NDArray[np.int32]
Classes = NDArray[np.int16]


@compiled
def smoothed(values: Singles, neighbours: Numbers) -> Singles:
    """The mean of values over each atom and its neighbours, float32 (atoms,)."""
    means = np.empty_like(values)
    share = np.float32(1 / (1 + neighbours.shape[1]))
    for i in range(len(values)):
        total = values[i]
        for n in range(neighbours.shape[1]):
            total += values[neighbours[i, n]]
        means[i] = total * share
    return means


@compiled
def with_company(first: Classes, second: Classes, neighbours: Numbers, least: int) -> Classes:
    """The class of each atom, where a lattice needs neighbours of its own.

    Args:
        first: int16 (atoms,), the likeliest classes.
        second: int16 (atoms,), the next ones.
        neighbours: int32 (atoms, 12).
        least: neighbours of the same lattice that an atom must have to belong to it.

    Returns:
        `first`; with less company `second`, if that has company; else disordered.
    """
    chosen = first.copy()
    for i in range(len(first)):
        if first[i] >= DISORDERED or _mates(first, neighbours, i, first[i]) >= least:
            continue
        other = second[i]
        enough = other < DISORDERED and _mates(first, neighbours, i, other) >= least
        chosen[i] = other if enough else DISORDERED
    return chosen


@compiled
def _mates(first: Classes, neighbours: Numbers, i: int, lattice: int) -> int:
    count = 0
    for n in range(neighbours.shape[1]):
        if first[neighbours[i, n]] == lattice:
            count += 1
    return count
