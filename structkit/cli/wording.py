"""Predictions as the terminal shows them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from structkit.evaluation.verdict import AMBIGUOUS, CLASS, NONE

if TYPE_CHECKING:
    from structkit.evaluation.predicted import Prediction

SHOWN = 3  # classes of a prediction, the most probable first


def prediction_text(prediction: Prediction) -> str:
    """Say what was predicted of a structure: its class, a number, or its atoms of each class."""
    if prediction.words:
        return prediction.words
    if prediction.value is not None:
        return _number_text(prediction)
    if prediction.atom_values is not None:
        return _atom_values_text(prediction)
    if prediction.atoms is not None:
        return _atoms_text(prediction)
    ranked = sorted(zip(_trusted(prediction), prediction.classes, strict=True), reverse=True)
    likely = [f"{name} {probability:.3f}" for probability, name in ranked[:SHOWN]]
    if prediction.verdict is None:
        return f"{prediction.label}  ({', '.join(likely)})"
    return f"{prediction.verdict}  ({', '.join([*likely, *_novelty(prediction)])})"


def _atoms_text(prediction: Prediction) -> str:
    """How many atoms, or other parts, of each class; and whether most are unlike all that was learnt from."""
    assert prediction.atoms is not None  # noqa: S101  (who calls has looked)
    counts = [f"{name}: {count}" for name, count in verdict_counts(prediction).items()]
    text = f"{len(prediction.atoms)} {prediction.parts}  ({', '.join(counts)})"
    if prediction.novelty is None:
        return text
    refused = f"unlike all that was learnt from; {text}" if prediction.verdict else text
    return f"{refused}; novelty p = {prediction.novelty:.3f} in the median"


def _atom_values_text(prediction: Prediction) -> str:
    """How many atoms, and what their numbers come to."""
    facts = _atom_values_facts(prediction)
    ends = f"{facts['lowest']:.6g} to {facts['highest']:.6g}"
    text = f"{facts['count']} atoms  (mean {facts['mean']:.6g}, {ends} {prediction.unit}".rstrip()
    return f"{text})"


def _atom_values_facts(prediction: Prediction) -> dict[str, Any]:
    """What the numbers of the atoms come to."""
    assert prediction.atom_values is not None  # noqa: S101  (who calls has looked)
    values = [float(value) for value in prediction.atom_values]
    total = math.fsum(values)
    return {
        "count": len(values),
        "mean": total / len(values),
        "sum": total,
        "lowest": min(values),
        "highest": max(values),
    }


def _number_text(prediction: Prediction) -> str:
    """A number with all that is known of how far it can be trusted."""
    further = [] if prediction.spread is None else [f"spread {prediction.spread:.3g}"]
    if prediction.interval is not None:
        further.append(f"interval {prediction.interval[0]:.6g} to {prediction.interval[1]:.6g}")
    further += _novelty(prediction)
    text = f"{prediction.value:.6g} {prediction.unit}".rstrip()
    if prediction.verdict is not None and prediction.verdict.sort == NONE:
        text = f"unlike all that was learnt from; {text}"
    return text + (f" ({', '.join(further)})" if further else "")


def _novelty(prediction: Prediction) -> list[str]:
    return [] if prediction.novelty is None else [f"novelty p = {prediction.novelty:.3f}"]


def _trusted(prediction: Prediction) -> tuple[float, ...]:
    """Calibrated probabilities where there are any."""
    return prediction.calibrated or prediction.probabilities


def prediction_facts(prediction: Prediction) -> dict[str, Any]:
    """Give what was predicted of a structure, as JSON holds it."""
    if prediction.words:
        return {"id": prediction.id, **prediction.facts}
    if prediction.value is not None:
        spread = {} if prediction.spread is None else {"spread": prediction.spread}
        facts = {"id": prediction.id, "value": prediction.value, **spread, "unit": prediction.unit}
        return {**facts, **_judged_facts(prediction), **_doubts(prediction)}
    if prediction.atom_values is not None:
        facts = {"id": prediction.id, **_atom_values_facts(prediction), "unit": prediction.unit}
        return {**facts, "atoms": [float(value) for value in prediction.atom_values]}
    if prediction.atoms is not None:
        counts, labels = atom_counts(prediction), prediction.atom_labels
        facts = {"id": prediction.id, "counts": counts, "atoms": labels}
        return {**facts, **_judged_atoms_facts(prediction)}
    probabilities = dict(zip(prediction.classes, prediction.probabilities, strict=True))
    facts = {"id": prediction.id, "label": prediction.label, "probabilities": probabilities}
    return {**facts, **_judged_facts(prediction), **_doubts(prediction)}


def _doubts(prediction: Prediction) -> dict[str, float]:
    """What a model of several members says of its doubt; nothing of another one."""
    said = {"epistemic": prediction.epistemic, "aleatoric": prediction.aleatoric}
    return {name: value for name, value in said.items() if value is not None}


def _judged_facts(prediction: Prediction) -> dict[str, Any]:
    """What guards said of a prediction; nothing without any."""
    if prediction.verdict is None:
        return {}
    facts: dict[str, Any] = {"verdict": prediction.verdict.sort}
    if prediction.verdict.classes:
        facts["verdict_classes"] = list(prediction.verdict.classes)
    if prediction.calibrated:
        facts["calibrated"] = dict(zip(prediction.classes, prediction.calibrated, strict=True))
    if prediction.inside is not None:
        facts["set"] = list(prediction.inside)
    if prediction.interval is not None:
        facts["interval"] = list(prediction.interval)
    if prediction.novelty is not None:
        facts["novelty"] = prediction.novelty
    return facts


def _judged_atoms_facts(prediction: Prediction) -> dict[str, Any]:
    """What guards said of the atoms; nothing without any."""
    if not prediction.atom_verdicts:
        return {}
    facts: dict[str, Any] = {
        "verdict_counts": verdict_counts(prediction),
        "atom_verdicts": [str(verdict) for verdict in prediction.atom_verdicts],
    }
    if prediction.atom_novelty is not None:
        facts["atom_novelty"] = prediction.atom_novelty.tolist()
        facts["refused"] = prediction.verdict is not None
    if prediction.novelty is not None:
        facts["novelty"] = prediction.novelty
    return facts


def verdict_counts(prediction: Prediction) -> dict[str, int]:
    """Count the atoms of each class, and the ambiguous and refused ones where guards judge them."""
    if not prediction.atom_verdicts:
        return atom_counts(prediction)
    words = [
        verdict.classes[0] if verdict.sort == CLASS else verdict.sort
        for verdict in prediction.atom_verdicts
    ]
    return {name: words.count(name) for name in (*prediction.classes, AMBIGUOUS, NONE)}


def atom_counts(prediction: Prediction) -> dict[str, int]:
    """Count the atoms whose most probable class is each."""
    labels = prediction.atom_labels
    return {name: labels.count(name) for name in prediction.classes}
