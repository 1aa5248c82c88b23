"""Predictions as the terminal shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from structkit.engine.prediction import Prediction

SHOWN = 3  # classes of a prediction, the most probable first


def prediction_text(prediction: Prediction) -> str:
    """Say what was predicted of a structure: its class, a number, or its atoms of each class."""
    if prediction.value is not None:
        spread = "" if prediction.spread is None else f" (spread {prediction.spread:.3g})"
        return f"{prediction.value:.6g} {prediction.unit}".rstrip() + spread
    if prediction.atoms is not None:
        counts = [f"{name}: {count}" for name, count in atom_counts(prediction).items()]
        return f"{len(prediction.atoms)} atoms  ({', '.join(counts)})"
    ranked = sorted(zip(prediction.probabilities, prediction.classes, strict=True), reverse=True)
    likely = [f"{name} {probability:.3f}" for probability, name in ranked[:SHOWN]]
    return f"{prediction.label}  ({', '.join(likely)})"


def prediction_facts(prediction: Prediction) -> dict[str, Any]:
    """Give what was predicted of a structure, as JSON holds it."""
    if prediction.value is not None:
        spread = {} if prediction.spread is None else {"spread": prediction.spread}
        return {"id": prediction.id, "value": prediction.value, **spread, "unit": prediction.unit}
    if prediction.atoms is not None:
        counts, labels = atom_counts(prediction), prediction.atom_labels
        return {"id": prediction.id, "counts": counts, "atoms": labels}
    probabilities = dict(zip(prediction.classes, prediction.probabilities, strict=True))
    return {"id": prediction.id, "label": prediction.label, "probabilities": probabilities}


def atom_counts(prediction: Prediction) -> dict[str, int]:
    """Count the atoms whose most probable class is each."""
    labels = prediction.atom_labels
    return {name: labels.count(name) for name in prediction.classes}
