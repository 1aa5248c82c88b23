"""What the models of numbers share: the numbers of a training table, and the record of a fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from structkit import DataError, Problem, Table
from structkit_baselines.features import Matrix


class Regression(Protocol):
    """A model that says a number of every row, as `value`."""

    def predict(self, features: Table) -> Mapping[str, Matrix]:
        """Say a number of every row: `value`, float64 (rows,)."""


def numbers(table: Table) -> Matrix:
    """Take the numbers that are to be learnt, float64 (rows)."""
    values: Matrix = table.stack("target").astype(np.float64)
    return values


def check_rows(table: Table, needed: int) -> None:
    """Refuse too few rows to learn from.

    Raises:
        DataError: D041.
    """
    if len(table) < needed:
        message = f"{len(table)} training rows, at least {needed} are needed"
        raise DataError(Problem("D041", message, fix="add rows, or make the other parts smaller"))


def check_width(features: Matrix, wanted: int) -> None:
    """Refuse rows of another length than those that were learnt from.

    Raises:
        ValueError: in words.
    """
    if features.shape[1] != wanted:
        got = features.shape[1]
        raise ValueError(f"rows of {got} numbers, the model learnt from rows of {wanted}")


def record(model: Regression, train: Table, valid: Table) -> dict[str, Any]:
    """Say how good a fit is: mean squared errors, in the square of the unit."""
    losses = {"epoch": 1.0, "train_loss": _mean_squared_error(model, train)}
    if len(valid):
        losses["valid_loss"] = _mean_squared_error(model, valid)
    return losses


def _mean_squared_error(model: Regression, table: Table) -> float:
    errors = model.predict(table)["value"] - numbers(table)
    return float(np.mean(errors**2))
