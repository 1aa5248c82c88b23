"""Scores of classes of pixels, and of the columns that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import Table
from structkit.evaluation.intervals import fraction_interval, places, share_interval
from structkit.evaluation.target import Headline
from structkit_stem_images.site_scores import Counts, f1, score_sites, summed

UNKNOWN, PLAIN = -1, 1  # a pixel of which nothing is known; a column that is as it should be
Tally = NDArray[np.float64]  # (rows, 3): hits, found, true


def scores_of(facts: Mapping[str, Any], predictions: Table) -> dict[str, Any]:
    """Scores of predictions whose truth is known.

    Returns:
        `n`, `groups`; `accuracy` per pixel with its interval, beside `majority`; `pixel_f1` of each
        class; `sites_f1` and `marked_f1` with their intervals, the root mean square
        `position_error` in Å, and `sites` with the counts.
    """
    groups, classes = predictions.groups, _classes(facts)
    shares, most, confusion = _pixels(predictions, classes, facts["commonest"])
    rows = [_sites(predictions, row) for row in range(len(predictions))]
    total = Counts()
    for one in rows:
        total.add(one)
    marked = [key for key in classes[1:] if key != PLAIN or facts["target"] != "defects"]
    everywhere = np.array([[one.paired, one.seen, one.there] for one in rows], float)
    return {
        "n": len(predictions),
        "groups": len(set(groups)),
        "accuracy": {"value": float(shares.mean()), "interval": share_interval(shares, groups)},
        "majority": float(most.mean()),
        "pixel_f1": _pixel_f1(confusion, classes),
        "confusion": confusion.tolist(),
        "sites_f1": _with_interval(everywhere, groups),
        "marked_f1": _with_interval(np.array([_marked(one, marked) for one in rows]), groups),
        "position_error": summed(total)["position_error"],
        "sites": summed(total),
    }


def _classes(facts: Mapping[str, Any]) -> list[int]:
    """The classes that a model knows and those that there are, growing."""
    return sorted({*map(int, facts["classes"]), *facts["known"]})


def _pixels(
    predictions: Table, classes: Sequence[int], commonest: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Shares of pixels told right by the model and by the commonest class, (rows); the confusion of classes."""
    right, most = [], []
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    for row in range(len(predictions)):
        truth, guess = predictions.item("pixel_truth", row), predictions.item("pixels", row)
        known = truth != UNKNOWN
        right.append(float((truth == guess)[known].mean()))
        most.append(float((truth == commonest)[known].mean()))
        for one, name in enumerate(classes):
            told = guess[known & (truth == name)]
            confusion[one] += [int((told == other).sum()) for other in classes]
    return np.array(right), np.array(most), confusion


def _pixel_f1(confusion: NDArray[np.int64], classes: Sequence[int]) -> dict[str, float | None]:
    """F1 of the pixels of each class."""
    hits, true, found = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    return {
        str(name): f1(int(hits[k]), int(found[k]), int(true[k])) for k, name in enumerate(classes)
    }


def _sites(predictions: Table, row: int) -> Counts:
    found, there = predictions.item("found", row), predictions.item("there", row)
    return score_sites(found, there, float(predictions.item("sampling", row)))


def _marked(counts: Counts, classes: Sequence[int]) -> list[float]:
    """Hits, found and true sites of some classes."""
    parts = (counts.hit, counts.found, counts.true)
    return [float(sum(part.get(key, 0) for key in classes)) for part in parts]


def _with_interval(tally: Tally, groups: Sequence[str]) -> dict[str, Any]:
    """F1 of all rows together, with an interval over groups."""
    tally = tally.reshape(-1, 3)
    hits, size = 2 * tally[:, 0], tally[:, 1] + tally[:, 2]
    if size.sum() == 0:
        return {"value": None, "interval": None}
    value = float(hits.sum() / size.sum())
    place = places(groups)
    influence = (hits - value * size) / size.sum()
    gain = np.bincount(place, hits) > 0
    loss = np.bincount(place, size - hits) > 0
    units, unlike = max(int(size.sum() / 2), 1), int(min(gain.sum(), loss.sum()))
    return {"value": value, "interval": fraction_interval(value, influence, place, units, unlike)}


def told(scores: Mapping[str, Any]) -> list[Headline]:
    """What is told of the scores, the most important first."""
    lines = []
    for name, words in (("sites_f1", "F1 of columns"), ("marked_f1", "F1 of their classes")):
        found = scores[name]
        lines.append(Headline(name, words, found["value"], found["interval"]))
    error = Headline("position_error", "error of places", scores["position_error"], unit="Å")
    pixels = Headline(
        name="accuracy",
        words="accuracy per pixel",
        value=scores["accuracy"]["value"],
        interval=scores["accuracy"]["interval"],
        trivial=scores["majority"],
        baseline="commonest class",
    )
    return [*lines, error, pixels]
