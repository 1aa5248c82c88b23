"""Where a model sees rows: the features that novelty compares."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Evidence, Problem, Table
from structkit.evidence import FEATURES

Features = NDArray[np.floating]
MODEL, INPUTS = "model", "inputs"


def fixed_arrays(table: Table) -> tuple[str, ...]:
    """The arrays that have one length in all rows."""
    names = []
    for name in table.arrays:
        with contextlib.suppress(TypeError, ValueError):
            table.stack(name)
            names.append(name)
    return tuple(names)


def views_of(model: Any, arrays: Sequence[str], wanted: str) -> list[str]:
    """Which features there are of those that are wanted.

    Args:
        model: which may offer `features`.
        arrays: of its inputs that have one length in all rows.
        wanted: `model`, `inputs` or `both`.

    Raises:
        DataError: D052, none.
    """
    there = [MODEL] if callable(getattr(model, "features", None)) else []
    there += [INPUTS] if arrays else []
    chosen = [view for view in there if wanted in ("both", view)]
    if not chosen:
        raise _nothing_there(wanted)
    return chosen


def features_of(model: Any, rows: Evidence, view: str, arrays: Sequence[str]) -> Features:
    """Where the model sees rows, (rows, features), in the precision that they have.

    Args:
        model: which may offer `features`; it is asked where its predictions do not hold them.
        rows: as it reads them, with what it says of them.
        view: `model` or `inputs`.
        arrays: of the inputs that are compared.

    Raises:
        DataError: D052, one of these has another length in each row.
    """
    table = rows.features
    if view == MODEL:
        seen = rows.predicted.get(FEATURES)
        return _flat(_real(np.asarray(model.features(table) if seen is None else seen)))
    try:
        flat = [_flat(_real(table.stack(name))) for name in arrays]
    except (KeyError, TypeError, ValueError) as error:
        raise _nothing_there(view) from error
    return flat[0] if len(flat) == 1 else np.concatenate(flat, axis=1)


def _real(values: NDArray[Any]) -> Features:
    """Numbers that have parts; whole ones, and true and false, become such."""
    return values if values.dtype.kind == "f" else values.astype(np.float64)


def _flat(values: NDArray[Any]) -> NDArray[Any]:
    """One line of numbers a row, (rows, numbers), also of no rows."""
    return values.reshape(len(values), math.prod(values.shape[1:]))


def _nothing_there(wanted: str) -> DataError:
    what = {MODEL: "the model offers no 'features'"}
    message = what.get(wanted, "what the model reads has another length in each row")
    if wanted == "both":
        message += ", and it offers no 'features'"
    return DataError(Problem("D052", message, fix="guard a model that offers 'features'"))
