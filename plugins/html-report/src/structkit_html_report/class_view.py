"""Classes of structures: confusion matrices, precision and recall, confident mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from structkit.data.rows import Row
from structkit.data.table import Array, Table
from structkit.errors import printable
from structkit.evaluation.target import Headline
from structkit.run import Run
from structkit.words import number
from structkit_html_report.matrix import confusion
from structkit_html_report.texts import LONGEST_DRAWN, LONGEST_LABEL, shortened
from structkit_html_report.view import MISTAKES, Details, Figure, Guess, Mistake, View, tested_rows
from structkit_html_report.wording import listed, measured, percent, several


class ClassView(View):
    """Shows a label a row."""

    loss = "cross-entropy"
    further = {"log_loss": "log-loss", "brier": "Brier", "calibration_error": "calibration error"}
    worst = "the test rows that were wrong with the most confidence."
    faultless = "no test row was misclassified."
    higher = True
    lead = "Recognises"
    unguarded = "it names one of its classes for whatever it is shown"

    def says(self, metrics: Mapping[str, Any]) -> str:
        """The classes."""
        names = [shortened(printable(name), LONGEST_DRAWN) for name in metrics["classes"]]
        return f"{several(len(names), 'class')} ({listed(names)})"

    def amount(self, told: Headline) -> str:
        """A share in per cent."""
        return measured(told)

    def how_good(self, told: Headline) -> str:
        """The share that is right."""
        return f"right in {self.amount(told)}"

    def worst_part(self, run: Run, step: str) -> str:
        """The class of an origin of which the fewest are recognised."""
        recall = _recalls(run, step)
        if not recall:
            return ""
        origin, name = min(recall, key=lambda place: recall[place])
        if recall[origin, name] == 1:
            return "No class has a mistake in the test part."
        count = run.tested(step)[origin]["per_class"].get(name, {"n": 0})["n"]
        share, whole = percent(recall[origin, name]), several(count, "row")
        name = shortened(printable(name), LONGEST_DRAWN)
        return f"Worst class: {name} of {origin}, of which it recognises {share} of {whole}."

    def figures(self, run: Run, step: str) -> list[Figure]:
        """A confusion matrix an origin."""
        classes = run.metrics(step)["classes"]
        figures: list[Figure] = []
        for origin, scores in run.tested(step).items():
            matrix = confusion(classes, scores["confusion"], f"{origin} · test")
            figures.append((matrix, f"confusion matrix · {origin} · test"))
        return figures

    def details(self, run: Run, step: str) -> list[Details]:
        """Precision and recall of every class."""
        rows = []
        for origin, scores in run.tested(step).items():
            for name, facts in scores["per_class"].items():
                shares = number(facts["precision"]), number(facts["recall"])
                rows.append((origin, name, str(facts["n"]), *shares))
        header = ("origin", "class", "rows", "precision", "recall")
        return [Details("precision and recall of every class (test)", header, rows)]

    def mistakes(self, run: Run, step: str) -> dict[str, list[Mistake]]:
        """The rows that were wrong with the most confidence."""
        classes = run.metrics(step)["classes"]
        return {origin: _worst(table, classes) for origin, table in tested_rows(run, step).items()}

    def guess(self, metrics: Mapping[str, Any], row: Row, arrays: Mapping[str, Array]) -> Guess:
        """The most probable class, and how probable it is."""
        p = arrays["probabilities"]
        name = metrics["classes"][int(p.argmax())]
        return Guess(
            row.label or "no label",
            f"{shortened(name, LONGEST_LABEL)} {float(p.max()):.2f}",
            row.label == name,
        )


def _worst(table: Table, classes: Sequence[str]) -> list[Mistake]:
    p = table.stack("probabilities")
    guesses = [classes[place] for place in p.argmax(axis=1)]
    pairs = zip(guesses, table.labels, strict=True)
    wrong = [row for row, (guess, label) in enumerate(pairs) if guess != label]
    sure = p.max(axis=1)
    worst = sorted(wrong, key=lambda row: -sure[row])[:MISTAKES]
    return [_mistake(table[row], guesses[row], float(sure[row])) for row in worst]


def _mistake(row: Row, predicted: str, probability: float) -> Mistake:
    return Mistake(row, Guess(str(row.label), predicted, right=False), f"at {probability:.2f}")


def _recalls(run: Run, step: str) -> dict[tuple[str, str], float]:
    """How much of each class of an origin is recognised, as the mean over the seeds that tested it."""
    found: dict[tuple[str, str], list[float]] = {}
    for metrics in run.repeats(step):
        for origin, parts in metrics["origins"].items():
            for name, scores in parts.get("test", {"per_class": {}})["per_class"].items():
                if scores["n"]:
                    found.setdefault((origin, name), []).append(scores["recall"] or 0.0)
    return {place: float(np.mean(values)) for place, values in found.items()}
