"""What every sort of item shares: who its row is, and that its numbers are finite."""

from __future__ import annotations

import numpy as np

from structkit.data.columns import Array
from structkit.data.rows import METAL, Row
from structkit.samples import Measurement, Quantity, Sample


def row_of(sample: Sample | Measurement, units: str = METAL) -> Row:
    """Who the row of a sample is."""
    targets = {
        name: value if isinstance(value, Quantity) else Quantity(value) for name, value in sample.targets.items()
    }
    return Row(sample.id, sample.label, sample.group or sample.id, meta=dict(sample.meta), units=units, targets=targets)


def not_finite(name: str, value: Array) -> str:
    """Where an array is NaN or infinite, in words; nothing when it is finite."""
    array = np.asarray(value)
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return ""
    place = list(map(int, np.argwhere(~np.isfinite(array))[0]))
    return f"'{name}' is {array[tuple(place)]} at index {place}"
