"""How well columns were found: pairs of found and true sites, their distances, F1 of each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEAR = 0.5  # Å within which a found site is the true one
DEFECTS = (2, 3)  # classes of `defects` that are defects


@dataclass
class Counts:
    """What came of some images, class by class.

    Args:
        hit, found, true: how many sites of a class: found where one of the same class is, found, there.
        squares: of the distances of paired sites, of whatever class, in Å².
        paired, seen, there: sites that were paired, found and there, of whatever class.
    """

    hit: dict[int, int] = field(default_factory=dict)
    found: dict[int, int] = field(default_factory=dict)
    true: dict[int, int] = field(default_factory=dict)
    squares: float = 0.0
    paired: int = 0
    seen: int = 0
    there: int = 0

    def add(self, other: Counts) -> None:
        """Add those of other images."""
        for name in ("hit", "found", "true"):
            mine = getattr(self, name)
            for key, value in getattr(other, name).items():
                mine[key] = mine.get(key, 0) + value
        for name in ("squares", "paired", "seen", "there"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def paired(
    found: NDArray[Any], true: NDArray[Any], near: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which found site (count, 2) is which true one: pairs with the least sum of distances, none beyond `near`."""
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    if len(found) == 0 or len(true) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    distances = cdist(found[:, :2], true[:, :2])
    first, second = linear_sum_assignment(np.minimum(distances, 2 * near))
    kept = distances[first, second] <= near
    return first[kept], second[kept]


def score_sites(
    found: NDArray[Any], true: NDArray[Any], sampling: float, near: float = NEAR
) -> Counts:
    """Compare the sites of one image.

    Args:
        found: (count, ≥ 3), across and down in pixels, and the class.
        true: the same.
        sampling: Å a pixel.
        near: Å.
    """
    first, second = paired(found, true, near / sampling)
    away = np.linalg.norm(found[first, :2] - true[second, :2], axis=1) * sampling
    counts = Counts(
        squares=float((away**2).sum()), paired=len(first), seen=len(found), there=len(true)
    )
    counts.found, counts.true = _numbers(found[:, 2]), _numbers(true[:, 2])
    same = found[first, 2] == true[second, 2]
    counts.hit = _numbers(true[second, 2][same])
    return counts


def _numbers(classes: NDArray[Any]) -> dict[int, int]:
    """How many there are of each class."""
    values, counts = np.unique(classes.astype(np.int64), return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))


def f1(hit: int, found: int, true: int) -> float | None:
    """2 · hits over found and true; None where there is neither."""
    return 2 * hit / (found + true) if found + true else None


def defects_f1(counts: Counts, classes: Sequence[int] = DEFECTS) -> float | None:
    """F1 of all defects together, each of the right class."""
    sums = [
        sum(one.get(key, 0) for key in classes) for one in (counts.hit, counts.found, counts.true)
    ]
    return f1(*sums)


def summed(counts: Counts) -> Mapping[str, Any]:
    """Counts as scores, as JSON holds them."""
    classes = sorted({*counts.found, *counts.true})
    each = {
        str(key): {
            "f1": f1(counts.hit.get(key, 0), counts.found.get(key, 0), counts.true.get(key, 0)),
            "n": counts.true.get(key, 0),
        }
        for key in classes
    }
    error = (counts.squares / counts.paired) ** 0.5 if counts.paired else None
    return {
        "sites": counts.there,
        "sites_f1": f1(counts.paired, counts.seen, counts.there),
        "position_error": error,
        "defects_f1": defects_f1(counts),
        "per_class": each,
    }
