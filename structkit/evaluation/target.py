"""What a model is to say of a row, seen by the engine: one object for each sort, in a file of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from structkit.data.columns import Array, Column
from structkit.data.table import Table
from structkit.errors import DataError, Problem

MOST_CLASSES = 1000  # of a classifier: its scores hold a number for every pair
TARGET = "target"  # the array of a training table that holds numbers, or the classes of atoms

ATOM_VALUES = "atom_values"  # of predictions: the numbers that were said of the atoms of each row


@dataclass(frozen=True)
class Truth:
    """What is known of rows.

    Args:
        known: bool (rows), whether a row can be learnt from and scored.
        strata: by what the groups are dealt out, a word a row; None for a row that is not dealt.
        values: what is known, as the target has it: labels, numbers, or classes of atoms.
        references: bool (rows), rows that others are compared with: a model always has them all, and
            they are never dealt out. None where there are no such rows.
    """

    known: NDArray[np.bool_]
    strata: Sequence[str | None]
    values: Any
    references: NDArray[np.bool_] | None = None

    def select(self, rows: NDArray[np.int64]) -> Truth:
        """Of some rows."""
        values = (
            self.values[rows]
            if isinstance(self.values, np.ndarray)
            else [self.values[row] for row in rows]
        )
        references = None if self.references is None else self.references[rows]
        return Truth(self.known[rows], [self.strata[row] for row in rows], values, references)


@dataclass(frozen=True)
class Headline:
    """One number that says how good predictions are.

    Args:
        name: as `metrics.json` has it.
        words: as a person reads it.
        value: None where it cannot be computed.
        interval: of 95 %, over groups; None where there is none.
        trivial: the same of the trivial baseline, where there is one.
        unit: of the value.
        baseline: what the trivial baseline says, as a person reads it.
        short: the words where there is little room.
        spread: the standard deviation over seeds, of a mean over several.
    """

    name: str
    words: str
    value: float | None
    interval: Sequence[float] | None = None
    trivial: float | None = None
    unit: str = ""
    baseline: str = ""
    short: str = ""
    spread: float | None = None


class Target(Protocol):
    """A sort of target, built with the name of the number that a step asks for (`label` for classes)."""

    def truth(self, features: Table, structures: Table | None) -> Truth:
        """What is known of rows.

        Args:
            features: the rows.
            structures: the same rows as structures, where the features were made of them.
        """

    def check(self, truth: Truth, features: Table) -> None:
        """Refuse what cannot be learnt.

        Raises:
            DataError: D001, one class; D005, no row has such a target.
        """

    def for_training(self, features: Table, truth: Truth) -> Table:
        """The rows as a model learns from them: labels in the rows, or the array `target` beside the others."""

    def arrays(
        self, predicted: Any, model: Any, features: Table, truth: Truth
    ) -> dict[str, Column]:
        """What a model returned as arrays to keep, with the truth where it is no field of the rows.

        Raises:
            ValueError: what is wrong with it, in words.
        """

    def facts(self, model: Any, truth: Truth, features: Table) -> dict[str, Any]:
        """What must be known to read the predictions: classes, the unit, what the trivial baseline says."""

    def scored(self, predictions: Table) -> NDArray[np.bool_]:
        """Which rows of stored predictions have a truth, bool (rows)."""

    def scores(self, facts: Mapping[str, Any], predictions: Table) -> dict[str, Any]:
        """Scores of predictions with a truth: intervals over groups, and a trivial baseline.

        Among them are `n`, how many rows, and `groups`, of how many groups. Nothing, of rows that
        the model could not be right about.
        """

    def columns(self, facts: Mapping[str, Any]) -> list[str]:
        """Names of the columns of `predictions.csv` beside those of every row."""

    def cells(self, facts: Mapping[str, Any], predictions: Table, index: int) -> list[str]:
        """The cells of one row in those columns."""

    def headlines(self, scores: Mapping[str, Any]) -> list[Headline]:
        """What of the scores is told, the most important first: the first two on the terminal."""


@runtime_checkable
class Telling(Protocol):
    """A target whose predictions are neither classes nor numbers: it says itself what they come to."""

    def told(
        self, facts: Mapping[str, Any], predicted: Mapping[str, Column], row: int
    ) -> tuple[str, dict[str, Any]]:
        """What was predicted of a row: as a person reads it, and as JSON holds it."""


def check_classes(count: int) -> None:
    """Refuse labels that can be no classes: names of single structures, or numbers, taken for labels.

    Raises:
        DataError: D006.
    """
    if count > MOST_CLASSES:
        message = f"{count} classes (limit {MOST_CLASSES})"
        fix = "are the labels names of single structures? label coarser, or predict a number"
        raise DataError(Problem("D006", message, fix=fix))


def fixed(values: Array) -> Column:
    """An array of one item a row as a column."""
    return Column(np.ascontiguousarray(values))


def ragged(values: Sequence[Array]) -> Column:
    """Arrays of different lengths as a column."""
    flat = np.concatenate([np.asarray(value) for value in values]) if len(values) else np.zeros(0)
    return Column(flat, np.cumsum([0, *map(len, values)], dtype=np.int64))


def check_probabilities(result: Array, shape: tuple[int, int]) -> None:
    """Refuse what are no probabilities.

    Raises:
        ValueError: in words.
    """
    if result.shape != shape:
        raise ValueError(f"returned shape {result.shape}, expected {shape}")
    if result.dtype.kind not in "fiu":
        raise ValueError(f"returned {result.dtype}, expected numbers")
    if (
        not np.isfinite(result).all()
        or (np.abs(result.sum(axis=1) - 1) > 1e-3).any()
        or (result < 0).any()
    ):
        raise ValueError("returned rows that are not probabilities summing to one")
