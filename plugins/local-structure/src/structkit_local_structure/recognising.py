"""From the environments of atoms to what each is: lattice, confidence, novelty, grain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import Recognised
from structkit_local_structure.blocks import Surroundings, surroundings
from structkit_local_structure.grouping import grains_of
from structkit_local_structure.making.built import CLASSES, DISORDERED, OTHER
from structkit_local_structure.making.known import is_perfect
from structkit_local_structure.network import Networks, softmax
from structkit_local_structure.orientation import orientation
from structkit_local_structure.settling import SURE, Verdicts

NAMES = (*CLASSES[:OTHER], "none of these")
ORIENTED = 100  # grains whose orientation is told
STRANGEST = 8.0  # the largest log odds of an atom: one alone does not decide for its neighbours
DOUBTFUL = -4.0  # log odds above which is looked whether an atom is one of a perfect lattice
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
        verdicts = Verdicts(len(atoms), self.trust.limits, self.trust.company)
        cell = np.asarray(atoms.cell[:], dtype=np.float64)
        for some in surroundings(atoms.positions, cell, np.asarray(atoms.pbc)):
            self._note(verdicts, some)
        verdicts.settle()
        return _recognised(verdicts, name)

    def probabilities(self, logs: Singles) -> Singles:
        """Calibrated probabilities of the known classes, float32 (atoms, 7).

        Args:
            logs: float32 (atoms, 8), what the networks say.
        """
        known = logs[:, :OTHER] + self.trust.bias
        known /= self.trust.temperature[known.argmax(axis=1)][:, None]
        return softmax(known)

    def _note(self, verdicts: Verdicts, some: Surroundings) -> None:
        """What the networks say of some atoms."""
        logs = self.lattice.log_probabilities(some.features)
        perfect = self.perfect.log_probabilities(some.features)
        odds = logs[:, OTHER] - logs[:, :OTHER].max(axis=1)
        odds = np.clip(odds, -STRANGEST, STRANGEST)
        verdicts.perfect[some.atoms] = perfect[:, 1] > perfect[:, 0]
        odds = _without_perfect(odds, some.features)
        verdicts.take(some, self.probabilities(logs), odds)


def _recognised(verdicts: Verdicts, name: str) -> Recognised:
    """What is said of every atom; then grains."""
    grain, structure = verdicts.marks.parent, verdicts.marks.structure
    confidence, novelty = verdicts.confidence, verdicts.novelty
    grains = grains_of(grain, structure)
    for number, facts in enumerate(grains[:ORIENTED]):
        mean = verdicts.directions.of_grain(grain, number)
        if mean is not None:
            facts["orientation"] = orientation(mean, CLASSES.index(facts["class"]))
    least, most = _bounds(structure, confidence, novelty, verdicts.possible)
    perfect = verdicts.perfect & (structure < DISORDERED)
    return Recognised(
        name, NAMES, structure, confidence, novelty, grain, perfect, least, most, tuple(grains)
    )


def _without_perfect(odds: Singles, features: Singles) -> Singles:
    """Log odds of `other`, but none for atoms whose invariants are those of a known perfect lattice.

    Networks learn on crystals that tremble; without any noise these look strange to them.
    """
    doubtful = np.flatnonzero(odds > DOUBTFUL)
    perfect = doubtful[is_perfect(features[doubtful])]
    odds[perfect] = -STRANGEST
    return odds


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
