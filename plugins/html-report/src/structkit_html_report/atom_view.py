"""Classes of atoms: confusion matrices that count atoms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_hex

from structkit.data.rows import Row
from structkit.data.table import Array, Table
from structkit.evaluation.atom_classes import UNKNOWN
from structkit.evaluation.target import Headline
from structkit.run import Run
from structkit_html_report.matrix import confusion
from structkit_html_report.pictured import ColourBar, Pictured
from structkit_html_report.structures import structure_picture
from structkit_html_report.view import MISTAKES, Figure, Guess, Mistake, View, tested_rows
from structkit_html_report.wording import listed, measured, several

COLOURS = {
    "blue": (0.0, 0.45, 0.70),
    "orange": (0.90, 0.62, 0.0),
    "green": (0.0, 0.62, 0.45),
    "pink": (0.80, 0.47, 0.65),
    "sky": (0.34, 0.71, 0.91),
    "red": (0.84, 0.37, 0.0),
    "yellow": (0.94, 0.89, 0.26),
    "black": (0.15, 0.15, 0.15),
}  # that the colour-blind tell apart; Okabe and Ito, Color Universal Design (2008)
UNKNOWN_COLOUR = (0.75, 0.75, 0.75)


class AtomView(View):
    """Shows a class an atom."""

    loss = "cross-entropy"
    further = {"atoms": "atoms"}
    worst = "the test structures of which the most atoms were told wrong."
    faultless = "no atom was told wrong."
    higher = True
    lead = "Recognises"
    unguarded = "it names one of its classes for every atom of whatever it is shown"

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

    def mistakes(self, run: Run, step: str) -> dict[str, list[Mistake]]:
        """The structures with the largest shares of wrong atoms."""
        metrics = run.metrics(step)
        return {
            origin: _worst(self, table, metrics) for origin, table in tested_rows(run, step).items()
        }

    def pictures(
        self, run: Run, metrics: Mapping[str, Any], row: Row, arrays: Mapping[str, Array]
    ) -> list[Pictured]:
        """The structure coloured by what was told, by what is true, and by how sure that was."""
        atoms, p = run.structure(row), arrays["probabilities"]
        classes = _classes(metrics)
        told = _class_colours(p.argmax(axis=1))
        known = np.searchsorted(np.sort(classes), arrays["truth"])
        true = _class_colours(np.argsort(classes)[np.minimum(known, len(classes) - 1)])
        true[~np.isin(arrays["truth"], classes)] = UNKNOWN_COLOUR
        sure = colormaps["viridis"](p.max(axis=1))[:, :3]
        names = zip(metrics["classes"], COLOURS.values(), strict=False)
        key = {str(name): to_hex(colour) for name, colour in names}
        with_unknown = {**key, "unknown": to_hex(UNKNOWN_COLOUR)}
        bar = ColourBar.of("confidence", ("0", "0.5", "1"), "viridis")
        drawn = [structure_picture(atoms, colours) for colours in (told, true, sure)]
        return [
            Pictured("predicted", drawn[0], key=key, kind="structure"),
            Pictured("true", drawn[1], key=with_unknown, kind="structure"),
            Pictured("confidence", drawn[2], bar=bar, kind="structure"),
        ]

    def guess(self, metrics: Mapping[str, Any], row: Row, arrays: Mapping[str, Array]) -> Guess:
        """How many atoms were told right, of those whose class is known."""
        right, known = _right(metrics, arrays)
        count = int(known.sum())
        return Guess("", f"{int(right[known].sum())} of {several(count, 'atom')} right")


def _classes(metrics: Mapping[str, Any]) -> Array:
    """The classes in the order of the probabilities."""
    return np.array([int(name) for name in metrics["classes"]])


def _right(metrics: Mapping[str, Any], arrays: Mapping[str, Array]) -> tuple[Array, Array]:
    """Which atoms were told right, and of which something is known."""
    truth = arrays["truth"]
    told = _classes(metrics)[arrays["probabilities"].argmax(axis=1)]
    return told == truth, truth != UNKNOWN


def _class_colours(places: Array) -> Array:
    """A colour for each class, (atoms, 3)."""
    colours: Array = np.array(list(COLOURS.values()))[np.asarray(places) % len(COLOURS)]
    return colours


def _worst(view: AtomView, table: Table, metrics: Mapping[str, Any]) -> list[Mistake]:
    wrong = []
    for row in range(len(table)):
        arrays = {name: table.item(name, row) for name in table.arrays}
        right, known = _right(metrics, arrays)
        wrong.append(float((~right[known]).mean()) if known.any() else 0.0)
    order = np.argsort(-np.array(wrong), kind="stable")[:MISTAKES].tolist()
    mistakes = []
    for row in order:
        if wrong[row] > 0:
            arrays = {name: table.item(name, row) for name in table.arrays}
            guess = view.guess(metrics, table[row], arrays)
            mistakes.append(Mistake(table[row], replace(guess, right=False), ""))
    return mistakes
