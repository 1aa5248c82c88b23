"""What a grid of settings may hold: its points become names of origins, and parts of paths."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from structkit.errors import Problem, quoted

VALUE = re.compile(r"[A-Za-z0-9_.+-]{1,64}")
MOST_POINTS = 1000


def vary_problems(points: Sequence[Mapping[str, Any]], where: str) -> Iterator[Problem]:
    """What is wrong with the points of `vary`."""
    if not points or not all(points):
        yield Problem(
            "Y012",
            "'vary' has an empty list or point",
            where,
            "give each setting at least one value",
        )
    bad = [(key, value) for point in points for key, value in point.items() if not _is_plain(value)]
    for key, value in bad[:1]:
        message = f"'vary' has {quoted(value)} for '{key}'"
        yield Problem(
            "Y012",
            message,
            where,
            "vary numbers, true, false, null, or words of letters and digits",
        )
    if not bad:
        counts = Counter(
            tuple(sorted((key, str(value)) for key, value in point.items())) for point in points
        )
        if twice := [point for point, count in counts.items() if count > 1]:
            words = ", ".join(f"{key}={value}" for key, value in twice[0])
            yield Problem("Y024", f"'vary' has the point {words} twice", where, "name it once")


def _is_plain(value: Any) -> bool:
    """Whether a value can be part of the name of an origin."""
    return (
        value is None or isinstance(value, bool | int | float) or bool(VALUE.fullmatch(str(value)))
    )
