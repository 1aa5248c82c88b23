"""Scores of the same with several seeds, told as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from structkit.evaluation.target import Headline


def meant(several: Sequence[Sequence[Headline]]) -> list[Headline]:
    """Each headline as the mean over the seeds, with its spread.

    The interval is the mean of the intervals: a mean over seeds varies less from one choice of test
    groups to another than each of its parts, whose interval it is given. Seeds share groups, so
    that their spread alone would be no interval.

    Args:
        several: the headlines with each seed, in one order.
    """
    if len(several) == 1:
        return list(several[0])
    return [_mean(same) for same in zip(*several, strict=True)]


def _mean(same: Sequence[Headline]) -> Headline:
    values = [headline.value for headline in same if headline.value is not None]
    intervals = [headline.interval for headline in same if headline.interval is not None]
    trivial = [headline.trivial for headline in same if headline.trivial is not None]
    whole = len(values) == len(same)
    return replace(
        same[0],
        value=float(np.mean(values)) if whole else None,
        interval=np.mean(intervals, axis=0).tolist() if len(intervals) == len(same) else None,
        trivial=float(np.mean(trivial)) if trivial else None,
        spread=float(np.std(values, ddof=1)) if whole else None,
    )
