"""Where a model fails, and whether the promises of its guard are kept there, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from structkit.evaluation.target import Headline
from structkit.run import Run
from structkit_html_report.texts import Block
from structkit_html_report.trusted import Trusted
from structkit_html_report.view import View
from structkit_html_report.wording import listed, measured, percent

Standing = Literal["kept", "near", "short", "void"]
KEPT: dict[Standing, str] = {
    "kept": "kept on",
    "near": "missed by no more than chance on",
    "short": "not kept on",
}


def fails(run: Run, trusted: Trusted, view: View) -> Iterator[Block]:
    """The origin with the worst coverage or score, the worst class, and which promises hold."""
    coverage = {origin: trusted.coverage(origin) for origin in trusted.origins}
    known = {origin: one for origin, one in coverage.items() if one and one.value is not None}
    told = run.headlines(trusted.model)
    worst = _worst_origin(known, told, view)
    if worst:
        yield Block(_origin_words(trusted, view, worst, known.get(worst), told.get(worst)))
    part = view.worst_part(run, trusted.model)
    if part:
        yield Block(part)
    promised = trusted.promise("coverage")
    if promised is not None and known:
        yield Block(_promises(trusted, known, promised))


def _worst_origin(
    coverage: dict[str, Headline], told: dict[str, list[Headline]], view: View
) -> str:
    """The origin whose truth is held least often; without sets, that with the worst score."""
    if coverage:
        return min(coverage, key=lambda origin: coverage[origin].value or 0.0)
    scored = {origin: one[0].value for origin, one in told.items() if one}
    values = {origin: value for origin, value in scored.items() if value is not None}
    if not values or view.higher is None:
        return ""
    worst = min if view.higher else max
    return worst(values, key=lambda origin: values[origin])


def _origin_words(
    trusted: Trusted,
    view: View,
    origin: str,
    coverage: Headline | None,
    told: list[Headline] | None,
) -> str:
    """How bad it is where it is worst."""
    several = len(trusted.origins) > 1
    words = f"Worst on {origin}" if several else f"On {origin}"
    if told:
        words += f": {view.how_good(told[0])}"
    if coverage is not None:
        kind = "sets" if trusted.classes else "intervals"
        words += f"{',' if told else ':'} and its {kind} hold the truth in {measured(coverage)}"
    return f"{words}."


def _promises(trusted: Trusted, coverage: dict[str, Headline], promised: float) -> str:
    """On which origins the promise is kept, and on which it is not or was never made."""
    sorts: dict[Standing, list[str]] = {}
    for origin, told in coverage.items():
        words = f"{origin} ({percent(told.value or 0.0)})"
        sorts.setdefault(standing(trusted, origin, told, promised), []).append(words)
    made = [f"{KEPT[sort]} {listed(sorts[sort])}" for sort in KEPT if sort in sorts]
    sentences = []
    if made:
        sentences.append(f"The promise of {percent(promised)} for new groups is {'; '.join(made)}.")
    if "void" in sorts:
        learnt = listed(trusted.calibrated_on) or "its calibration part"
        sentences.append(
            f"Nothing was promised on {listed(sorts['void'])}: it learnt from {learnt}."
        )
    return " ".join(sentences)


def standing(trusted: Trusted, origin: str, told: Headline, promised: float) -> Standing:
    """What became of a promise on an origin.

    Returns:
        `kept`; `near` where it is missed by no more than chance could explain; `short` where by
        more; `void` on an origin that the guard did not learn from, where nothing was promised.
    """
    if origin not in trusted.calibrated_on:
        return "void"
    if told.value is not None and told.value >= promised:
        return "kept"
    reached = told.interval[1] if told.interval else told.value
    return "near" if reached is not None and reached >= promised else "short"
