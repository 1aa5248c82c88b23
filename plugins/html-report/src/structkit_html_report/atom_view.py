"""Classes of atoms: confusion matrices that count atoms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from structkit.data.rows import Row
from structkit.data.table import Array
from structkit.evaluation.atom_classes import UNKNOWN
from structkit.evaluation.target import Headline
from structkit.run import Run
from structkit_html_report.matrix import confusion
from structkit_html_report.view import Figure, Guess, View
from structkit_html_report.wording import listed, measured, several


class AtomView(View):
    """Shows a class an atom."""

    loss = "cross-entropy"
    further = {"atoms": "atoms"}
    higher = True

    def says(self, metrics: Mapping[str, Any]) -> str:
        """The classes of atoms."""
        names = [str(name) for name in metrics["classes"]]
        return f"{several(len(names), 'class')} of atoms ({listed(names)})"

    def amount(self, told: Headline) -> str:
        """A share in per cent."""
        return measured(told)

    def how_good(self, told: Headline) -> str:
        """The share that is right."""
        return f"right on {self.amount(told)} of the atoms"

    def figures(self, run: Run, step: str) -> list[Figure]:
        """A confusion matrix an origin."""
        classes = run.metrics(step)["classes"]
        figures: list[Figure] = []
        for origin, scores in run.tested(step).items():
            matrix = confusion(classes, scores["confusion"], f"{origin} · test, atoms")
            figures.append((matrix, f"confusion matrix · {origin} · test, atoms"))
        return figures

    def guess(self, metrics: Mapping[str, Any], row: Row, arrays: Mapping[str, Array]) -> Guess:
        """How many atoms were told right, of those whose class is known."""
        truth = arrays["truth"]
        classes = np.array([int(name) for name in metrics["classes"]])
        right = classes[arrays["probabilities"].argmax(axis=1)] == truth
        known = truth != UNKNOWN
        words = f"{int(right[known].sum())} of {int(known.sum())} right"
        return Guess(f"{len(truth)} atoms", words)
