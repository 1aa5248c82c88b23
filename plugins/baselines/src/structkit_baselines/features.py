"""Features as one matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from structkit import Table

Matrix = NDArray[np.float64]


def matrix(table: Table) -> Matrix:
    """The array `image`, `vector` or `spectrum` of every row, flattened: (rows, features)."""
    name = next(name for name in ("image", "vector", "spectrum") if name in table.arrays)
    flat: Matrix = table.stack(name).reshape(len(table), -1).astype(np.float64)
    return flat


def codes(labels: Sequence[str], classes: Sequence[str]) -> NDArray[np.int64]:
    """The place of every label in `classes`."""
    place = {name: index for index, name in enumerate(classes)}
    return np.array([place[label] for label in labels], dtype=np.int64)


def log_loss(probabilities: Matrix, labels: Sequence[str], classes: Sequence[str]) -> float:
    """Mean cross-entropy of the rows whose label is known."""
    known = [row for row, label in enumerate(labels) if label in classes]
    if not known:
        return float("nan")
    right = probabilities[known, codes([labels[row] for row in known], classes)]
    return float(-np.log(np.clip(right, 1e-12, None)).mean())


def both_rows(rows: Matrix) -> Matrix:
    """Give a row for each class.

    Of two classes scikit-learn keeps one row, the logit of the second against the first.
    """
    return np.concatenate([np.zeros_like(rows), rows]) if len(rows) == 1 else rows
