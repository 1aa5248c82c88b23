"""The same tests for explanations of single atoms, or pixels: each is tested as if it were a row.

An explainer of atoms gives maps `relevance_<method>` of shape (explained atoms, evidence …), and
its verbs `strength` and `without` are told of which atom: the evidence is what this atom's verdict
may rest on, such as its features or its neighbours. Of a pixel it is the image. Atoms of a
structure are alike, so intervals are over groups of structures, as ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Array, Table
from structkit.evaluation.faithfulness import Deletion, Relevance, deletion, summary

EXPLAINED = "explained"  # int64 (parts): the atoms, or pixels, that are explained
OF_STRUCTURE = "structure_"  # begins the names of the arrays of the structure itself


class DeletableParts(Protocol):
    """An explainer whose maps of atoms, or of other parts, can be tested."""

    def strength(self, inputs: Mapping[str, Array], atom: int) -> Array:
        """How much there is of each part that belongs to an atom, in the shape of one map."""

    def without(
        self, inputs: Mapping[str, Array], deleted: NDArray[np.bool_], atom: int
    ) -> Mapping[str, Array]:
        """The inputs with some of the atom's parts taken away; the atom keeps its place."""


@dataclass(frozen=True)
class OnePart:
    """An explainer and a model of atoms, as they are to somebody who asks about one atom alone.

    Args:
        explainer: of atoms.
        model: gives (atoms, classes) for each row, by `of_parts` where its `predict` gives something
            else.
        atom: its number; of an image that of the pixel, row by row.
    """

    explainer: DeletableParts
    model: Any
    atom: int

    def strength(self, inputs: Mapping[str, Array]) -> Array:
        """How much there is of each part of the atom."""
        return self.explainer.strength(inputs, self.atom)

    def without(
        self, inputs: Mapping[str, Array], deleted: NDArray[np.bool_]
    ) -> Mapping[str, Array]:
        """The inputs with some parts of the atom taken away."""
        return self.explainer.without(inputs, deleted, self.atom)

    def predict(self, features: Table) -> NDArray[np.float64]:
        """Class probabilities of the atom in every row, (rows, classes)."""
        asked = getattr(self.model, "of_parts", self.model.predict)
        predicted = asked(features)
        return np.stack([np.asarray(row[self.atom], dtype=float) for row in predicted])


def deletions(
    explainer: DeletableParts,
    model: Any,
    features: Table,
    learnt: Relevance,
    random: Relevance,
    rng: np.random.Generator,
) -> Iterator[Deletion]:
    """The deletion curves of each explained atom of a table's only row; arguments as `deletion` has.

    Raises:
        ValueError: a map is not one for each explained atom.
    """
    atoms = features.item(EXPLAINED, 0).tolist()
    for name, values in [*learnt.items(), *random.items()]:
        if len(values) != len(atoms):
            raise ValueError(f"{len(values)} maps '{name}' of {len(atoms)} explained atoms")
    for place, atom in enumerate(atoms):
        one = OnePart(explainer, model, atom)
        yield deletion(one, one, features, _at(learnt, place), _at(random, place), rng)


def _at(maps: Relevance, place: int) -> Relevance:
    return {name: values[place] for name, values in maps.items()}


def summary_of_parts(rows: int, made: Sequence[Deletion]) -> dict[str, Any]:
    """The scores over the explained parts of some rows, as `summary` gives them."""
    return {**summary(made), "rows": rows, "parts": len(made)}
