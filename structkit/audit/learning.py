"""Classes predicted for rows of groups that were left out, and whether that is better than chance."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.evaluation.intervals import share_interval

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
FOLDS = 5
ENOUGH = 10  # permutations that do as well: then there is nothing more to learn from others


@dataclass(frozen=True)
class Better:
    """How well classes are predicted.

    Args:
        accuracy: balanced, over classes.
        interval: of 95 %, over groups; None with fewer than two.
        chance: what guessing gives.
        p: the share of permutations of the groups' classes that are predicted as well.
    """

    accuracy: float
    interval: Sequence[float] | None
    chance: float
    p: float


def folds(codes: Codes, groups: Codes, seed: int) -> list[Codes]:
    """The rows of each fold; no group is in two of them, and classes are spread.

    Args:
        codes: the class of every row.
        groups: the number of the group of every row.
        seed: of the order.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    # scikit-learn refuses more folds than the largest class has rows
    count = min(FOLDS, len(np.unique(groups)), int(np.bincount(codes).max()))
    if count < 2:
        return []
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that a class is rarer than there are folds
        return [test for _, test in splitter.split(np.zeros(len(codes)), codes, groups)]


def left_out(model: Any, features: Floats, codes: Codes, parts: Sequence[Codes]) -> Floats:
    """Probabilities of rows by models that saw none of their group, (rows, classes).

    A class that a fold's model has not seen has no probability there.

    Args:
        model: of scikit-learn; it is fitted anew for each fold.
        features: (rows, numbers).
        codes: the class of every row, from 0.
        parts: rows of each fold.
    """
    probabilities = np.zeros((len(codes), int(codes.max()) + 1))
    for test in parts:
        train = np.setdiff1d(np.arange(len(codes)), test)
        model.fit(features[train], codes[train])
        probabilities[test[:, None], model.classes_] = model.predict_proba(features[test])
    return probabilities


def balanced(probabilities: Floats, codes: Codes) -> Floats:
    """What each row adds to the balanced accuracy."""
    right: Floats = (probabilities.argmax(axis=1) == codes).astype(np.float64)
    added: Floats = right * weights(codes)
    return added


def weights(codes: Codes) -> Floats:
    """Of every row, so that classes count alike; they sum to one."""
    counts = np.bincount(codes)
    present = int((counts > 0).sum())
    made: Floats = 1.0 / (present * counts[codes])
    return made


def better_than_chance(
    features: Floats, codes: Codes, groups: Codes, seed: int, permutations: int
) -> Better:
    """Whether features say the class of rows of new groups, by a small decision tree.

    The classes of whole groups are permuted: rows of a group are alike, and permuting rows would
    call that a leak.

    Args:
        features: (rows, numbers).
        codes: the class of every row.
        groups: the number of the group of every row.
        seed: of everything random.
        permutations: how many at the most.

    Source: Ojala and Garriga, J. Mach. Learn. Res. 11, 1833 (2010).
    """
    from sklearn.tree import DecisionTreeClassifier

    leaf = max(2, len(codes) // 50)
    tree = DecisionTreeClassifier(
        min_samples_leaf=leaf, max_depth=4, class_weight="balanced", random_state=0
    )
    rng = np.random.default_rng(seed)

    def accuracy(classes: Codes) -> tuple[float, Floats]:
        parts = folds(classes, groups, int(rng.integers(2**31)))
        probabilities = left_out(tree, features, classes, parts)
        return float(balanced(probabilities, classes).sum()), probabilities

    value, probabilities = accuracy(codes)
    as_good = tried = 0
    while tried < permutations and as_good < ENOUGH:
        permuted = _permuted(codes, groups, rng)
        as_good += accuracy(permuted)[0] >= value
        tried += 1
    right = (probabilities.argmax(axis=1) == codes).astype(np.float64)
    interval = share_interval(right, [str(g) for g in groups], weights(codes))
    chance = 1.0 / len(np.unique(codes))
    return Better(value, interval, chance, _p_value(as_good, tried))


def _p_value(as_good: int, tried: int) -> float:
    """Of a count of permutations that ended early, or did not.

    Source: Besag and Clifford, Biometrika 78, 301 (1991).
    """
    return as_good / tried if as_good == ENOUGH else (as_good + 1) / (tried + 1)


def _permuted(codes: Codes, groups: Codes, rng: np.random.Generator) -> Codes:
    """Classes handed from group to group: each gets those of another, repeated or cut to its size."""
    names = np.unique(groups)
    made = np.empty_like(codes)
    for name, other in zip(names, rng.permutation(names), strict=True):
        rows = np.flatnonzero(groups == name)
        made[rows] = np.resize(codes[groups == other], len(rows))
    return made
