"""Accuracy, balanced accuracy and area under the curve of predicted probabilities, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.evaluation.intervals import (
    TINY,
    Interval,
    fraction_interval,
    places,
    share_interval,
)

Floats = NDArray[np.float64]
Truth = NDArray[np.int64]


def headlines(truth: Truth, probabilities: Floats, groups: Sequence[str]) -> dict[str, Any]:
    """The `value` and `interval` of each score; None where it cannot be computed.

    Args:
        truth: (rows), the number of the class of every row; -1 for one that the model does not
            know, which counts as always wrong.
        probabilities: (rows, classes).
        groups: of every row.
    """
    if len(truth) == 0:
        nothing = {"value": None, "interval": None}
        return {name: nothing for name in ("accuracy", "balanced_accuracy", "roc_auc")}
    right = (probabilities.argmax(axis=1) == truth).astype(np.float64)
    _, of, counts = np.unique(truth, return_inverse=True, return_counts=True)
    balance = 1 / counts[of]
    return {
        "accuracy": _share(right, groups, np.ones(len(truth))),
        "balanced_accuracy": _share(right, groups, balance),
        "roc_auc": _area(truth, probabilities, groups),
    }


def _share(right: Floats, groups: Sequence[str], weights: Floats) -> dict[str, Any]:
    value = float(weights @ right / weights.sum())
    return {"value": value, "interval": share_interval(right, groups, weights)}


def _area(truth: Truth, probabilities: Floats, groups: Sequence[str]) -> dict[str, Any]:
    """The mean over the classes of the area under the curve of one against all others."""
    present = np.unique(truth)
    tested = [int(label) for label in present if label >= 0 and len(present) > 1]
    if not tested:
        return {"value": None, "interval": None}
    place = places(groups)
    areas = [_one_area(truth == label, log_odds(probabilities, label)) for label in tested]
    value = float(np.mean([area for area, _ in areas]))
    influence = np.mean([moved for _, moved in areas], axis=0)
    return {"value": value, "interval": _area_interval(value, influence, truth, place, tested)}


def _area_interval(
    value: float, influence: Floats, truth: Truth, place: NDArray[np.intp], tested: Sequence[int]
) -> Interval:
    """Of an area, as of a share of the rows of the smaller side: of two classes, or meant over several.

    A wrong row of a class lowers its own area and, as one of many others, those of the other
    classes: together twice. Hence half of the sum over the classes.

    Source: the variance from what each row moves, DeLong et al., Biometrics 44, 837 (1988), for rows
    in groups Obuchowski, Biometrics 53, 567 (1997).
    """
    labels = np.array(tested)
    rows = np.bincount(truth[truth >= 0], minlength=int(labels.max()) + 1)[labels]
    inside, outside = _groups_on_sides(truth, place, labels)
    groups = int(np.minimum(inside, outside).sum()) // 2
    units = int(np.minimum(rows, len(truth) - rows).sum()) // 2
    unlike = int((np.bincount(place, np.abs(influence)) > TINY).sum())
    return fraction_interval(value, influence, place, units, unlike, groups)


def _groups_on_sides(
    truth: Truth, place: NDArray[np.intp], labels: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each class, how many groups have rows of it, and how many have rows of others; both (labels)."""
    pairs = np.unique(np.stack([truth, place]), axis=1)
    alone = np.bincount(pairs[1])[pairs[1]] == 1  # the group has rows of this class only
    known = pairs[0] >= 0
    length = int(labels.max()) + 1
    having = np.bincount(pairs[0][known], minlength=length)[labels]
    pure = np.bincount(pairs[0][known & alone], minlength=length)[labels]
    return having, len(np.unique(place)) - pure


def _one_area(inside: NDArray[np.bool_], score: Floats) -> tuple[float, Floats]:
    """Chance that a row inside scores above one outside, ties counting half, and what each row moves it."""
    inner, outer = score[inside], score[~inside]
    of_inner = _share_below(inner, outer)
    of_outer = 1 - _share_below(outer, inner)
    area = float(of_inner.mean())
    moved = np.empty(len(score))
    moved[inside] = (of_inner - area) / len(inner)
    moved[~inside] = (of_outer - area) / len(outer)
    return area, moved


def _share_below(values: Floats, others: Floats) -> Floats:
    """Which share of the others lies below each value, equal ones counting half."""
    ordered = np.sort(others)
    below = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    result: Floats = below / (2 * len(others))
    return result


def log_odds(probabilities: Floats, label: int) -> Floats:
    """Of a class against all others, (rows).

    Close to one, different probabilities are rounded to one number: there those of the others tell
    them apart.
    """
    mine = probabilities[:, label].astype(np.float64)
    others = 1 - mine
    close = np.flatnonzero(mine >= 0.999)
    exact = probabilities[close].astype(np.float64)
    others[close] = np.delete(exact, label, axis=1).sum(axis=1)
    with np.errstate(divide="ignore"):
        result: Floats = np.log(mine) - np.log(others)
    return result
