"""Grains: neighbours of the same lattice at nearly the same orientation belong together."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from structkit_local_structure.blocks import Surroundings
from structkit_local_structure.company import find_roots
from structkit_local_structure.making.built import CLASSES, DIAMOND, DISORDERED, HEXAGONAL_DIAMOND
from structkit_local_structure.ring import BONDED

Numbers = NDArray[np.int32]
Kind = TypeVar("Kind", np.int32, np.uint16)
# Cosine of averaged q_lm from which two neighbours are at the same orientation, by class: about 5 degrees.
# Within a crystal at its melting point nearly all atoms have such a neighbour. The two sublattices of the
# diamonds are mirror images, whose odd l differ.
ALIKE = np.full(len(CLASSES), 0.94, np.float32)
ALIKE[[DIAMOND, HEXAGONAL_DIAMOND]] = 0.86, 0.82
LEAST = 13  # atoms of a grain: an atom and its neighbours
TOLD = 1000  # grains of which facts are told


class Links:
    """Who is a neighbour of whom, and which of them are alike: of atoms that still need it."""

    def __init__(self) -> None:
        self.count = 0
        self._atoms = np.empty(0, np.int32)
        self._neighbours = np.empty((0, BONDED), np.int32)
        self._alike = np.empty(0, np.uint16)

    @property
    def atoms(self) -> Numbers:
        """The atoms, int32 (count,)."""
        return self._atoms[: self.count]

    @property
    def neighbours(self) -> Numbers:
        """Their neighbours, int32 (count, 12)."""
        return self._neighbours[: self.count]

    @property
    def alike(self) -> NDArray[np.uint16]:
        """A bit for each neighbour that is at the same orientation, uint16 (count,)."""
        return self._alike[: self.count]

    def take(self, some: Surroundings, classes: NDArray[np.intp]) -> None:
        """Keep the neighbours of some atoms, given their classes."""
        begin, self.count = self.count, self.count + len(some.atoms)
        if self.count > len(self._atoms):
            self._make_room()
        self._atoms[begin : self.count] = some.atoms
        self._neighbours[begin : self.count] = some.neighbours[:, :BONDED]
        bits = (some.alike > ALIKE[classes][:, None]) @ (1 << np.arange(BONDED))
        self._alike[begin : self.count] = bits

    def _make_room(self) -> None:
        room = 3 * self.count // 2
        self._atoms = _longer(self._atoms, room)
        self._neighbours = _longer(self._neighbours, room)
        self._alike = _longer(self._alike, room)


def _longer(values: NDArray[Kind], room: int) -> NDArray[Kind]:
    """The same items with room for more."""
    longer = np.empty((room, *values.shape[1:]), values.dtype)
    longer[: len(values)] = values
    return longer


def grains_of(parent: Numbers, structure: NDArray[np.int16]) -> list[dict[str, Any]]:
    """Number the grains from the largest on.

    Args:
        parent: int32 (atoms,), another atom of the same grain, or itself; it becomes the grain of
            each atom, -1 for none.
        structure: int16 (atoms,), classes.

    Returns:
        Facts of the grains.
    """
    sizes = np.zeros(len(parent), np.int32)
    find_roots(parent, sizes)
    large = np.flatnonzero((sizes >= LEAST) & (structure < DISORDERED))
    large = large[np.argsort(-sizes[large], kind="stable")]
    facts = [
        {"class": CLASSES[structure[root]], "atoms": int(sizes[root])}
        for root in large[:TOLD].tolist()
    ]
    numbers = sizes
    numbers[:] = -1
    numbers[large] = np.arange(len(large), dtype=np.int32)
    parent[:] = numbers[parent]
    return facts
