"""Many words of a file as numbers at once; what is not plainly sound is left to a slower look."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ROWS = 20_000  # of a file that are looked at together
LONGEST = 10**18  # a whole number has at most eighteen digits


def finite_numbers(words: Sequence[str]) -> NDArray[np.float64] | None:
    """The finite numbers that words are, float64 (words,); None where one is none, or oddly written."""
    if not _are_plain(words):
        return None
    try:
        values = np.fromiter(map(float, words), np.float64, len(words))
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None


def whole_numbers(words: Sequence[str]) -> NDArray[np.int64] | None:
    """The whole numbers that words are, int64 (words,); None where one is none, or oddly written."""
    if not _are_plain(words):
        return None
    try:
        values = np.fromiter(map(int, words), np.int64, len(words))
    except (ValueError, OverflowError):
        return None
    return values if len(values) == 0 or np.abs(values).max() < LONGEST else None


def _are_plain(words: Sequence[str]) -> bool:
    """Whether words have no digits of other scripts and no 1_000, which Python reads and nobody writes."""
    joined = "".join(words)
    return joined.isascii() and "_" not in joined
