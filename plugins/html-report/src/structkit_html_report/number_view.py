"""Numbers of structures: parity and residuals, and the largest errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from structkit.data.rows import Row
from structkit.data.table import Array, Table
from structkit.evaluation.target import Headline
from structkit.run import Run
from structkit.words import number, valued
from structkit_html_report.charts import errors_by_group, parity, residuals, worst_groups
from structkit_html_report.texts import LONGEST_DRAWN, shortened
from structkit_html_report.view import MISTAKES, Figure, Guess, Mistake, View, tested_rows


class NumberView(View):
    """Shows a number a row, with its unit."""

    further = {"rmse": "root mean square error", "r2": "R²", "bias": "mean error"}
    worst = "the test structures with the largest errors."
    faultless = "no test structure has an error."
    higher = False

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
            errors = table.stack("value") - table.target(facts["target"])
            for name, values in list(worst_groups(table.groups, errors).items())[:1]:
                found[origin, name] = float(np.abs(values).mean())
        if not found:
            return ""
        origin, name = max(found, key=lambda place: found[place])
        error = f"{number(found[origin, name], facts['unit'])} {facts['unit']}".rstrip()
        return (
            f"Worst group: {shortened(name, LONGEST_DRAWN)} of {origin}, off by {error} on average."
        )

    def figures(self, run: Run, step: str) -> list[Figure]:
        """Truth against prediction, and the residuals of the worst groups, of each origin."""
        facts = run.metrics(step)
        images: list[Figure] = []
        name, unit = _with_unit(facts["target"], facts), _with_unit("", facts)
        for origin, table in tested_rows(run, step).items():
            truth, value = table.target(facts["target"]), table.stack("value")
            title = f"{origin} · test"
            images.append((parity(truth, value, name, title), f"parity plot · {title}"))
            left = residuals(truth, value, name, unit, title)
            images.append((left, f"residuals · {title}"))
            words = f"predicted − true{unit}: mean and reach"
            worst = errors_by_group(table.groups, value - truth, words, title)
            images.append((worst, f"errors of the worst groups · {title}"))
        return images

    def mistakes(self, run: Run, step: str) -> dict[str, list[Mistake]]:
        """The rows with the largest errors."""
        facts = run.metrics(step)
        return {origin: _worst(table, facts) for origin, table in tested_rows(run, step).items()}

    def guess(self, metrics: Mapping[str, Any], row: Row, arrays: Mapping[str, Array]) -> Guess:
        """The number that is known and the one that was predicted."""
        known = row.targets.get(metrics["target"])
        truth = "not known" if known is None else _number(known.value, metrics)
        return Guess(truth, _number(float(arrays["value"]), metrics))


def _worst(table: Table, facts: Mapping[str, Any]) -> list[Mistake]:
    truth, value = table.target(facts["target"]), table.stack("value")
    error = value - truth
    worst = [row for row in np.argsort(-np.abs(error), kind="stable").tolist() if error[row] != 0]
    mistakes = []
    for row in worst[:MISTAKES]:
        guess = Guess(_number(truth[row], facts), _number(value[row], facts), right=False)
        mistakes.append(Mistake(table[row], guess, f"(off by {_number(error[row], facts, '+')})"))
    return mistakes


def _number(value: float, facts: Mapping[str, Any], sign: str = "") -> str:
    return f"{value:{sign}.5g} {facts['unit']}".rstrip()


def _with_unit(words: str, facts: Mapping[str, Any]) -> str:
    return f"{words} [{facts['unit']}]" if facts["unit"] else words
