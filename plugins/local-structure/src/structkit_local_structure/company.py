"""What the neighbours of an atom add to what its own surroundings say, as machine code."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from structkit_local_structure.making.built import DISORDERED
from structkit_local_structure.ring import compiled

Singles = NDArray[np.float32]
Numbers = NDArray[np.int32]
NOTED, CHOSEN, SETTLED, CLOSED = 1, 2, 3, 4  # how far an atom is; 0 before it is looked at


class Marks(NamedTuple):
    """What is said of each atom while others are still looked at.

    Args:
        stage: uint8 (atoms,), how far an atom is.
        first, second: int8 (atoms,), the likeliest classes.
        odds: float32 (atoms,), log odds of `other`.
        mean: float32 (atoms,), their mean over an atom and its neighbours, once it is CHOSEN.
        structure: int16 (atoms,), the class that has company, once it is CHOSEN; then the verdict.
        parent: int32 (atoms,), another atom of the same grain, or itself.
    """

    stage: NDArray[np.uint8]
    first: NDArray[np.int8]
    second: NDArray[np.int8]
    odds: Singles
    mean: Singles
    structure: NDArray[np.int16]
    parent: Numbers


@compiled
def choose(marks: Marks, atoms: Numbers, neighbours: Numbers, least: int) -> None:
    """Choose the class of each atom whose neighbours are all NOTED, and average its odds over them.

    A lattice needs neighbours of its own: `first` is chosen where it has that company, else
    `second` if that has; else the atom is disordered.

    Args:
        marks: of all atoms.
        atoms: int32 (some,).
        neighbours: int32 (some, 12).
        least: neighbours of the same lattice that an atom must have to belong to it.
    """
    for k in range(len(atoms)):
        i = atoms[k]
        if marks.stage[i] == NOTED and _have_come_to(NOTED, marks.stage, neighbours[k]):
            marks.structure[i] = _with_company(marks, neighbours[k], i, least)
            marks.mean[i] = _smoothed(marks.odds, neighbours[k], i)
            marks.stage[i] = CHOSEN


@compiled
def smooth(
    marks: Marks, atoms: Numbers, neighbours: Numbers, ready: Numbers, twice: Singles
) -> int:
    """Average the means of odds once more, of each atom whose neighbours are all CHOSEN.

    Args:
        marks: of all atoms.
        atoms: int32 (some,).
        neighbours: int32 (some, 12).
        ready: int32 (some,), filled with the atoms of which that is so.
        twice: float32 (some,), filled with their averages.

    Returns:
        How many are ready.
    """
    count = 0
    for k in range(len(atoms)):
        i = atoms[k]
        if marks.stage[i] == CHOSEN and _have_come_to(CHOSEN, marks.stage, neighbours[k]):
            ready[count], twice[count] = i, _smoothed(marks.mean, neighbours[k], i)
            count += 1
    return count


@compiled
def _have_come_to(least: int, stage: NDArray[np.uint8], neighbours: Numbers) -> bool:
    least_of_all = least
    for n in range(len(neighbours)):
        least_of_all = min(least_of_all, stage[neighbours[n]])
    return least_of_all >= least


@compiled
def _smoothed(values: Singles, neighbours: Numbers, i: int) -> np.float32:
    """The mean of values over an atom and its neighbours."""
    total = values[i]
    for n in range(len(neighbours)):
        total += values[neighbours[n]]
    mean: np.float32 = total * np.float32(1 / (1 + len(neighbours)))
    return mean


@compiled
def _with_company(marks: Marks, neighbours: Numbers, i: int, least: int) -> int:
    first, second = int(marks.first[i]), int(marks.second[i])
    if first >= DISORDERED or _mates(marks.first, neighbours, first) >= least:
        return first
    enough = second < DISORDERED and _mates(marks.first, neighbours, second) >= least
    return second if enough else DISORDERED


@compiled
def _mates(first: NDArray[np.int8], neighbours: Numbers, lattice: int) -> int:
    count = 0
    for n in range(len(neighbours)):
        if first[neighbours[n]] == lattice:
            count += 1
    return count


@compiled
def join(marks: Marks, atoms: Numbers, neighbours: Numbers, alike: NDArray[np.uint16]) -> int:
    """Join atoms whose neighbours are all SETTLED with those of one lattice and orientation.

    Args:
        marks: of all atoms.
        atoms: int32 (some,).
        neighbours: int32 (some, 12).
        alike: uint16 (some,), a bit for each neighbour at the same orientation.

    Returns:
        How many links are still needed; they are moved to the front.
    """
    kept = 0
    for k in range(len(atoms)):
        i = atoms[k]
        if marks.stage[i] == SETTLED and _have_come_to(SETTLED, marks.stage, neighbours[k]):
            marks.stage[i] = CLOSED
            if marks.structure[i] < DISORDERED:
                _join_alike(marks, neighbours[k], alike[k], i)
            continue
        atoms[kept], alike[kept] = i, alike[k]
        for n in range(neighbours.shape[1]):
            neighbours[kept, n] = neighbours[k, n]
        kept += 1
    return kept


@compiled
def _join_alike(marks: Marks, neighbours: Numbers, alike: int, i: int) -> None:
    for n in range(len(neighbours)):
        j = neighbours[n]
        if marks.structure[j] == marks.structure[i] and (alike >> n) & 1:
            one, two = _find(marks.parent, i), _find(marks.parent, j)
            marks.parent[max(one, two)] = min(one, two)


@compiled
def _find(parent: Numbers, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@compiled
def find_roots(parent: Numbers, sizes: Numbers) -> None:
    """Let every atom name the first atom of its grain, and count the atoms there."""
    for i in range(len(parent)):
        parent[i] = _find(parent, i)
        sizes[parent[i]] += 1
