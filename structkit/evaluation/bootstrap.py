"""95 % intervals by the bootstrap over groups: rows of one group stand or fall together.

scikit-learn would score one resample at a time; here a thousand are weighted sums of one pass (a
test holds the two against each other).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from structkit.randomness import generator

Floats = NDArray[np.float64]
RESAMPLES, BLOCK = 1000, 100


class Headlines:
    """Accuracy, balanced accuracy and one-vs-rest ROC-AUC of fixed predictions, for any weights of the rows."""

    def __init__(self, truth: NDArray[np.int64], probabilities: Floats) -> None:
        self.truth, self.probabilities = truth, probabilities
        self.right = (probabilities.argmax(axis=1) == truth).astype(np.float64)

    def __call__(self, weights: Floats) -> dict[str, Floats]:
        """Each score for every row of weights, shape (resamples, rows); NaN where it cannot be computed."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return {
                "accuracy": weights @ self.right / weights.sum(axis=1),
                "balanced_accuracy": self._mean(
                    [self._recall(c, weights) for c in np.unique(self.truth)], weights
                ),
                "roc_auc": self._mean([self._auc(c, weights) for c in self._both_sided()], weights),
            }

    def _recall(self, label: int, weights: Floats) -> Floats:
        mine = (self.truth == label).astype(np.float64)
        result: Floats = weights @ (mine * self.right) / (weights @ mine)
        return result

    def _both_sided(self) -> list[int]:
        """Classes that have rows inside and outside."""
        present = np.unique(self.truth)
        return [int(c) for c in present if c >= 0 and len(present) > 1]

    def _auc(self, label: int, weights: Floats) -> Floats:
        """Chance that a row of the class scores above a row of another, ties counting half."""
        score, inside = self._log_odds(label), self.truth == label
        _, place = np.unique(score, return_inverse=True)
        order = np.argsort(place, kind="stable")
        starts = np.flatnonzero(np.diff(place[order], prepend=-1))
        positive = np.add.reduceat((weights * inside)[:, order], starts, axis=1)
        negative = np.add.reduceat((weights * ~inside)[:, order], starts, axis=1)
        below = np.cumsum(negative, axis=1) - negative / 2
        result: Floats = (positive * below).sum(axis=1) / (
            positive.sum(axis=1) * negative.sum(axis=1)
        )
        return result

    def _log_odds(self, label: int) -> Floats:
        """Of a class against all others.

        Close to one, different probabilities are rounded to one number: there those of the others
            tell them apart.
        """
        exact = self.probabilities.astype(np.float64)
        mine, others = exact[:, label], np.delete(exact, label, axis=1).sum(axis=1)
        with np.errstate(divide="ignore"):
            result: Floats = np.log(mine) - np.log(np.where(mine < 0.999, 1 - mine, others))
        return result

    @staticmethod
    def _mean(columns: Sequence[Floats], weights: Floats) -> Floats:
        """Mean over the classes that a resample holds."""
        if not columns:
            return np.full(len(weights), np.nan)
        values = np.array(columns)
        count = np.isfinite(values).sum(axis=0)
        result: Floats = np.nansum(values, axis=0) / count
        return result


def intervals(
    headlines: Headlines, groups: Sequence[str], seed: int
) -> dict[str, list[float] | None]:
    """The central 95 % of every headline over resampled groups; None with fewer than two groups."""
    _, place = np.unique(np.array(groups, dtype=str), return_inverse=True)
    if len(place) == 0 or place.max() == 0:
        return dict.fromkeys(headlines(np.ones((1, len(place)))), None)
    blocks = [headlines(weights) for weights in _weights(place, seed)]
    count = int(place.max()) + 1
    spread = {
        name: _central(np.concatenate([block[name] for block in blocks])) for name in blocks[0]
    }
    return {name: _bounded(name, found, count) for name, found in spread.items()}


def mean_interval(values: Floats, groups: Sequence[str], seed: int) -> list[float] | None:
    """The central 95 % of the mean of one number a row over resampled groups; None with fewer than two groups."""
    _, place = np.unique(np.array(groups, dtype=str), return_inverse=True)
    if len(place) == 0 or place.max() == 0:
        return None
    return _central(np.concatenate([w @ values / w.sum(axis=1) for w in _weights(place, seed)]))


def share_interval(shares: Floats, groups: Sequence[str], seed: int) -> list[float] | None:
    """The same for numbers from 0 to 1; where all are 1 or all are 0, the bound of `_bounded`."""
    return _bounded("share", mean_interval(shares, groups, seed), len(set(groups)))


def _weights(place: NDArray[np.intp], seed: int) -> Iterator[Floats]:
    """How often each row is drawn when as many groups as there are are drawn with replacement."""
    rng, count = generator(seed, "bootstrap"), int(place.max()) + 1
    for _ in range(0, RESAMPLES, BLOCK):
        drawn = rng.multinomial(count, np.full(count, 1 / count), size=BLOCK)
        yield drawn[:, place].astype(np.float64)


def _central(values: Floats) -> list[float] | None:
    """The central 95 % of the values that could be computed."""
    finite = values[np.isfinite(values)]
    return [float(v) for v in np.percentile(finite, [2.5, 97.5])] if len(finite) else None


def _bounded(name: str, interval: list[float] | None, groups: int) -> list[float] | None:
    """Where no group was ever wrong (or right), the exact binomial bound on that many groups.

    Resampling faultless groups says that faults do not exist: 48 of 48 right means "above 0.93",
    not "1". For the area under a curve there is no such bound, and a perfect one has no interval.
    Source: Clopper and Pearson, Biometrika 26, 404 (1934).
    """
    if interval not in ([1.0, 1.0], [0.0, 0.0]):
        return interval
    if name == "roc_auc":
        return None
    unseen = 1 - 0.025 ** (1 / groups)
    return [1 - unseen, 1.0] if interval == [1.0, 1.0] else [0.0, unseen]
