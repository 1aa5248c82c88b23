"""95 % intervals over groups: rows of one group stand or fall together.

A share, such as an accuracy, gets the exact binomial interval for as many independent rows as the
rows in their groups are worth. The design effect of the groups says how many these are; as it is
itself estimated from few groups, it is widened by Student's t (Korn and Graubard, Survey
Methodology 24, 193 (1998); the binomial interval: Clopper and Pearson, Biometrika 26, 404 (1934)).

Where hardly any group differs from the others, they cannot tell how alike the rows of a group are.
Then every group counts as one row; see `_worth`. `docs/studies/intervals.md` has the coverage of
all this by simulation.

The bootstrap over groups, used by many, resamples what was seen: of two groups, or of groups that
are all alike, it makes intervals of no width.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TAIL = 0.025  # on each side
Interval = list[float] | None


def mean_interval(values: Floats, groups: Sequence[str]) -> Interval:
    """Of the mean of one number a row, by Student's t over groups; None with fewer than two groups.

    Args:
        values: (rows).
        groups: of every row.
    """
    spread = _mean_and_reach(values, groups)
    return spread and [spread[0] - spread[1], spread[0] + spread[1]]


def size_interval(sizes: Floats, groups: Sequence[str]) -> Interval:
    """Of the mean of one size a row, such as an absolute error: as `mean_interval`, of its logarithm.

    Sizes are skewed; on the logarithm (by the delta method) the interval holds more often, and no
    bound is negative.

    Args:
        sizes: (rows), none negative.
        groups: of every row.
    """
    spread = _mean_and_reach(sizes, groups)
    if spread is None or spread[0] <= 0:
        return None
    mean, reach = spread
    return [mean * float(np.exp(side * reach / mean)) for side in (-1, 1)]


def _mean_and_reach(values: Floats, groups: Sequence[str]) -> tuple[float, float] | None:
    """A mean, and how far its interval reaches on each side."""
    place = places(groups)
    if len(place) == 0 or place.max() == 0:
        return None
    mean = float(np.mean(values))
    spread = np.sqrt(variance((values - mean) / len(values), place))
    return mean, float(_student(int(place.max())) * spread)


def share_interval(
    shares: Floats,
    groups: Sequence[str],
    weights: Floats | None = None,
    units: int | None = None,
) -> Interval:
    """Of the weighted mean of one number from 0 to 1 a row; None with fewer than two groups.

    Args:
        shares: (rows), such as 1 where a prediction is right and 0 where it is wrong.
        groups: of every row.
        weights: (rows), of any sum; equal ones unless given.
        units: how many things were told right or wrong; as many as rows unless given.
    """
    place = places(groups)
    if len(place) == 0:
        return None
    w = np.full(len(shares), 1.0) if weights is None else weights
    w = w / w.sum()
    value = float(np.clip(w @ shares, 0, 1))
    loss = np.bincount(place, w * (1 - shares))
    gain = np.bincount(place, w * shares)
    unlike = int(min((loss > TINY).sum(), (gain > TINY).sum()))
    return fraction_interval(value, w * (shares - value), place, units or len(shares), unlike)


TINY = 1e-12


def fraction_interval(
    value: float,
    influence: Floats,
    place: NDArray[np.intp],
    units: int,
    unlike: int,
    count: int | None = None,
) -> Interval:
    """Of an estimate from 0 to 1 of which it is known how much every row moved it; None with fewer than two groups.

    Args:
        value: the estimate.
        influence: (rows), what each row adds to it; they sum to zero.
        place: (rows), the number of the group of each row.
        units: the most independent rows that these may be worth.
        unlike: how many groups are neither like all that are right nor like all that are wrong.
        count: of the groups that count; all of them unless given.
    """
    groups = int(place.max()) + 1 if count is None else count
    if groups < 2:
        return None
    size = _worth(value, variance(influence, place), groups, units, unlike)
    return _binomial(value * size, (1 - value) * size)


def _binomial(right: float, wrong: float) -> list[float]:
    """Clopper and Pearson's interval, for numbers that need not be whole."""
    from scipy.special import betaincinv

    low = float(betaincinv(right, wrong + 1, TAIL)) if right > TINY else 0.0
    high = float(betaincinv(right + 1, wrong, 1 - TAIL)) if wrong > TINY else 1.0
    return [round(low, 9), round(high, 9)]  # of next to nothing, the power of ten says nothing


def _student(freedom: int) -> float:
    """The quantile of Student's t at the upper end."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 1 - TAIL))


def _worth(value: float, spread: float, groups: int, units: int, unlike: int) -> float:
    """How many independent rows the rows are worth.

    Of `unlike` groups and one more that is imagined, the imagined one says that every group counts
    as one row: with no group that is unlike the others nothing else is known.
    """
    fair = value * (1 - value)
    independent = min(units, fair / spread) if spread > TINY**2 and fair > TINY else units
    few = _student(max(units - 1, 1)) / _student(groups - 1)
    independent = min(independent * few**2, units)
    if independent <= groups and unlike:
        return float(independent)
    share = 1 / (unlike + 1)
    return float(1 / ((1 - share) / independent + share / groups))


def variance(influence: Floats, place: NDArray[np.intp]) -> float:
    """Of an estimate, from what each row adds to it, groups being independent of each other."""
    sums = np.bincount(place, influence)
    return float(len(sums) / (len(sums) - 1) * (sums**2).sum())


def places(groups: Sequence[str]) -> NDArray[np.intp]:
    """The number of the group of each row."""
    return np.unique(np.array(groups, dtype=str), return_inverse=True)[1]
