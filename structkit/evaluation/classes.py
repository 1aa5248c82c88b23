"""Classes of whole structures: the target that everybody has, `label`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.data.columns import Column
from structkit.data.table import Table
from structkit.errors import DataError, Problem, printable, quoted
from structkit.evaluation.target import Headline, Truth, check_classes, check_probabilities, fixed

LABELLED = (
    "label the structures, by a folder for each class, a manifest or their space group (`label:` of "
    "the source), or add another class"
)


class Classes:
    """A label a row, as `structkit.evaluation.target.Target`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def truth(self, features: Table, structures: Table | None) -> Truth:
        """The labels; a row without one is neither learnt from nor scored."""
        labels = features.values("label")
        return Truth(np.array([label is not None for label in labels], dtype=bool), labels, labels)

    def check(self, truth: Truth, features: Table) -> None:
        """Refuse fewer than two classes, and more than anybody tells apart.

        Raises:
            DataError: D001; D006.
        """
        counts = Counter(label for label in truth.values if label is not None)
        if len(counts) < 2:
            name = next(iter(counts), "none")
            message = f"one class {quoted(name)} ({len(truth.values)} rows); a classifier needs ≥ 2"
            raise DataError(Problem("D001", message, fix=LABELLED))
        check_classes(len(counts))

    def for_training(self, features: Table, truth: Truth) -> Table:
        """The rows as they are: they know their labels."""
        return features

    def arrays(
        self, predicted: Any, model: Any, features: Table, truth: Truth
    ) -> dict[str, Column]:
        """`probabilities` (rows, classes)."""
        result = np.asarray(predicted)
        check_probabilities(result, (len(features), len(model.classes)))
        return {"probabilities": fixed(result.astype(np.float64))}

    def facts(self, model: Any, truth: Truth, features: Table) -> dict[str, Any]:
        """The classes, in the order of the probabilities, and the commonest label that was learnt from."""
        counts = Counter(label for label in truth.values if label is not None)
        commonest = min(counts, key=lambda label: (-counts[label], label))
        return {"classes": list(model.classes), "commonest": commonest}

    def scored(self, predictions: Table) -> NDArray[np.bool_]:
        """The rows with a label."""
        return np.array([label is not None for label in predictions.values("label")], dtype=bool)

    def scores(self, facts: Mapping[str, Any], predictions: Table) -> dict[str, Any]:
        """Accuracy, areas, calibration, confusion; the baseline always says the commonest class.

        None of rows whose classes the model does not know, all of them: to that, guards have an
        answer.
        """
        from structkit.evaluation.classification import scores

        p, labels = predictions.stack("probabilities"), predictions.labels
        if not set(labels) & set(facts["classes"]):
            return {}
        measured = scores(facts["classes"], labels, p, predictions.groups)
        return {**measured, "majority": labels.count(facts["commonest"]) / len(labels)}

    def columns(self, facts: Mapping[str, Any]) -> list[str]:
        """Label, most probable class, and a probability a class."""
        return ["label", "predicted", *(printable(f"p_{name}") for name in facts["classes"])]

    def cells(self, facts: Mapping[str, Any], predictions: Table, index: int) -> list[str]:
        """The cells of one row."""
        p = predictions.item("probabilities", index)
        words = [predictions.rows[index].label or "", facts["classes"][int(p.argmax())]]
        return [*words, *(f"{value:.6f}" for value in p)]

    def headlines(self, scores: Mapping[str, Any]) -> list[Headline]:
        """Accuracy beside that of the commonest class, balanced accuracy, area under the curve."""
        trivial = {"trivial": scores.get("majority"), "baseline": "commonest class"}
        return [
            _headline(scores, "accuracy", "accuracy", **trivial),
            _headline(scores, "balanced_accuracy", "balanced accuracy", short="balanced"),
            _headline(scores, "roc_auc", "ROC-AUC"),
        ]


def _headline(scores: Mapping[str, Any], name: str, words: str, **further: Any) -> Headline:
    return Headline(name, words, scores[name]["value"], scores[name]["interval"], **further)
