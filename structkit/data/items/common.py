"""What every sort of item shares: who its row is, and that its numbers are finite."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from structkit.data.columns import Array
from structkit.data.masks import check_unmasked
from structkit.data.rows import METAL, Row
from structkit.samples import Measurement, Quantity, Sample

AXES = {"vector": ("features",), "image": ("channels", "height", "width")}


def row_of(sample: Sample | Measurement, units: str = METAL) -> Row:
    """Who the row of a sample is."""
    targets = {str(name): _quantity(name, value) for name, value in sample.targets.items()}
    return Row(
        sample.id,
        sample.label,
        sample.group or sample.id,
        meta=copy.deepcopy(dict(sample.meta)),
        units=units,
        targets=targets,
    )


def _quantity(name: object, value: Any) -> Quantity:
    """A number with its unit, which the component no longer holds."""
    quantity = value if isinstance(value, Quantity) else Quantity(value)
    check_unmasked(f"the target '{name}'", quantity.value)
    if isinstance(quantity.value, np.ndarray | np.generic):
        return Quantity(quantity.value.item(), quantity.unit)
    return quantity


def own_words(sample: Sample | Measurement) -> dict[str, Any]:
    """What was noted of a sample, for one that shares nothing with it."""
    row = row_of(sample)
    return {"meta": row.meta, "targets": row.targets}


def says_the_same(sample: Sample | Measurement, row: Row) -> bool:
    """Whether a sample still says of itself what its row says."""
    mine = row_of(sample)
    said = (mine.id, mine.label, mine.group, mine.targets)
    before = (row.id, row.label, row.group, row.targets)
    return said == before and _as_text(mine.meta) == _as_text(row.meta)


def _as_text(meta: Mapping[str, Any]) -> str:
    return json.dumps(dict(meta), sort_keys=True, default=repr)


def not_finite(name: str, value: Array) -> str:
    """Where an array is NaN or infinite, in words; nothing when it is finite."""
    array = np.asarray(value)
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return ""
    place = list(map(int, np.argwhere(~np.isfinite(array))[0]))
    return f"'{name}' is {array[tuple(place)]} at index {place}"


def not_represented(name: str, arrays: Mapping[str, Array]) -> str:
    """Say in words why arrays are not the image or vector that they should be; nothing when they are.

    Args:
        name: of the representation; nothing is asked of one that is not in `AXES`.
        arrays: of one row.
    """
    if (wanted := AXES.get(name)) is None:
        return ""
    if name not in arrays:
        return f"gave no array '{name}', only {', '.join(arrays) or 'nothing'}"
    array = arrays[name]
    if array.dtype.kind not in "fiub":
        return f"'{name}' holds {array.dtype}, expected numbers"
    if array.ndim != len(wanted) or array.size == 0:
        return f"'{name}' has shape {array.shape}, expected ({', '.join(wanted)})"
    return ""
