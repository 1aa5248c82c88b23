"""Scores of predicted probabilities, with intervals over groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.evaluation.headlines import headlines

Floats = NDArray[np.float64]
CALIBRATION_BINS = 10


def scores(
    classes: Sequence[str],
    labels: Sequence[str],
    probabilities: Floats,
    groups: Sequence[str],
) -> dict[str, Any]:
    """All scores of one set of predictions.

    Args:
        classes: the model's classes, in the order of the columns.
        labels: the true label of every row; one the model does not know counts as always wrong.
        probabilities: (rows, classes), rows sum to one.
        groups: of every row, for the intervals.
    """
    order = {name: index for index, name in enumerate(classes)}
    truth = np.array([order.get(label, -1) for label in labels], dtype=np.int64)
    return {
        "n": len(truth),
        "groups": len(set(groups)),
        "unknown_labels": sorted(set(labels) - set(classes)),
        **headlines(truth, probabilities, groups),
        **_probabilistic(truth, probabilities),
        "per_class": _per_class(classes, truth, probabilities),
        "confusion": _confusion(classes, truth, probabilities),
    }


def _probabilistic(truth: NDArray[np.int64], probabilities: Floats) -> dict[str, Any]:
    """Log-loss, Brier score (sum over classes) and expected calibration error, on rows of known classes."""
    from sklearn.metrics import log_loss

    known = truth >= 0
    if not known.any():
        return {"log_loss": None, "brier": None, "calibration_error": None}
    t, p = truth[known], probabilities[known].astype(np.float64)
    p = p / p.sum(axis=1, keepdims=True)
    target = np.eye(p.shape[1])[t]
    return {
        "log_loss": float(log_loss(t, p, labels=list(range(p.shape[1])))),
        "brier": float(((p - target) ** 2).sum(axis=1).mean()),
        "calibration_error": calibration_error(t, p),
    }


def calibration_error(
    truth: NDArray[np.int64], probabilities: Floats, bins: int = CALIBRATION_BINS
) -> float:
    """Expected calibration error: |confidence − accuracy| over equal-width bins, weighted by their rows.

    Source: Guo et al., ICML 2017, equation 3.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    gap = np.bincount(place, confidence, minlength=bins) - np.bincount(place, right, minlength=bins)
    return float(np.abs(gap).sum() / count.sum())


def _per_class(
    classes: Sequence[str], truth: NDArray[np.int64], probabilities: Floats
) -> dict[str, Any]:
    from sklearn.metrics import precision_recall_fscore_support

    predicted = probabilities.argmax(axis=1)
    columns = precision_recall_fscore_support(
        truth, predicted, labels=range(len(classes)), zero_division=np.nan
    )
    precision, recall, _, support = columns
    return {
        name: {
            "precision": _number(precision[i]),
            "recall": _number(recall[i]),
            "n": int(support[i]),
        }
        for i, name in enumerate(classes)
    }


def _confusion(
    classes: Sequence[str], truth: NDArray[np.int64], probabilities: Floats
) -> list[list[int]]:
    """Counts, one list per true class, one number per predicted class; unknown labels are left out."""
    from sklearn.metrics import confusion_matrix

    if not (truth >= 0).any():
        return [[0] * len(classes) for _ in classes]
    matrix: list[list[int]] = confusion_matrix(
        truth, probabilities.argmax(1), labels=range(len(classes))
    ).tolist()
    return matrix


def _number(value: float) -> float | None:
    """A number as JSON has it: what cannot be computed is null, not NaN."""
    return float(value) if np.isfinite(value) else None
