"""Numbers of structures: parity and residuals, and the largest errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from structkit.data.rows import Row
from structkit.data.table import Array, Table
from structkit.evaluation.target import Headline
from structkit.run import Run
from structkit.words import number, valued
from structkit_html_report.charts import (
    errors_by_group,
    parity,
    residuals,
    residuals_by_group,
    worst_groups,
)
from structkit_html_report.texts import LONGEST_DRAWN, shortened
from structkit_html_report.view import MISTAKES, Figure, Guess, Mistake, View, tested_rows

MOST_SPOTS = 3000  # of a figure: more hide each other


@dataclass(frozen=True)
class Pairs:
    """What is true and what was said.

    Args:
        truth, value: of shape (numbers).
        groups: of every number.
    """

    truth: Array
    value: Array
    groups: Sequence[str]

    @property
    def errors(self) -> Array:
        """Predicted minus true."""
        errors: Array = self.value - self.truth
        return errors

    def thinned(self) -> tuple[Pairs, str]:
        """As many as a figure can show, evenly spread, and what must be said of that."""
        if len(self.truth) <= MOST_SPOTS:
            return self, ""
        kept = np.linspace(0, len(self.truth) - 1, MOST_SPOTS).astype(int)
        groups = [self.groups[place] for place in kept.tolist()]
        words = f" · {MOST_SPOTS} of {len(self.truth)}, evenly taken"
        return Pairs(self.truth[kept], self.value[kept], groups), words


class NumberView(View):
    """Shows a number a row, with its unit."""

    further = {"rmse": "root mean square error", "r2": "R²", "bias": "mean error"}
    worst = "the test rows with the largest errors."
    faultless = "no test row has an error."
    higher = False
    measured = "Error"
    unguarded = (
        "it gives a number for whatever it is shown, in the range that it learnt from or beyond"
    )

    def says(self, metrics: Mapping[str, Any]) -> str:
        """The number and its unit."""
        return f"The number {_with_unit(metrics['target'], metrics)}"

    def how_good(self, told: Headline) -> str:
        """The mean absolute error."""
        return f"off by {valued(told)} on average"

    def worst_part(self, run: Run, step: str) -> str:
        """The group with the largest mean error."""
        facts, found = run.metrics(step), {}
        for origin, table in tested_rows(run, step).items():
            pairs = self.pairs(table, facts)
            for name, values in list(worst_groups(pairs.groups, pairs.errors).items())[:1]:
                found[origin, name] = float(np.abs(values).mean())
        if not found:
            return ""
        origin, name = max(found, key=lambda place: found[place])
        error = f"{number(found[origin, name], facts['unit'])} {facts['unit']}".rstrip()
        return (
            f"Worst group: {shortened(name, LONGEST_DRAWN)} of {origin}, off by {error} on average."
        )

    def figures(self, run: Run, step: str) -> list[Figure]:
        """Truth against prediction, residuals by truth and by group, and the worst groups, of each origin."""
        facts = run.metrics(step)
        images: list[Figure] = []
        name, unit = _with_unit(facts["target"], facts), _with_unit("", facts)
        for origin, table in tested_rows(run, step).items():
            pairs, title = self.pairs(table, facts), f"{origin} · test"
            some, which = pairs.thinned()
            drawn = parity(some.truth, some.value, name, title)
            images.append((drawn, f"parity plot · {title}{which}"))
            left = residuals(some.truth, some.value, name, unit, title)
            images.append((left, f"residuals · {title}{which}"))
            by_group = residuals_by_group(some.groups, some.errors, unit, title)
            images.append((by_group, f"residuals by group · {title}{which}"))
            words = f"predicted − true{unit}: mean and reach"
            worst = errors_by_group(pairs.groups, pairs.errors, words, title)
            images.append((worst, f"errors of the worst groups, with their rows · {title}"))
        return images

    def pairs(self, table: Table, facts: Mapping[str, Any]) -> Pairs:
        """Truth and prediction of every row of which something is known, with its group."""
        return Pairs(table.target(facts["target"]), table.stack("value"), table.groups)

    def mistakes(self, run: Run, step: str) -> dict[str, list[Mistake]]:
        """The rows with the largest errors."""
        facts = run.metrics(step)
        return {origin: _worst(table, facts) for origin, table in tested_rows(run, step).items()}

    def guess(self, metrics: Mapping[str, Any], row: Row, arrays: Mapping[str, Array]) -> Guess:
        """The number that is known and the one that was predicted."""
        known = row.targets.get(metrics["target"])
        truth = "not known" if known is None else plain_number(known.value, metrics)
        return Guess(truth, plain_number(float(arrays["value"]), metrics))


def _worst(table: Table, facts: Mapping[str, Any]) -> list[Mistake]:
    truth, value = table.target(facts["target"]), table.stack("value")
    error = value - truth
    worst = [row for row in np.argsort(-np.abs(error), kind="stable").tolist() if error[row] != 0]
    mistakes = []
    for row in worst[:MISTAKES]:
        guess = Guess(plain_number(truth[row], facts), plain_number(value[row], facts), right=False)
        mistakes.append(
            Mistake(table[row], guess, f"(off by {plain_number(error[row], facts, '+')})")
        )
    return mistakes


def plain_number(value: float, facts: Mapping[str, Any], sign: str = "") -> str:
    """A number with its unit, in four digits."""
    return f"{value:{sign}.4g} {facts['unit']}".rstrip()


def _with_unit(words: str, facts: Mapping[str, Any]) -> str:
    return f"{words} [{facts['unit']}]" if facts["unit"] else words
