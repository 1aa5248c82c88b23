"""Shares and counts in words."""

from __future__ import annotations

from collections.abc import Sequence

from structkit.evaluation.target import Headline

NAMED = 12  # names in a sentence


def percent(share: float) -> str:
    """A share in per cent, never as all or nothing where it is not: `99.96 %`, `100 %`."""
    text = f"{100 * share:.1f}"
    if text in ("0.0", "100.0"):
        exact = share in (0, 1)
        text = f"{100 * share:.0f}" if exact else ("below 0.1" if share < 0.5 else "over 99.9")
    return f"{text} %"


def measured(told: Headline | None) -> str:
    """A share with its spread over seeds and its interval: `89.6 ± 1.2 % [77.8, 96.4]`."""
    if told is None or told.value is None:
        return "–"
    text = percent(told.value)
    if told.spread:
        text = text.replace(" %", f" ± {100 * told.spread:.1f} %")
    if not told.interval:
        return text
    low, high = (f"{100 * end:.1f}" for end in told.interval)
    return f"{text} [{low}, {high}]"


def several(count: int, word: str) -> str:
    """`1 group`, `2 groups`."""
    plural = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    plural = f"{word}es" if word.endswith("ss") else plural
    return f"{count:,} {word if count == 1 else plural}".replace(",", " ")


def listed(names: Sequence[str]) -> str:
    """Names in a sentence; of many, the first."""
    names = list(names)
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
