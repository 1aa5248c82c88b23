"""Numbers in words: scores as the terminal, the report and the studies show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from structkit.evaluation.target import Headline

TOLD = 2  # headlines in a line


def headline(score: Mapping[str, Any]) -> str:
    """A score with its interval: `0.975 [0.941, 1.000]`."""
    return _measured(score["value"], score["interval"])


def valued(told: Headline) -> str:
    """The value of a headline with its spread over seeds, interval and unit: `0.131 ± 0.004 [0.110, 0.150] eV/atom`."""
    text = _measured(told.value, told.interval, told.unit, told.spread)
    return f"{text} {told.unit}" if told.unit and told.value is not None else text


def baseline(told: Headline) -> str:
    """What the trivial baseline reaches: `training mean 0.790`; nothing where there is none."""
    if told.trivial is None:
        return ""
    return f"{told.baseline or 'trivial baseline'} {number(told.trivial, told.unit)}"


def score_line(headlines: Sequence[Headline], scores: Mapping[str, Any], seeds: int = 1) -> str:
    """The first headlines in one line; one that stands alone has its trivial baseline beside it."""
    told = [f"{score.short or score.words} {valued(score)}" for score in headlines[:TOLD]]
    if len(headlines) == 1 and baseline(headlines[0]):
        told[0] += f" ({baseline(headlines[0])})"
    return ", ".join([*told, rows(scores), *([f"{seeds} seeds"] if seeds > 1 else [])])


def rows(scores: Mapping[str, Any]) -> str:
    """How many rows a score is of, in how many groups."""
    single = scores["groups"] == 1
    groups = "1 group: too few groups for an interval" if single else f"{scores['groups']} groups"
    return f"n = {scores['n']} in {groups}"


def counted(count: int, noun: str) -> str:
    """A number with its noun: `1 atom`, `8 atoms`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def number(value: float | None, unit: str = "") -> str:
    """Three decimals, or a dash; three digits where there is a unit, or far from 1."""
    if value is None:
        return "–"
    if not unit and (value == 0 or 0.001 <= abs(value) < 1000):
        return f"{value:.3f}"
    if 999.5 <= abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:#.3g}".rstrip(".") if value else "0"


def _measured(
    value: float | None,
    interval: Sequence[float] | None,
    unit: str = "",
    spread: float | None = None,
) -> str:
    mean = number(value, unit) + ("" if spread is None else f" ± {_bound(spread, unit)}")
    if value is None or not interval:
        return mean
    if _says_nothing(interval[0], interval[1], unit):
        return f"{mean} (too few groups)"
    low, high = (_bound(bound, unit) for bound in interval)
    return f"{mean} [{low}, {high}]"


def _says_nothing(low: float, high: float, unit: str) -> bool:
    """Whether an interval holds next to everything that could be: of shares, or of sizes with a unit."""
    if unit:
        return low > 0 and high > 100 * low
    return low >= 0 and high <= 1 and high - low > 0.95


def _bound(value: float, unit: str) -> str:
    return f"{value:.3f}" if not unit and 0 <= value <= 1 else number(value, unit)
