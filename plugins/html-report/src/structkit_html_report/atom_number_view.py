"""Numbers of atoms: parity and residuals of single atoms, errors by group, and structures coloured by their errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_hex

from structkit.data.rows import Row
from structkit.data.table import Array, Table
from structkit.evaluation.atom_numbers import known_pairs
from structkit.evaluation.target import ATOM_VALUES, Headline
from structkit.run import Run
from structkit.words import valued
from structkit_html_report.number_view import NumberView, Pairs, plain_number
from structkit_html_report.pictured import ColourBar, Pictured
from structkit_html_report.structures import structure_picture
from structkit_html_report.view import MISTAKES, Guess, Mistake, tested_rows

UNKNOWN_COLOUR = (0.75, 0.75, 0.75)


class AtomNumberView(NumberView):
    """Shows a number an atom, with its unit."""

    further = {**NumberView.further, "atoms": "atoms"}
    worst = "the test structures whose atoms have the largest mean error."

    def says(self, metrics: Mapping[str, Any]) -> str:
        """The number and its unit, of each atom."""
        return f"{super().says(metrics)} of each atom"

    def how_good(self, told: Headline) -> str:
        """The mean absolute error."""
        return f"off by {valued(told)} per atom on average"

    def pairs(self, table: Table, facts: Mapping[str, Any]) -> Pairs:
        """Truth and prediction of every atom of which something is known, with the group of its structure."""
        both = [known_pairs(table, row) for row in range(len(table))]
        empty = np.zeros(0)
        truth = np.concatenate([empty, *(true for true, _ in both)])
        value = np.concatenate([empty, *(said for _, said in both)])
        groups = np.repeat(np.array(table.groups, dtype=str), [len(true) for true, _ in both])
        return Pairs(truth, value, groups.tolist())

    def mistakes(self, run: Run, step: str) -> dict[str, list[Mistake]]:
        """The structures whose atoms have the largest mean error."""
        facts = run.metrics(step)
        return {o: self._worst(table, facts) for o, table in tested_rows(run, step).items()}

    def _worst(self, table: Table, facts: Mapping[str, Any]) -> list[Mistake]:
        errors = []
        for row in range(len(table)):
            true, said = known_pairs(table, row)
            errors.append(float(np.abs(said - true).mean()))
        mistakes = []
        for row in np.argsort(-np.array(errors), kind="stable").tolist()[:MISTAKES]:
            if errors[row] > 0:
                arrays = {name: table.item(name, row) for name in table.arrays}
                guess = self.guess(facts, table[row], arrays)
                size = f"(off by {plain_number(errors[row], facts)} per atom)"
                mistakes.append(
                    Mistake(table[row], Guess(guess.truth, guess.predicted, False), size)
                )
        return mistakes

    def pictures(
        self, run: Run, metrics: Mapping[str, Any], row: Row, arrays: Mapping[str, Array]
    ) -> list[Pictured]:
        """The structure coloured by the error of each atom."""
        error = np.abs(arrays[ATOM_VALUES] - arrays["truth"])
        known = np.isfinite(error)
        largest = float(error[known].max()) if known.any() else 0.0
        shares = np.where(known, error / (largest or 1.0), 0.0)
        colours = colormaps["viridis"](shares)[:, :3]
        colours[~known] = UNKNOWN_COLOUR
        ends = [f"{share * largest:.3g}" for share in (0.0, 0.5, 1.0)]
        unit = f" [{metrics['unit']}]" if metrics["unit"] else ""
        bar = ColourBar.of(f"size of the error{unit}", ends, "viridis")
        drawn = structure_picture(run.structure(row), colours)
        key = {} if known.all() else {"not known": to_hex(UNKNOWN_COLOUR)}
        return [Pictured("error of each atom", drawn, bar=bar, key=key, kind="structure")]

    def guess(self, metrics: Mapping[str, Any], row: Row, arrays: Mapping[str, Array]) -> Guess:
        """The mean over the atoms that is known, and the one that was predicted."""
        known = np.isfinite(arrays["truth"])
        said = plain_number(float(np.mean(arrays[ATOM_VALUES])), metrics)
        if not known.any():
            return Guess("not known", f"{said} (mean of the atoms)")
        truth = plain_number(float(arrays["truth"][known].mean()), metrics)
        return Guess(f"{truth} (mean of the atoms)", said)
