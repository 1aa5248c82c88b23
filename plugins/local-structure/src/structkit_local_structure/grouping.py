"""Grains: neighbours of the same lattice at nearly the same orientation belong together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit_local_structure.blocks import Surroundings
from structkit_local_structure.making.built import CLASSES, DISORDERED
from structkit_local_structure.ring import BONDED, compiled

Numbers = NDArray[np.int32]
# Cosine of averaged q_lm from which two neighbours are at the same orientation: about 5 degrees. Within a
# crystal at its melting point nearly all atoms have such a neighbour.
ALIKE = 0.94
LEAST = 13  # atoms of a grain: an atom and its neighbours
TOLD = 1000  # grains of which facts are told


class Links:
    """Who is a neighbour of whom, and which of them are alike: 50 bytes an atom.

    Args:
        count: atoms.
    """

    def __init__(self, count: int) -> None:
        self.neighbours = np.zeros((count, BONDED), np.int32)
        self.alike = np.zeros(count, np.uint16)

    def take(self, some: Surroundings) -> None:
        """Keep the neighbours of some atoms; a bit each says who is alike."""
        self.neighbours[some.atoms] = some.neighbours[:, :BONDED]
        bits = (some.alike > ALIKE) @ (1 << np.arange(BONDED))
        self.alike[some.atoms] = bits


def grains_of(
    links: Links, structure: NDArray[np.int16]
) -> tuple[NDArray[np.int32], list[dict[str, Any]]]:
    """Number the grains from the largest on.

    Args:
        links: of all atoms.
        structure: int16 (atoms,), classes.

    Returns:
        int32 (atoms,), the grain of each atom, -1 for none; and facts of the grains.
    """
    parent = np.arange(len(structure), dtype=np.int32)
    _join(links.neighbours, links.alike, structure, parent, DISORDERED)
    roots = _roots(parent)
    sizes = np.bincount(roots, minlength=len(structure)) if len(structure) else np.zeros(0, int)
    large = np.flatnonzero((sizes >= LEAST) & (structure < DISORDERED))
    large = large[np.argsort(-sizes[large], kind="stable")]
    numbers = np.full(len(structure), -1, np.int32)
    numbers[large] = np.arange(len(large), dtype=np.int32)
    facts = [
        {"class": CLASSES[structure[root]], "atoms": int(sizes[root])}
        for root in large[:TOLD].tolist()
    ]
    return numbers[roots], facts


@compiled
def _find(parent: Numbers, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@compiled
def _join(
    neighbours: Numbers,
    alike: NDArray[np.uint16],
    structure: NDArray[np.int16],
    parent: Numbers,
    lattices: int,
) -> None:
    for i in range(len(structure)):
        if structure[i] >= lattices:
            continue
        for n in range(neighbours.shape[1]):
            j = neighbours[i, n]
            if structure[j] == structure[i] and (alike[i] >> n) & 1:
                one, two = _find(parent, i), _find(parent, j)
                parent[max(one, two)] = min(one, two)


@compiled
def _roots(parent: Numbers) -> Numbers:
    roots = np.empty_like(parent)
    for i in range(len(parent)):
        roots[i] = _find(parent, i)
    return roots
