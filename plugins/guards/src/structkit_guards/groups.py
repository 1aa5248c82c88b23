"""P-values and quantiles of rows of groups that were never seen.

Rows of one group (an element in a prototype, a trajectory) are alike, so that a hundred rows of
eight groups say little more than eight rows. Every group therefore counts once, whatever the number
of its rows, and one group more, of which nothing is known, is added at the far end (Lee, Barber and
Willett, arXiv 2306.06342, equation 8; the pooled distribution of Dunn, Wasserman and Ramdas, arXiv
1809.07441). What holds in this way holds for a row of a new group, drawn as the others were.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem

Floats = NDArray[np.float64]
ROUNDING = 1e-9  # 9 groups are enough for 90 %, although 1 - 0.9 is a little more than 0.1


class GroupedScores:
    """Calibration scores, each group of the same weight.

    Args:
        scores: (rows), larger for rows that fit less.
        groups: of every row.

    Raises:
        DataError: D050, no rows; D005, a score is no number.
    """

    def __init__(self, scores: Floats, groups: Sequence[str]) -> None:
        if len(scores) == 0:
            raise no_calibration("no rows")
        if not np.isfinite(scores).all():
            row = int(np.argmin(np.isfinite(scores)))
            raise DataError(Problem("D005", f"the score of calibration row {row} is {scores[row]}"))
        _, place, counts = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
        order = np.argsort(scores, kind="stable")
        self.groups = len(counts)
        self.scores = np.asarray(scores, dtype=np.float64)[order]
        weights = 1.0 / counts[place[order]]
        # weight of this score and of all larger ones; of what is larger than all: nothing
        self.above = np.append(np.cumsum(weights[::-1])[::-1], 0.0)

    @classmethod
    def of(cls, scores: Floats, above: Floats, groups: int) -> GroupedScores:
        """What was saved: sorted scores, the weight at or above each, the number of groups."""
        made = cls.__new__(cls)
        made.scores, made.above, made.groups = scores, above, groups
        return made

    def p_values(self, scores: Floats) -> Floats:
        """The share of groups that fit as little or less, with one more group that fits least of all.

        For a row of a new group, drawn as the others were, P(p ≤ a) ≤ a.

        Args:
            scores: of any shape.
        """
        place = np.searchsorted(self.scores, scores, side="left")
        p: Floats = (1.0 + self.above[place]) / (self.groups + 1.0)
        return p

    def quantile(self, coverage: float) -> float:
        """The score that a row of a new group does not exceed at this rate; infinite where groups are too few."""
        allowed = (1.0 - coverage) * (self.groups + 1.0) - 1.0
        if allowed < -ROUNDING:
            return math.inf
        fitting = np.flatnonzero(self.above[1:] <= allowed + ROUNDING)
        return float(self.scores[fitting[0]])


def least_groups(coverage: float) -> int:
    """How many calibration groups a rate needs: 9 for 0.9, 19 for 0.95."""
    return math.ceil(1.0 / (1.0 - coverage) - 1.0 - ROUNDING)


def check_enough(groups: Sequence[str], coverage: float, of: str = "") -> None:
    """Refuse a promise that so few groups cannot keep.

    Raises:
        DataError: D050.
    """
    count, least = len(set(groups)), least_groups(coverage)
    if count < least:
        rate = f"{100 * coverage:g} %"
        raise no_calibration(f"too few groups{of}: {count}, and {rate} needs {least}")


def no_calibration(what: str) -> DataError:
    """The error for a calibration part that cannot carry a promise."""
    message = f"the calibration part has {what}"
    fix = "raise split.calibration, add groups, or lower the rate"
    return DataError(Problem("D050", message, fix=fix))
