"""Verdicts of atoms, each as soon as all is known of those around it, so that links need not be kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from structkit_local_structure.blocks import Surroundings
from structkit_local_structure.company import NOTED, SETTLED, Marks, choose, join, smooth
from structkit_local_structure.grouping import Links
from structkit_local_structure.making.built import OTHER
from structkit_local_structure.orientation import Directions

Singles = NDArray[np.float32]
SURE = 0.95  # a class is sure from this probability on, and ruled out below 1 minus it
EVEN = np.float32(0.5)  # the least confidence in a class that the neighbours decided
STEEP = 2.0  # how fast novelty rises where the limit is passed
PATIENCE = 20_000  # links that are at least taken before it is looked which of them are needed


class Verdicts:
    """What is said of the atoms of a structure, filled chunk by chunk: some 27 bytes an atom.

    Args:
        count: atoms.
        limits: float32 (7,), of each class, smoothed log odds above which an atom is none of these.
        company: neighbours of the same lattice that an atom of a lattice must have.
    """

    def __init__(self, count: int, limits: Singles, company: int) -> None:
        self.limits, self.company = limits, company
        self.confidence = np.zeros(count, np.float32)
        self.novelty = np.zeros(count, np.float32)
        self.possible = np.zeros(count, np.uint8)  # a bit each for the known classes
        self.perfect = np.zeros(count, dtype=bool)
        self.marks = Marks(
            stage=np.zeros(count, np.uint8),
            first=np.zeros(count, np.int8),
            second=np.zeros(count, np.int8),
            odds=np.zeros(count, np.float32),
            mean=np.zeros(count, np.float32),
            structure=np.zeros(count, np.int16),
            parent=np.arange(count, dtype=np.int32),
        )
        self.directions = Directions(count)
        self._links = Links()
        self._patience = PATIENCE

    def take(self, some: Surroundings, probabilities: Singles, odds: Singles) -> None:
        """Note what is said of some atoms by their own surroundings.

        Args:
            some: the atoms.
            probabilities: float32 (some, 7), of the known classes.
            odds: float32 (some,), log odds of `other`.
        """
        first, second, largest = _two_likeliest(probabilities)
        self.marks.first[some.atoms], self.marks.second[some.atoms] = first, second
        self.marks.odds[some.atoms] = odds
        self.marks.stage[some.atoms] = NOTED
        self.confidence[some.atoms] = largest
        self.possible[some.atoms] = (probabilities >= 1 - SURE) @ (1 << np.arange(OTHER))
        self.directions.take(some, first)
        self._links.take(some, first)
        if self._links.count >= self._patience:
            self.settle()

    def settle(self) -> None:
        """Give the verdict of all atoms whose neighbours are known, and forget links that are not needed."""
        links = self._links
        choose(self.marks, links.atoms, links.neighbours, self.company)
        ready, twice = np.empty(links.count, np.int32), np.empty(links.count, np.float32)
        count = smooth(self.marks, links.atoms, links.neighbours, ready, twice)
        self._conclude(ready[:count], twice[:count])
        links.count = join(self.marks, links.atoms, links.neighbours, links.alike)
        # so that those that wait are not looked at again and again
        self._patience = 2 * links.count + PATIENCE

    def _conclude(self, atoms: NDArray[np.int32], twice: Singles) -> None:
        """The verdict of atoms, from their log odds averaged twice, float32 (some,)."""
        chosen = self.marks.structure[atoms]
        beyond = twice - self.limits[chosen]
        novelty = 1 / (1 + np.exp(-STEEP * beyond))
        structure = np.where(beyond > 0, OTHER, chosen).astype(np.int16)
        own = self.confidence[atoms]
        by_company = np.maximum(1 - own, EVEN)
        confidence = np.where(chosen == self.marks.first[atoms], own, by_company)
        confidence = np.where(structure == OTHER, novelty, confidence * (1 - novelty))
        self.marks.structure[atoms] = structure
        self.marks.stage[atoms] = SETTLED
        self.novelty[atoms] = novelty
        self.confidence[atoms] = confidence


def _two_likeliest(
    probabilities: Singles,
) -> tuple[NDArray[np.intp], NDArray[np.intp], Singles]:
    """The two likeliest classes of each atom, and the probability of the first."""
    turned = np.ascontiguousarray(probabilities.T)
    first = turned.argmax(axis=0)
    columns = np.arange(len(first))
    largest = turned[first, columns]
    rest = turned.copy()
    rest[first, columns] = -1
    return first, rest.argmax(axis=0), largest
