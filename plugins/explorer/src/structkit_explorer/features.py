"""The features of rows as one matrix, of which a map is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Array, Row
from structkit.errors import Problem, SpecError
from structkit.records import RowIndex
from structkit_explorer.subject import Subject

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Features:
    """Numbers by which rows are alike or not.

    Args:
        values: (rows, features).
        words: what they are.
    """

    values: Matrix
    words: str


def features_of(subject: Subject) -> Features:
    """The features that a model reads: one array a row, or of rows of many parts their means.

    Raises:
        SpecError: R006, no array of numbers that all rows have.
    """
    steps = " and ".join(f"'{step.id}'" for step in subject.features)
    indexes = [RowIndex(subject.run.table(step.id)) for step in subject.features]
    found = [_of_row(indexes, row, steps) for row in subject.rows]
    name = _chosen(found, subject.features[0].passes)
    if name is None:
        message = f"the rows of {steps} have no numbers in common to make a map of"
        raise SpecError(Problem("R006", message, fix="choose another model with --model"))
    items = [arrays[name] for arrays in found]
    whose = f"step {steps}" if len(indexes) == 1 else f"steps {steps}"
    if _one_shape(items):
        flat = np.stack([np.ravel(item) for item in items]).astype(np.float32)
        return Features(flat, f"'{name}' of {whose}")
    means = np.stack([np.ravel(item.mean(axis=0)) for item in items]).astype(np.float32)
    return Features(means, f"the mean of '{name}' in each row of {whose}")


def _of_row(indexes: Sequence[RowIndex], row: Row, steps: str) -> Mapping[str, Array]:
    """The arrays of a row, of the step that has it."""
    for index in indexes:
        if (arrays := index.arrays(row)) is not None:
            return arrays
    raise SpecError(Problem("R006", f"no row '{row.id}' in {steps}"))


def _chosen(found: Sequence[Mapping[str, Array]], first: str) -> str | None:
    """The array that is called after what the step makes, else the first that will do."""
    shared = set.intersection(*map(set, found)) if found else set()
    names = sorted(shared, key=lambda name: (name != first, name))
    for name in names:
        items = [arrays[name] for arrays in found]
        if _numbers(items) and (_one_shape(items) or _means(items)):
            return name
    return None


def _numbers(items: Sequence[Array]) -> bool:
    return all(item.dtype.kind in "biuf" and item.size > 0 for item in items)


def _one_shape(items: Sequence[Array]) -> bool:
    return len({item.shape for item in items}) == 1


def _means(items: Sequence[Array]) -> bool:
    """Whether the means over the parts of each row can be compared."""
    return all(item.ndim > 1 for item in items) and len({item.shape[1:] for item in items}) == 1
