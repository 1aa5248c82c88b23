"""Where a model sees rows: the features that novelty compares."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem, Table

Floats = NDArray[np.float64]


def usable(model: Any, table: Table) -> tuple[str, ...]:
    """The arrays that have one length in all rows; none where the model offers `features` itself.

    Raises:
        DataError: D052, there is no such array either.
    """
    if callable(getattr(model, "features", None)):
        return ()
    names = []
    for name in table.arrays:
        with contextlib.suppress(TypeError, ValueError):
            table.stack(name)
            names.append(name)
    if not names:
        raise _ragged()
    return tuple(names)


def features_of(model: Any, table: Table, arrays: Sequence[str]) -> Floats:
    """Where the model sees rows, float64 (rows, features).

    Args:
        model: which may offer `features`.
        table: the rows as it reads them.
        arrays: that are compared where it offers none, as `usable` gave them.

    Raises:
        DataError: D052, one of these has another length in each row.
    """
    if not arrays:
        return np.asarray(model.features(table), dtype=np.float64).reshape(len(table), -1)
    try:
        flat = [table.stack(name).reshape(len(table), -1) for name in arrays]
    except (KeyError, TypeError, ValueError) as error:
        raise _ragged() from error
    return np.concatenate(flat, axis=1).astype(np.float64)


def _ragged() -> DataError:
    message = "what the model reads has another length in each row, and it offers no 'features'"
    return DataError(Problem("D052", message, fix="guard a model that offers 'features'"))
