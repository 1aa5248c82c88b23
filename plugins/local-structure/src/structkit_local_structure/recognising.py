"""From the environments of atoms to what each is: lattice, confidence, novelty, grain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import Recognised
from structkit_local_structure.blocks import Surroundings, surroundings
from structkit_local_structure.grouping import Links, grains_of
from structkit_local_structure.making.built import CLASSES, DISORDERED, OTHER
from structkit_local_structure.network import Networks, log_sum
from structkit_local_structure.novelty import Novelty
from structkit_local_structure.orientation import Directions, orientation

NAMES = (*CLASSES[:OTHER], "none of these")
ORIENTED = 100  # grains whose orientation is told
SURE = 0.95  # a class is sure from this probability on, and ruled out below 1 minus it


@dataclass(frozen=True)
class Recogniser:
    """Networks that know lattices, and what was measured of how far they can be trusted.

    Args:
        lattice: says the class of an atom.
        perfect: says whether all neighbours are in place.
        temperature: float32 (classes,), by which the logarithms of probabilities are divided, by the
            class that is most probable.
        novelty: says how strange an atom is.
    """

    lattice: Networks
    perfect: Networks
    temperature: NDArray[np.float32]
    novelty: Novelty

    def recognise(self, atoms: Atoms, name: str) -> Recognised:
        """What every atom of a structure is; species are not looked at.

        Raises:
            DataError: S012, no cell along a period; S013, positions that are no numbers; S014, fewer
                than 15 atoms without a period; S021, two atoms in one place.
        """
        answer = _Answer(len(atoms))
        cell = np.asarray(atoms.cell[:], dtype=np.float64)
        for some in surroundings(atoms.positions, cell, np.asarray(atoms.pbc)):
            self._fill(answer, some)
        grain, grains = grains_of(answer.links, answer.structure)
        for number, facts in enumerate(grains[:ORIENTED]):
            mean = answer.directions.of_grain(grain, number)
            if mean is not None:
                facts["orientation"] = orientation(mean, CLASSES.index(facts["class"]))
        return answer.recognised(name, grain, tuple(grains))

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Calibrated probabilities, float32 (atoms, 8).

        Args:
            features: float32 (atoms, 120).
        """
        logs = self.lattice.log_probabilities(features)
        logs /= self.temperature[logs.argmax(axis=1)][:, None]
        result: NDArray[np.float32] = np.exp(logs - log_sum(logs))
        return result

    def _fill(self, answer: _Answer, some: Surroundings) -> None:
        probabilities = self.probabilities(some.features)
        classes = probabilities.argmax(axis=1)
        strange, novelty = self.novelty.judge(some.features, classes, probabilities)
        perfect = self.perfect.log_probabilities(some.features)
        answer.take(some, probabilities, np.where(strange, OTHER, classes), novelty)
        answer.directions.take(some, classes)
        answer.perfect[some.atoms] = (perfect[:, 1] > perfect[:, 0]) & (classes < DISORDERED)


class _Answer:
    """What is said of the atoms, filled chunk by chunk."""

    def __init__(self, count: int) -> None:
        self.structure = np.zeros(count, np.int16)
        self.confidence = np.zeros(count, np.float32)
        self.novelty = np.zeros(count, np.float32)
        self.perfect = np.zeros(count, dtype=bool)
        self.links = Links(count)
        self.directions = Directions(count)
        self.sure = np.zeros(len(NAMES))
        self.possible = np.zeros(len(NAMES))

    def take(self, some: Surroundings, probabilities: NDArray[np.float32],
             classes: NDArray[np.int64], novelty: NDArray[np.float32]) -> None:  # fmt: skip
        """Keep what is said of some atoms."""
        self.structure[some.atoms] = classes
        told = probabilities[np.arange(len(classes)), classes]
        strange = classes != probabilities.argmax(axis=1)
        self.confidence[some.atoms] = np.where(strange, np.maximum(told, novelty), told)
        self.novelty[some.atoms] = novelty
        sure = (probabilities >= SURE) & ~strange[:, None]
        possible = (probabilities >= 1 - SURE) | (np.arange(len(NAMES)) == classes[:, None])
        self.sure += sure.sum(axis=0)
        self.possible += possible.sum(axis=0)
        self.links.take(some)

    def recognised(
        self, name: str, grain: NDArray[np.int32], grains: tuple[dict[str, object], ...]
    ) -> Recognised:
        """All of it as one object."""
        count = max(len(self.structure), 1)
        return Recognised(
            name, NAMES, self.structure, self.confidence, self.novelty, grain, self.perfect,
            self.sure / count, self.possible / count, grains,
        )  # fmt: skip
