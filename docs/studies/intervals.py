"""How often the intervals of structkit hold what they promise: simulated, beside the bootstrap over groups.

python docs/studies/intervals.py          # about a minute; prints the tables of docs/studies/intervals.md
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from structkit.evaluation.headlines import headlines
from structkit.evaluation.intervals import Interval, mean_interval, share_interval, size_interval

Floats = NDArray[np.float64]
Method = Callable[[Floats, Sequence[str]], Interval]
GROUPS, ROWS = (2, 5, 10, 30), (3, 10, 30)
ALIKE = (0.0, 0.2, 0.5, 0.9, 1.0)  # the correlation of two rows of a group
SHARES = (0.5, 0.7, 0.9, 0.97)
RESAMPLES = 400


def bootstrap(values: Floats, groups: Sequence[str]) -> Interval:
    """The central 95 % of the mean when as many groups as there are are drawn with replacement."""
    _, place = np.unique(groups, return_inverse=True)
    sums, counts = np.bincount(place, values), np.bincount(place)
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(sums), (RESAMPLES, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return [float(bound) for bound in np.percentile(means, [2.5, 97.5])]


def chances(share: float, alike: float, groups: int, rng: np.random.Generator) -> Floats:
    """The share of right rows of each group: drawn from a beta distribution of a mean and a correlation."""
    if alike == 0:
        return np.full(groups, share)
    if alike == 1:
        return (rng.random(groups) < share).astype(np.float64)
    whole = (1 - alike) / alike
    drawn: Floats = rng.beta(share * whole, (1 - share) * whole, groups)
    return drawn


def shares(
    groups: int, rows: int, share: float, alike: float, times: int, rng: np.random.Generator
) -> Iterator[Floats]:
    """Right and wrong rows of groups, again and again."""
    for _ in range(times):
        chance = np.repeat(chances(share, alike, groups, rng), rows)
        yield (rng.random(groups * rows) < chance).astype(np.float64)


def coverage(method: Method, samples: list[Floats], names: list[str], truth: float) -> float:
    """How often an interval holds the truth."""
    found = [method(sample, names) for sample in samples]
    return float(np.mean([one is not None and one[0] <= truth <= one[1] for one in found]))


def share_table(times: int) -> Iterator[str]:
    """Coverage of a share for each number of groups: the least and the mean over everything that was varied."""
    yield "| groups | structkit, least | mean | at | bootstrap, least | mean |"
    yield "|---|---|---|---|---|---|"
    for groups in GROUPS:
        found = {}
        for rows, alike, share in itertools.product(ROWS, ALIKE, SHARES):
            rng = np.random.default_rng([groups, rows, int(100 * alike), int(100 * share)])
            samples = list(shares(groups, rows, share, alike, times, rng))
            names = np.repeat(np.arange(groups), rows).astype(str).tolist()
            found[rows, alike, share] = [
                coverage(method, samples, names, share) for method in (share_interval, bootstrap)
            ]
        ours, theirs = np.array(list(found.values())).T
        rows, alike, share = min(found, key=lambda point: found[point][0])
        at = f"{rows} rows a group, correlation {alike:g}, share {share:g}"
        yield (
            f"| {groups} | {ours.min():.3f} | {ours.mean():.3f} | {at} "
            f"| {theirs.min():.3f} | {theirs.mean():.3f} |"
        )


def mean_table(times: int) -> Iterator[str]:
    """Coverage of a mean of normal and of log-normal numbers whose groups differ as much as their rows."""
    yield "| groups | normal | log-normal | bootstrap, normal | bootstrap, log-normal |"
    yield "|---|---|---|---|---|"
    for groups in GROUPS:
        rng, rows = np.random.default_rng(groups), 5
        names = np.repeat(np.arange(groups), rows).astype(str).tolist()
        normal = [
            np.repeat(rng.normal(size=groups), rows) + rng.normal(size=groups * rows)
            for _ in range(times)
        ]
        skewed = [np.exp(sample / 2) for sample in normal]
        cells = [
            coverage(method, samples, names, truth)
            for method, samples, truth in (
                (mean_interval, normal, 0.0),
                (size_interval, skewed, float(np.exp(0.25))),
                (bootstrap, normal, 0.0),
                (bootstrap, skewed, float(np.exp(0.25))),
            )
        ]
        yield f"| {groups} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |"


def area_table(times: int) -> Iterator[str]:
    """Coverage of an area under the curve, half of the spread of the scores being between groups."""
    yield "| groups of each class | distance 1 (0.692) | 2 (0.841) | 4 (0.977) |"
    yield "|---|---|---|---|"
    for groups in GROUPS:
        cells = [_area(groups, distance, times) for distance in (1.0, 2.0, 4.0)]
        yield f"| {groups} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |"


def _area(groups: int, distance: float, times: int) -> float:
    from scipy.stats import norm

    rng, rows = np.random.default_rng([groups, int(distance)]), 8
    truth = np.repeat(np.arange(2 * groups) % 2, rows)
    names = np.repeat(np.arange(2 * groups), rows).astype(str).tolist()
    right, area = 0, norm.cdf(distance / 2)
    for _ in range(times):
        score = np.repeat(rng.normal(size=2 * groups), rows) + rng.normal(size=len(truth))
        chance = 1 / (1 + np.exp(-(score + distance * truth)))
        found = headlines(truth, np.stack([1 - chance, chance], 1), names)["roc_auc"]
        right += found["interval"][0] <= area <= found["interval"][1]
    return right / times


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=1_000)
    times = parser.parse_args().times
    for title, table in (("share", share_table), ("mean", mean_table), ("area", area_table)):
        print(f"\n{title}\n", flush=True)
        for line in table(times):
            print(line, flush=True)


if __name__ == "__main__":
    main()
