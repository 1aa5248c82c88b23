"""Numbers with a unit: one for each structure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.data.columns import Column
from structkit.data.table import Table
from structkit.errors import DataError, Problem, did_you_mean
from structkit.evaluation.intervals import size_interval
from structkit.evaluation.target import TARGET, Headline, Truth, fixed


class Numbers:
    """A number a row, as `structkit.evaluation.target.Target`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def truth(self, features: Table, structures: Table | None) -> Truth:
        """The numbers; groups are dealt out as one kind."""
        values = features.target(self.name)
        known = np.isfinite(values)
        return Truth(
            known, [self.name if is_known else None for is_known in known.tolist()], values
        )

    def check(self, truth: Truth, features: Table) -> None:
        """Refuse rows without such a number, and numbers that are all equal or in several units.

        Raises:
            DataError: D005; D013.
        """
        _unit(features, self.name)
        values = truth.values[truth.known]
        if len(values) == 0:
            known = did_you_mean(
                self.name, features.targets, f"targets: {', '.join(features.targets) or 'none'}"
            )
            raise DataError(Problem("D005", f"no row has a target '{self.name}'", fix=known))
        if np.ptp(values) == 0:
            message = f"all {len(values)} values of '{self.name}' are equal"
            raise DataError(
                Problem("D005", message, fix="there is nothing to learn; add other structures")
            )

    def for_training(self, features: Table, truth: Truth) -> Table:
        """The rows with the array `target`, float64 (rows)."""
        return features.with_arrays(**{TARGET: truth.values})

    def arrays(
        self, predicted: Any, model: Any, features: Table, truth: Truth
    ) -> dict[str, Column]:
        """`value` (rows), and `spread` (rows) from a model that gives both as a mapping."""
        given = predicted if isinstance(predicted, Mapping) else {"value": predicted}
        columns = {}
        for name in ("value", "spread"):
            if name in given:
                columns[name] = fixed(_numbers(given[name], len(features)))
        if "value" not in columns:
            raise ValueError(f"returned {sorted(given)}, expected 'value'")
        return columns

    def facts(self, model: Any, truth: Truth, features: Table) -> dict[str, Any]:
        """The name and unit of the number, and what the trivial baseline says."""
        mean = float(truth.values[truth.known].mean())
        return {"target": self.name, "unit": _unit(features, self.name), "mean": mean}

    def scored(self, predictions: Table) -> NDArray[np.bool_]:
        """The rows with a number."""
        return np.isfinite(predictions.target(self.name))

    def scores(self, facts: Mapping[str, Any], predictions: Table) -> dict[str, Any]:
        """Mean absolute and squared errors with intervals over groups, beside always saying the training mean."""
        _unit(predictions, self.name, facts["unit"])
        truth, value = predictions.target(self.name), predictions.stack("value")
        errors = np.abs(value - truth)
        trivial = np.abs(facts["mean"] - truth)
        squared = ((value - truth) ** 2).mean()
        return {
            "n": len(truth),
            "groups": len(set(predictions.groups)),
            "unit": facts["unit"],
            "mae": {
                "value": float(errors.mean()),
                "interval": size_interval(errors, predictions.groups),
            },
            "rmse": float(np.sqrt(squared)),
            "r2": _share_explained(truth, value),
            "trivial_mae": float(trivial.mean()),
            "bias": float((value - truth).mean()),
        }

    def columns(self, facts: Mapping[str, Any]) -> list[str]:
        """The number, what was predicted, and its spread."""
        unit = f" [{facts['unit']}]" if facts["unit"] else ""
        return [f"{self.name}{unit}", f"predicted{unit}", f"spread{unit}"]

    def cells(self, facts: Mapping[str, Any], predictions: Table, index: int) -> list[str]:
        """The cells of one row; the spread is empty where the model gives none."""
        quantity = predictions.rows[index].targets.get(self.name)
        known = "" if quantity is None else f"{quantity.value:.8g}"
        spread = (
            f"{float(predictions.item('spread', index)):.8g}"
            if "spread" in predictions.arrays
            else ""
        )
        return [known, f"{float(predictions.item('value', index)):.8g}", spread]

    def headlines(self, scores: Mapping[str, Any]) -> list[Headline]:
        """The mean absolute error, beside that of the training mean."""
        error = scores["mae"]
        return [
            Headline(
                name="mae",
                words="mean absolute error",
                value=error["value"],
                interval=error["interval"],
                trivial=scores["trivial_mae"],
                unit=scores["unit"],
                baseline="training mean",
            )
        ]


def _unit(table: Table, name: str, expected: str | None = None) -> str:
    """Look up the unit of a number.

    Raises:
        DataError: D013, rows have it in several units, or in another one than is expected.
    """
    units = {part.targets()[name] for part in table.parts if name in part.targets()}
    if expected is not None:
        units.add(expected)
    if len(units) > 1:
        several = " and in ".join(f"'{unit}'" for unit in sorted(units))
        raise DataError(
            Problem("D013", f"target '{name}' is in {several}", fix="give it in one unit")
        )
    return units.pop() if units else ""


def _numbers(value: Any, rows: int) -> Any:
    array = np.asarray(value)
    if array.shape != (rows,) or array.dtype.kind not in "fiu":
        raise ValueError(
            f"returned {array.dtype} of shape {array.shape}, expected numbers of shape ({rows},)"
        )
    if not np.isfinite(array).all():
        raise ValueError(
            f"returned {array[~np.isfinite(array)][0]} for row {int(np.argmin(np.isfinite(array)))}"
        )
    return array.astype(np.float64)


def _share_explained(truth: Any, value: Any) -> float | None:
    """The coefficient of determination; None for one value."""
    spread = ((truth - truth.mean()) ** 2).sum()
    return float(1 - ((value - truth) ** 2).sum() / spread) if spread > 0 else None
