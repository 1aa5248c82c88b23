"""What every sort of item shares: who its row is, and that its numbers are finite."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from structkit.data.columns import Array
from structkit.data.rows import METAL, Row
from structkit.samples import Measurement, Quantity, Sample

AXES = {"vector": ("features",), "image": ("channels", "height", "width")}


def row_of(sample: Sample | Measurement, units: str = METAL) -> Row:
    """Who the row of a sample is."""
    targets = {
        name: value if isinstance(value, Quantity) else Quantity(value)
        for name, value in sample.targets.items()
    }
    return Row(
        sample.id,
        sample.label,
        sample.group or sample.id,
        meta=dict(sample.meta),
        units=units,
        targets=targets,
    )


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
