"""From the environments of atoms to what each is: lattice, confidence, novelty, grain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import Recognised
from structkit_local_structure.blocks import Surroundings, surroundings
from structkit_local_structure.company import smoothed, with_company
from structkit_local_structure.grouping import Links, grains_of
from structkit_local_structure.making.built import CLASSES, DISORDERED, OTHER
from structkit_local_structure.making.known import is_perfect
from structkit_local_structure.network import Networks, softmax
from structkit_local_structure.orientation import Directions, orientation

NAMES = (*CLASSES[:OTHER], "none of these")
ORIENTED = 100  # grains whose orientation is told
SURE = 0.95  # a class is sure from this probability on, and ruled out below 1 minus it
STRANGEST = 8.0  # the largest log odds of an atom: one alone does not decide for its neighbours
DOUBTFUL = -4.0  # log odds above which is looked whether an atom is one of a perfect lattice
EVEN = np.float32(0.5)  # the least confidence in a class that the neighbours decided
STEEP = 2.0  # how fast novelty rises where the limit is passed
Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Trust:
    """What was measured of how far networks can be trusted.

    Args:
        bias: float32 (7,), added to the logarithms of the probabilities of the known classes.
        temperature: float32 (7,), by which they are then divided, by the likeliest class.
        limits: float32 (7,), of each class, log odds of `other`, smoothed twice over neighbours, above
            which an atom is none of these.
        company: neighbours of the same lattice that an atom of a lattice must have.
    """

    bias: Singles
    temperature: Singles
    limits: Singles
    company: int


@dataclass(frozen=True)
class Recogniser:
    """Networks that know lattices, and how far they can be trusted.

    Args:
        lattice: says the class of an atom.
        perfect: says whether all neighbours are in place.
        trust: what was measured of both.
    """

    lattice: Networks
    perfect: Networks
    trust: Trust

    def recognise(self, atoms: Atoms, name: str) -> Recognised:
        """What every atom of a structure is; species are not looked at.

        Raises:
            DataError: S012, no cell along a period; S013, positions that are no numbers; S014, fewer
                than 15 atoms without a period; S021, two atoms in one place.
        """
        notes = _Notes(len(atoms))
        cell = np.asarray(atoms.cell[:], dtype=np.float64)
        for some in surroundings(atoms.positions, cell, np.asarray(atoms.pbc)):
            self._note(notes, some)
        return self._concluded(notes, name)

    def probabilities(self, logs: Singles) -> Singles:
        """Calibrated probabilities of the known classes, float32 (atoms, 7).

        Args:
            logs: float32 (atoms, 8), what the networks say.
        """
        known = logs[:, :OTHER] + self.trust.bias
        known /= self.trust.temperature[known.argmax(axis=1)][:, None]
        return softmax(known)

    def _note(self, notes: _Notes, some: Surroundings) -> None:
        logs = self.lattice.log_probabilities(some.features)
        probabilities = self.probabilities(logs)
        perfect = self.perfect.log_probabilities(some.features)
        odds = logs[:, OTHER] - logs[:, :OTHER].max(axis=1)
        odds = np.clip(odds, -STRANGEST, STRANGEST)
        notes.take(some, probabilities, _without_perfect(odds, some.features))
        notes.perfect[some.atoms] = perfect[:, 1] > perfect[:, 0]

    def _concluded(self, notes: _Notes, name: str) -> Recognised:
        """What the neighbours say too; then grains."""
        near = notes.links.neighbours
        chosen = with_company(notes.first, notes.second, near, self.trust.company)
        beyond = smoothed(smoothed(notes.odds, near), near) - self.trust.limits[chosen]
        novelty = 1 / (1 + np.exp(-STEEP * beyond))
        structure = np.where(beyond > 0, OTHER, chosen).astype(np.int16)
        own = notes.confidence
        by_company = np.maximum(1 - own, EVEN)
        confidence = np.where(chosen == notes.first, own, by_company)
        confidence = np.where(structure == OTHER, novelty, confidence * (1 - novelty))
        perfect = notes.perfect & (structure < DISORDERED)
        grain, grains = grains_of(notes.links, structure)
        for number, facts in enumerate(grains[:ORIENTED]):
            mean = notes.directions.of_grain(grain, number)
            if mean is not None:
                facts["orientation"] = orientation(mean, CLASSES.index(facts["class"]))
        least, most = _bounds(structure, confidence, novelty, notes.possible)
        return Recognised(
            name, NAMES, structure, confidence.astype(np.float32), novelty.astype(np.float32),
            grain, perfect, least, most, tuple(grains),
        )  # fmt: skip


def _without_perfect(odds: Singles, features: Singles) -> Singles:
    """Log odds of `other`, but none for atoms whose invariants are those of a known perfect lattice.

    Networks learn on crystals that tremble; without any noise these look strange to them.
    """
    doubtful = np.flatnonzero(odds > DOUBTFUL)
    perfect = doubtful[is_perfect(features[doubtful])]
    odds[perfect] = -STRANGEST
    return odds


class _Notes:
    """What the surroundings of each atom say, filled chunk by chunk: some 80 bytes an atom."""

    def __init__(self, count: int) -> None:
        self.first = np.zeros(count, np.int16)
        self.second = np.zeros(count, np.int16)
        self.confidence = np.zeros(count, np.float32)  # of the first class
        self.odds = np.zeros(count, np.float32)
        self.possible = np.zeros(count, np.uint8)  # a bit each for the known classes
        self.perfect = np.zeros(count, dtype=bool)
        self.links = Links(count)
        self.directions = Directions(count)

    def take(self, some: Surroundings, probabilities: Singles, odds: Singles) -> None:
        """Keep what is said of some atoms."""
        order = np.argsort(-probabilities, axis=1)[:, :2]
        self.first[some.atoms], self.second[some.atoms] = order.T
        self.confidence[some.atoms] = probabilities.max(axis=1)
        self.odds[some.atoms] = odds
        self.possible[some.atoms] = (probabilities >= 1 - SURE) @ (1 << np.arange(OTHER))
        self.links.take(some)
        self.directions.take(some, order[:, 0])


def _bounds(
    structure: NDArray[np.int16],
    confidence: Singles,
    novelty: Singles,
    possible: NDArray[np.uint8],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each class the share of atoms that are it for sure, and that may be it, float64 (classes,)."""
    least, most = np.zeros(len(NAMES)), np.zeros(len(NAMES))
    for number in range(len(NAMES)):
        mine = structure == number
        may = novelty >= 1 - SURE if number == OTHER else (possible >> number) & 1 > 0
        least[number] = (mine & (confidence >= SURE)).sum()
        most[number] = (mine | may).sum()
    count = max(len(structure), 1)
    return least / count, most / count
