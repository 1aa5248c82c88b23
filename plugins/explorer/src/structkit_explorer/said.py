"""What a model says of one row, and what its guards make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from structkit.data.table import Array, Row
from structkit.evaluation.verdict import INTERVAL, number_verdict, verdict
from structkit.records import StepRecord

SHOWN = 3  # classes of a prediction, the most probable first


@dataclass
class Known:
    """What is known of a row: words and numbers to colour by, and texts."""

    words: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)

    def add(self, other: Known) -> None:
        """Take over what somebody else knows of the row."""
        self.words.update(other.words)
        self.numbers.update(other.numbers)
        self.told.update(other.told)


def said_of(
    model: StepRecord,
    classes: Sequence[str],
    row: Row,
    predicted: Mapping[str, Array],
    unit: str = "",
) -> Known:
    """What a model says of a row; nothing of a target that a plugin declares.

    Args:
        model: the step.
        classes: of the model; empty of one that predicts numbers.
        row: the row.
        predicted: its arrays.
        unit: of a model that predicts numbers.
    """
    if (model.predicts, model.per) == ("classes", "structure"):
        return _class(classes, row, predicted["probabilities"])
    if (model.predicts, model.per) == ("classes", "atom"):
        return _atoms(classes, predicted)
    if (model.predicts, model.per) == ("numbers", "structure"):
        return _number(model.target, unit, row, predicted)
    return Known()


def verdict_of(
    classes: Sequence[str], predicted: Mapping[str, Array], judged: Mapping[str, Array], also: str
) -> Known:
    """What a prediction comes to.

    Args:
        classes: of the model; empty of one that predicts numbers.
        predicted: arrays of the row, of the model.
        judged: arrays of the row, of the guard.
        also: what stands behind the names, where there are several guards.
    """
    alone = {name: np.asarray(value)[None] for name, value in judged.items()}
    if classes:
        found = verdict(classes, np.asarray(predicted["probabilities"])[None], alone, 0)
    else:
        found = number_verdict(alone, 0)
    known = Known({f"verdict{also}": found.sort}, {}, {f"what it may be{also}": str(found)})
    if INTERVAL in judged:
        low, high = np.asarray(judged[INTERVAL]).tolist()
        known.told[f"interval{also}"] = f"{low:.6g} to {high:.6g}"
    return known


def _class(classes: Sequence[str], row: Row, probabilities: Array) -> Known:
    order = np.argsort(-probabilities, kind="stable")[:SHOWN].tolist()
    likely = ", ".join(f"{classes[place]} {probabilities[place]:.3f}" for place in order)
    guess = classes[order[0]]
    words = {"prediction": guess}
    if row.label is not None:
        words["prediction is"] = _right(guess, row.label, classes)
    return Known(words, {"probability": float(probabilities[order[0]])}, {"likeliest": likely})


def _right(guess: str, label: str, classes: Sequence[str]) -> str:
    if label not in classes:
        return "of a class that the model does not know"
    return "right" if guess == label else "wrong"


def _atoms(classes: Sequence[str], predicted: Mapping[str, Array]) -> Known:
    """The class that most atoms are said to be, and how many are right."""
    guess = np.argmax(predicted["probabilities"], axis=1)
    counts = np.bincount(guess, minlength=len(classes))
    told = [f"{classes[place]}: {counts[place]}" for place in np.flatnonzero(counts).tolist()]
    known = Known({"most atoms": classes[int(counts.argmax())]}, {}, {"atoms": ", ".join(told)})
    truth = np.asarray(predicted["truth"])
    scored = truth >= 0
    if scored.any():
        known.numbers["share of atoms right"] = float((guess == truth)[scored].mean())
    return known


def _number(target: str, unit: str, row: Row, predicted: Mapping[str, Array]) -> Known:
    """The number that was predicted, the true one where it is known, and their difference."""
    value = float(predicted["value"])
    unit = f" [{unit}]" if unit else ""
    numbers = {f"predicted {target}{unit}": value}
    quantity = row.targets.get(target)
    if quantity is not None:
        true = float(quantity.value)
        numbers |= {f"true {target}{unit}": true, f"error{unit}": value - true}
    if "spread" in predicted:
        numbers[f"spread{unit}"] = float(predicted["spread"])
    return Known({}, numbers, {})
