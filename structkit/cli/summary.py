"""What `structkit run` says at its end: how good models are, what guards kept, what explanations are worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from structkit.cli.output import say
from structkit.evaluation.repeats import meant
from structkit.evaluation.target import Headline
from structkit.records import EXPLANATIONS, SCORES, TRUST
from structkit.words import headline, rows, score_line, valued

if TYPE_CHECKING:
    from structkit.run import Run


def say_results(run: Run) -> None:
    """Say a line for each model, guard and map, of the test part of every origin."""
    for line in (*_models(run), *_guards(run), *_explanations(run)):
        say(line)


def _models(run: Run) -> Iterator[str]:
    """How good every model is."""
    for step in run.steps_with(SCORES):
        headlines, seeds = run.headlines(step), len(run.repeats(step))
        for origin, scores in run.tested(step).items():
            yield f"{step} · {origin} · test: {score_line(headlines[origin], scores, seeds)}"


def _guards(run: Run) -> Iterator[str]:
    """What every guard kept of its promises."""
    for step in run.steps_with(TRUST):
        seeds = [one["origins"] for one in run.trusts(step)]
        for origin in run.step(step).origins:
            tested = [one.get(origin, {}).get("test", {}) for one in seeds]
            told = [trust_headlines(one) for one in tested]
            alike = all(len(one) == len(told[0]) for one in told)
            means = meant(told if alike else told[:1])
            if means:
                words = ", ".join(f"{one.words} {valued(one)}" for one in means)
                yield f"{step} · {origin} · test: {words}, {rows(tested[0])}"


def trust_headlines(scores: Mapping[str, Any]) -> list[Headline]:
    """What is told of a guard's judgements of some rows: how often they hold, what they refuse."""
    promised = scores.get("set") or scores.get("interval") or {}
    shares = {
        "coverage": promised.get("coverage"),
        "refused": scores.get("novelty", {}).get("false_alarms"),
        "mostly refused": scores.get("wholes", {}).get("refused"),
    }
    return [
        Headline(words, words, one["value"], one["interval"])
        for words, one in shares.items()
        if one is not None
    ]


def _explanations(run: Run) -> Iterator[str]:
    """Whether every map passed its tests."""
    for step in run.steps_with(EXPLANATIONS):
        for origin, scores in run.faithfulness(step).items():
            if not scores["methods"]:
                yield f"{step} · {origin}: not tested, {scores['reason']}"
            for method, test in scores["methods"].items():
                gains = [
                    f"{headline(test[rival])} over {rival.removeprefix('over_').replace('_', ' ')}"
                    for rival in ("over_random", "over_random_weights")
                ]
                verdict = "passed" if test["passed"] else "failed"
                yield f"{step} · {origin} · {method.replace('_', ' ')}: {verdict}, {', '.join(gains)}"
