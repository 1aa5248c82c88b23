"""Prediction sets and intervals that hold the truth at a stated rate, for rows of groups that were never seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from structkit_guards.groups import GroupedScores, check_enough, least_groups

Floats = NDArray[np.float64]
TINY = 1e-30


def misfit(probabilities: Floats) -> Floats:
    """How little each class fits a row, (rows, classes): minus the logarithm of its probability.

    It orders rows as 1 - p does (Sadinle, Lei and Wasserman, JASA 114, 223 (2019)), and still tells
    probabilities apart that are all but one.
    """
    scores: Floats = -np.log(np.maximum(probabilities, TINY))
    return scores


class ClassSets:
    """Sets of classes.

    Args:
        pooled: calibration scores of all classes.
        own: those of the classes that have groups enough for a promise of their own, by place.
        coverage: the rate.
    """

    def __init__(
        self, pooled: GroupedScores, own: Mapping[int, GroupedScores], coverage: float
    ) -> None:
        self.pooled, self.own, self.coverage = pooled, dict(own), coverage

    @classmethod
    def fit(
        cls,
        probabilities: Floats,
        truth: NDArray[np.int64],
        groups: Sequence[str],
        coverage: float = 0.9,
        per_class: bool = False,
    ) -> ClassSets:
        """Calibrate.

        Args:
            probabilities: (rows, classes) of the model.
            truth: (rows), the place of the true class.
            groups: of every row.
            coverage: how often a set is to hold the truth.
            per_class: whether classes that have groups enough get the promise for themselves.

        Raises:
            DataError: D050, too few groups.
        """
        check_enough(groups, coverage)
        scores = misfit(probabilities)[np.arange(len(truth)), truth]
        named = np.asarray(groups)
        own = {}
        for place in range(probabilities.shape[1]) if per_class else ():
            rows = truth == place
            if len(set(named[rows].tolist())) >= least_groups(coverage):
                own[place] = GroupedScores(scores[rows], named[rows].tolist())
        return cls(GroupedScores(scores, groups), own, coverage)

    def p_values(self, probabilities: Floats) -> Floats:
        """How well each class fits each row beside the calibration rows of that class, (rows, classes)."""
        scores = misfit(probabilities)
        p = self.pooled.p_values(scores)
        for place, grouped in self.own.items():
            p[:, place] = grouped.p_values(scores[:, place])
        return p

    def __call__(self, probabilities: Floats) -> NDArray[np.bool_]:
        """Which classes are in the set of each row, bool (rows, classes)."""
        inside: NDArray[np.bool_] = self.p_values(probabilities) > 1.0 - self.coverage + 1e-9
        return inside


class Intervals:
    """Intervals around predicted numbers.

    Args:
        scores: calibration scores.
        coverage: the rate.
    """

    def __init__(self, scores: GroupedScores, coverage: float) -> None:
        self.scores, self.coverage = scores, coverage

    @classmethod
    def fit(
        cls,
        value: Floats,
        truth: Floats,
        groups: Sequence[str],
        coverage: float = 0.9,
        spread: Floats | None = None,
    ) -> Intervals:
        """Calibrate on absolute errors, in units of the model's own spread where it gives one.

        Args:
            value: (rows), predicted.
            truth: (rows).
            groups: of every row.
            coverage: how often an interval is to hold the truth.
            spread: (rows), how uncertain the model is.

        Raises:
            DataError: D050, too few groups.
        """
        check_enough(groups, coverage)
        return cls(GroupedScores(np.abs(value - truth) / _unit(value, spread), groups), coverage)

    def __call__(self, value: Floats, spread: Floats | None = None) -> Floats:
        """The lower and the upper end of every row, (rows, 2)."""
        reach = self.scores.quantile(self.coverage) * _unit(value, spread)
        return np.stack([value - reach, value + reach], axis=1)


def _unit(value: Floats, spread: Floats | None) -> Floats:
    """What errors are measured in: the model's spread, never nothing; one without it."""
    if spread is None:
        return np.ones(len(value))
    floor = max(float(np.median(spread)) * 1e-3, 1e-12)
    return np.maximum(spread, floor)
