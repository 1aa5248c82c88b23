"""The ready model `crystals`: which of seven classes a whole crystal belongs to, whichever way it is turned."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import DataError, Recognised
from structkit_guards.calibration import Temperature
from structkit_guards.distance import Whitened
from structkit_guards.groups import GroupedScores
from structkit_local_structure.averages import EnvironmentAverages

FOLDER = Path(__file__).parent / "crystals"
NONE = "none of these"
ENOUGH = 256  # atoms; where neighbours are equally near, chance takes one, and many atoms average over that
TOO_FEW = "S014"  # fewer atoms than neighbours: a molecule is no crystal
SURE = 0.95  # a class is sure from this probability on, and ruled out below 1 minus it
SETS = 3  # the last features: how much more often neighbours are of another species than by chance
ORDERED = 0.1  # of these from which on species are ordered: Cu3Au has 0.125, which is the least of common ones
SPACE = ("mean", "scale", "projection", "factor", "centres", "rows")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Judge:
    """A linear model, what its probabilities are worth, and how far from all that it learnt a crystal may be.

    Args:
        classes: names, in the order of the probabilities.
        weights: float64 (classes, features).
        bias: float64 (classes,).
        scale: by which features are divided.
        temperature: of the probabilities.
        space: in which distances to the crystals that were learnt from are taken.
        unit: of these distances.
        held_out: distances of crystals of elements that were not learnt from.
        false_alarms: share of these that may be refused.
    """

    classes: tuple[str, ...]
    weights: Floats
    bias: Floats
    scale: float
    temperature: Temperature
    space: Whitened
    unit: float
    held_out: GroupedScores
    false_alarms: float

    def probabilities(self, vector: Floats) -> Floats:
        """Calibrated probabilities of the classes, float64 (classes,)."""
        logits = self.weights @ (vector / self.scale) + self.bias
        powers = np.exp(logits - logits.max())
        calibrated: Floats = self.temperature((powers / powers.sum())[None])[0]
        return calibrated

    def p_value(self, vector: Floats) -> float:
        """The share of crystals of the classes that are as far or farther from what was learnt.

        None is where species are ordered: a compound is no crystal of an element.
        """
        if np.abs(vector[-SETS:]).max() > ORDERED:
            return 0.0
        distance = self.space.to_rows(self.space(vector[None]), 1) / self.unit
        return float(self.held_out.p_values(distance)[0])


class Crystals:
    """sc, bcc, fcc, diamond, hexagonal or rhombohedral, two body-centred tetragonal ones, or none of these."""

    folder: ClassVar[Path] = FOLDER

    def recognise(self, atoms: Atoms, name: str = "structure") -> Recognised:
        """What a whole crystal is; every atom is said to be the same.

        Raises:
            DataError: S012, no cell along a period; S013, positions that are no numbers; S021, two
                atoms in one place.
        """
        try:
            vector = EnvironmentAverages()(repeated(atoms))["vector"].astype(np.float64)
        except DataError as error:
            if any(problem.code != TOO_FEW for problem in error.problems):
                raise
            return self._of_all(name, len(atoms), np.zeros(len(judge().classes)), 0.0)
        return self._of_all(
            name, len(atoms), judge().probabilities(vector), judge().p_value(vector)
        )

    def card(self) -> str:
        """What the model was trained on, its scores, and what it cannot do, as Markdown."""
        return (FOLDER / "card.md").read_text(encoding="utf-8")

    def _of_all(self, name: str, count: int, probabilities: Floats, p_value: float) -> Recognised:
        """The verdict on a crystal as that on each of its atoms."""
        classes = (*judge().classes, NONE)
        novel = p_value <= judge().false_alarms
        place = len(classes) - 1 if novel else int(probabilities.argmax())
        confidence = 1 - p_value if novel else probabilities[place]
        shares = np.append(np.zeros(len(probabilities)) if novel else probabilities, novel)
        return Recognised(
            name,
            classes,
            np.full(count, place, np.int16),
            np.full(count, confidence, np.float32),
            np.full(count, 1 - p_value, np.float32),
            np.full(count, -1, np.int32),
            np.zeros(count, dtype=bool),
            (shares >= SURE).astype(np.float64),
            (shares > 1 - SURE).astype(np.float64),
        )


def repeated(atoms: Atoms) -> Atoms:
    """A small periodic crystal, repeated along its shorter vectors until it has atoms enough."""
    if not atoms.pbc.all() or not 0 < len(atoms) < ENOUGH or not atoms.cell.lengths().all():
        return atoms
    times = np.ones(3, dtype=int)
    while len(atoms) * times.prod() < ENOUGH:
        times[np.argmin(atoms.cell.lengths() * times)] += 1
    return atoms.repeat(times)


@functools.cache
def judge(folder: Path = FOLDER) -> Judge:
    """What was learnt, read once."""
    from safetensors.numpy import load_file

    facts: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    arrays = load_file(folder / "weights.safetensors")
    space = {name: arrays[f"space.{name}"].astype(np.float64) for name in SPACE}
    held_out = GroupedScores.of(
        arrays["held_out.scores"], arrays["held_out.above"], facts["groups"]
    )
    return Judge(
        tuple(facts["classes"]),
        arrays["weights"],
        arrays["bias"],
        facts["scale"],
        Temperature(facts["temperature"], arrays["temperature.bias"]),
        Whitened(**space),
        facts["unit"],
        held_out,
        facts["false_alarms"],
    )
