"""What a ready model says of the atoms of a structure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ase import Atoms

MOSTLY = 0.9  # share of a class from which a structure is called so
WORTH_TELLING = 0.02  # share below which a class is not named in a verdict


@dataclass(frozen=True)
class Recognised:
    """What every atom of a structure is.

    Args:
        name: of the structure.
        classes: what an atom can be.
        structure: int16 (atoms,), the place of an atom's class in `classes`.
        confidence: float32 (atoms,), the probability that it is right.
        novelty: float32 (atoms,), how strange the atom is to the model, from 0 to 1: the share of
            atoms like those that it knows which are stranger less.
        grain: int32 (atoms,), grains from the largest on; -1 for atoms of none.
        perfect: bool (atoms,), whether all neighbours are in place.
        least: of each class, the share of atoms that are it for sure, float64 (classes,).
        most: of each class, the share of atoms that may be it, float64 (classes,).
        grains: facts of each grain: `class`, `atoms`, and of the largest `orientation`, a quaternion
            (w, x, y, z) that turns the axes of the lattice into those of the structure.
    """

    name: str
    classes: tuple[str, ...]
    structure: NDArray[np.int16]
    confidence: NDArray[np.float32]
    novelty: NDArray[np.float32]
    grain: NDArray[np.int32]
    perfect: NDArray[np.bool_]
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    grains: tuple[Mapping[str, Any], ...] = field(default=())

    def __len__(self) -> int:
        return len(self.structure)

    def fractions(self) -> dict[str, float]:
        """The share of the atoms of each class."""
        counts = np.bincount(self.structure, minlength=len(self.classes))
        return dict(zip(self.classes, (counts / max(len(self), 1)).tolist(), strict=True))

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Of each class, from the share that is it for sure to the share that may be it (95 %)."""
        bounds = zip(self.least.tolist(), self.most.tolist(), strict=True)
        return dict(zip(self.classes, bounds, strict=True))

    def verdict(self) -> str:
        """What the structure is, in words: `fcc`, or what it is made of."""
        shares = sorted(self.fractions().items(), key=lambda pair: -pair[1])
        if not len(self):
            return "no atoms"
        if shares[0][1] >= MOSTLY:
            return shares[0][0]
        named = [f"{name} {share:.0%}" for name, share in shares if share >= WORTH_TELLING]
        return "mixed: " + ", ".join(named)

    def facts(self) -> dict[str, Any]:
        """Everything about the structure as a whole, as JSON holds it."""
        return {
            "name": self.name,
            "atoms": len(self),
            "verdict": self.verdict(),
            "fractions": self.fractions(),
            "intervals": {name: list(pair) for name, pair in self.intervals().items()},
            "perfect": float(self.perfect.mean()) if len(self) else 0.0,
            "confidence": float(self.confidence.mean()) if len(self) else 0.0,
            "grains": [dict(grain) for grain in self.grains],
        }


@dataclass(frozen=True)
class Recognition:
    """What a ready model said of several structures, for a page about them.

    Args:
        model: its name.
        card: what the model is, as Markdown.
        structures: facts of each, as `Recognised.facts` gives them, in order.
        shown: the last structure, and what was said of its atoms.
        notes: sentences on what to bear in mind.
    """

    model: str
    card: str
    structures: Sequence[Mapping[str, Any]]
    shown: tuple[Atoms, Recognised]
    notes: Sequence[str] = ()
