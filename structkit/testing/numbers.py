"""The suite for models of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from structkit.data.columns import Array
from structkit.data.table import Table
from structkit.testing.learning import LearningContract
from structkit.testing.materials import planted_numbers


class NumbersContract(LearningContract):
    """A model learns the numbers of sixteen rows by heart, says finite ones, and keeps `LearningContract`.

    Attributes:
        error: largest mean absolute error of what was learnt by heart, as a fraction of the
            numbers' deviation.
    """

    error: ClassVar[float] = 0.1

    def features(self) -> Table:
        """Sixteen rows with the array `target`; for another representation than `vector`, override it."""
        return planted_numbers()

    def said(self, model: Any, table: Table) -> Array:
        """The numbers, and their spread where the model gives it, (rows, 1 or 2)."""
        given = model.predict(table)
        named = given if isinstance(given, Mapping) else {"value": given}
        return np.stack(
            [np.asarray(named[name]) for name in ("value", "spread") if name in named], axis=1
        )

    def test_learns_by_heart(self, tmp_path: Path) -> None:
        table = self.features()
        truth = table.stack("target")
        errors = np.abs(self.said(self.fitted(tmp_path), table)[:, 0] - truth)
        share = errors.mean() / truth.std()
        told = f"an error of {share:.0%} of the deviation: the model or its training is wrong"
        assert share <= self.error, told

    def test_says_a_finite_number_of_every_row(self, tmp_path: Path) -> None:
        model, table = self.fitted(tmp_path), self.features()
        result = self.said(model, table)
        assert len(result) == len(table) and np.isfinite(result).all(), (
            "predict gives finite numbers (rows,)"
        )
        assert (result[:, 1:] >= 0).all(), "a spread is no negative number"
        assert len(self.said(model, table.select([]))) == 0, "of no row nothing is said"
