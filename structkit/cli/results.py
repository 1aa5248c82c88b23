"""Scores and predictions as a line on the terminal, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from structkit.evaluation.target import Headline
from structkit.words import headline, number

if TYPE_CHECKING:
    from structkit.engine.prediction import Prediction

MOST_CLASSES = 3  # that a line names


def score_in_words(score: Headline) -> str:
    """Write a score with its interval, its unit, and that of the trivial baseline.

    Such as `mean absolute error 0.115 [0.102, 0.132] eV/atom (0.711 without a model)`.
    """
    value = headline({"value": score.value, "interval": score.interval})
    unit = f" {score.unit}" if score.unit else ""
    trivial = "" if score.trivial is None else f" ({number(score.trivial)} without a model)"
    return f"{score.words} {value}{unit}{trivial}"


def prediction_as_json(one: Prediction) -> dict[str, Any]:
    """Say what a model says of a row as JSON holds it: a number with its unit, or a label with probabilities."""
    if one.value is None:
        return {"id": one.id, "label": one.label, "probabilities": _by_class(one)}
    spread = {} if one.spread is None else {"spread": one.spread}
    return {"id": one.id, "value": one.value, **spread, "unit": one.unit}


def prediction_in_words(one: Prediction) -> str:
    """Say what a model says of a row in a line."""
    if one.value is None:
        ranked = sorted(_by_class(one).items(), key=lambda item: (item[1], item[0]), reverse=True)
        classes = ", ".join(f"{name} {value:.3f}" for name, value in ranked[:MOST_CLASSES])
        return f"{one.id}: {one.label}  ({classes})"
    spread = "" if one.spread is None else f" (spread {one.spread:.3g})"
    return f"{one.id}: {one.value:.6g} {one.unit}".rstrip() + spread


def _by_class(one: Prediction) -> dict[str, float]:
    """The probability of every class."""
    return dict(zip(one.classes, one.probabilities, strict=True))
