"""Classes of atoms: one for each atom of each structure, from a per-atom array of whole numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.data.columns import Array, Column
from structkit.data.items.structure import per_atom
from structkit.data.table import Table
from structkit.errors import DataError, Problem
from structkit.evaluation.intervals import share_interval
from structkit.evaluation.target import (
    TARGET,
    Headline,
    Truth,
    check_classes,
    check_probabilities,
    ragged,
)

UNKNOWN = -1  # an atom of which nothing is known
NUMBER = re.compile(r"-?\d{1,18}")  # a class


class AtomClasses:
    """Whole numbers a row, one an atom, as `structkit.evaluation.target.Target`; -1 for an atom without a class."""

    def __init__(self, name: str) -> None:
        self.name = name

    def truth(self, features: Table, structures: Table | None) -> Truth:
        """The classes of the atoms of every row; groups are dealt out as one kind."""
        if structures is None:
            raise DataError(Problem("D005", f"no structures, so no atoms with '{self.name}'"))
        labels = [per_atom(structures, row, self.name) for row in range(len(structures))]
        sizes = [len(structures.item("numbers", row)) for row in range(len(structures))]
        values = [self._classes(value, size) for value, size in zip(labels, sizes, strict=True)]
        known = np.array([bool((value != UNKNOWN).any()) for value in values], dtype=bool)
        return Truth(
            known, [self.name if is_known else None for is_known in known.tolist()], values
        )

    def _classes(self, value: Array | None, count: int) -> NDArray[np.int64]:
        """The classes of the atoms of one structure, int64 (atoms).

        Raises:
            DataError: D005, the array is not one whole number an atom.
        """
        if value is None:
            return np.full(count, UNKNOWN, dtype=np.int64)
        if value.ndim > 1 or not (np.isfinite(value) & (value == np.round(value))).all():
            message = f"the per-atom array '{self.name}' does not hold one whole number an atom"
            fix = "name another, or write -1 where nothing is known"
            raise DataError(Problem("D005", message, fix=fix))
        return value.astype(np.int64)

    def check(self, truth: Truth, features: Table) -> None:
        """Refuse structures without such an array, fewer than two classes, and too many.

        Raises:
            DataError: D005; D001; D006.
        """
        if not truth.known.any():
            message = f"no structure has a per-atom array '{self.name}'"
            raise DataError(Problem("D005", message, fix="name one that the source writes"))
        seen = np.unique(np.concatenate(truth.values))
        if (seen != UNKNOWN).sum() < 2:
            message = f"atoms of one class of '{self.name}'; a classifier needs ≥ 2"
            raise DataError(
                Problem("D001", message, fix="add structures with atoms of another class")
            )
        check_classes(len(seen))

    def for_training(self, features: Table, truth: Truth) -> Table:
        """The rows with the ragged array `target`, int64 (atoms)."""
        return features.with_arrays(**{TARGET: truth.values})

    def arrays(
        self, predicted: Any, model: Any, features: Table, truth: Truth
    ) -> dict[str, Column]:
        """`probabilities` (atoms, classes) and `truth` (atoms), both ragged."""
        parts = [np.asarray(part, dtype=np.float64) for part in predicted]
        if len(parts) != len(features):
            raise ValueError(f"returned {len(parts)} arrays for {len(features)} structures")
        if strange := [name for name in model.classes if not NUMBER.fullmatch(name)]:
            raise ValueError(f"has the class '{strange[0]}', expected whole numbers")
        known = []
        for part, value in zip(parts, truth.values, strict=True):
            classes = _of_new_atoms(part) if value is None else value
            check_probabilities(part, (len(classes), len(model.classes)))
            known.append(classes)
        return {"probabilities": ragged(parts), "truth": ragged(known)}

    def facts(self, model: Any, truth: Truth, features: Table) -> dict[str, Any]:
        """The classes, in the order of the probabilities."""
        seen = np.concatenate(truth.values)
        words, counts = np.unique(seen[seen != UNKNOWN], return_counts=True)
        commonest = int(words[counts.argmax()])
        return {"target": self.name, "classes": list(model.classes), "commonest": commonest}

    def scored(self, predictions: Table) -> NDArray[np.bool_]:
        """The rows with an atom whose class is known."""
        known = [
            bool((predictions.item("truth", row) != UNKNOWN).any())
            for row in range(len(predictions))
        ]
        return np.array(known, dtype=bool)

    def scores(self, facts: Mapping[str, Any], predictions: Table) -> dict[str, Any]:
        """The share of atoms told right, by structure and group, beside always saying the commonest class."""
        classes = np.array([int(name) for name in facts["classes"]])
        right, most, n = [], [], 0
        confusion = np.zeros((len(classes), len(classes)), dtype=np.int64)
        for row in range(len(predictions)):
            truth, guess = _known(predictions, row)
            right.append(float((classes[guess] == truth).mean()) if len(truth) else np.nan)
            most.append(float((truth == facts["commonest"]).mean()) if len(truth) else np.nan)
            row_of, atom = np.nonzero(classes[:, None] == truth)
            np.add.at(confusion, (row_of, guess[atom]), 1)
            n += len(truth)
        groups, kept = np.array(predictions.groups), np.isfinite(right)
        share = np.array(right)[kept]
        interval = share_interval(share, groups[kept].tolist(), units=n)
        return {
            "n": len(predictions),
            "atoms": n,
            "groups": len(set(groups)),
            "accuracy": {"value": float(share.mean()), "interval": interval},
            "majority": float(np.array(most)[kept].mean()),
            "confusion": confusion.tolist(),
        }

    def columns(self, facts: Mapping[str, Any]) -> list[str]:
        """How many atoms, of how many the class is known, and how many of those were told right."""
        return ["atoms", "known", "right"]

    def cells(self, facts: Mapping[str, Any], predictions: Table, index: int) -> list[str]:
        """The cells of one row."""
        truth, guess = _known(predictions, index)
        classes = np.array([int(name) for name in facts["classes"]])
        atoms, right = len(predictions.item("truth", index)), int((classes[guess] == truth).sum())
        return [str(atoms), str(len(truth)), str(right)]

    def headlines(self, scores: Mapping[str, Any]) -> list[Headline]:
        """The share of atoms told right."""
        accuracy = scores["accuracy"]
        return [
            Headline(
                name="accuracy",
                words="accuracy per atom",
                value=accuracy["value"],
                interval=accuracy["interval"],
                trivial=scores["majority"],
                baseline="commonest class",
            )
        ]


def _of_new_atoms(predicted: Array) -> NDArray[np.int64]:
    """What is known of the atoms of a new structure: nothing but their number."""
    return np.full(len(predicted), UNKNOWN, dtype=np.int64)


def _known(predictions: Table, row: int) -> tuple[Array, Array]:
    """Truth and guess (as a number of a class) of the atoms of which something is known."""
    truth = predictions.item("truth", row)
    known = truth != UNKNOWN
    return truth[known], predictions.item("probabilities", row).argmax(axis=1)[known]
