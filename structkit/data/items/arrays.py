"""Representations that were measured or made directly (spectra, images, vectors) as rows of a table."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from structkit.data.columns import Array
from structkit.data.items.common import not_finite, not_represented, own_words, row_of
from structkit.data.masks import copied
from structkit.data.rows import Row
from structkit.data.table import Table
from structkit.samples import Measurement


class ArraysItem:
    """Named arrays, as `structkit.data.items.base.Item`.

    Args:
        holds: the representation: every row has an array of this name.
        ragged: names of the arrays whose length differs from row to row.
    """

    sample = Measurement

    def __init__(self, holds: str, ragged: Sequence[str] = ()) -> None:
        self.holds, self.ragged = holds, tuple(ragged)

    def to_row(self, sample: Measurement) -> tuple[Row, dict[str, Array]]:
        """A sample as a row and its arrays."""
        return row_of(sample), {
            str(name): copied(name, value) for name, value in sample.arrays.items()
        }

    def to_sample(self, row: Row, arrays: Mapping[str, Array]) -> Measurement:
        """A row with its arrays as a measurement, whose arrays are its own."""
        own = {name: np.array(value) for name, value in arrays.items()}
        return Measurement(
            row.id, own, row.label, row.group, copy.deepcopy(dict(row.meta)), dict(row.targets)
        )

    def arrays(self, table: Table, index: int) -> Mapping[str, Array]:
        """The arrays of one row, as they lie on the disk."""
        return {name: table.item(name, index) for name in table.arrays}

    def is_unchanged(self, sample: Measurement, arrays: Mapping[str, Array]) -> bool:
        """Whether the arrays of a sample are still those."""
        if sample.arrays.keys() != arrays.keys():
            return False
        return all(_is_same(sample.arrays[name], value) for name, value in arrays.items())

    def own(self, sample: Measurement) -> Measurement:
        """The sample with arrays of its own."""
        arrays = {name: copied(name, value) for name, value in sample.arrays.items()}
        return replace(sample, arrays=arrays, **own_words(sample))

    def content(self, arrays: Mapping[str, Array]) -> str:
        """A digest of all arrays, their names and shapes."""
        total = hashlib.sha256()
        for name, value in sorted(arrays.items()):
            total.update(f"{name} {value.dtype.str} {value.shape}".encode())
            total.update(np.ascontiguousarray(value).data)
        return total.hexdigest()[:32]

    def fault(self, arrays: Mapping[str, Array]) -> str:
        """A row has the array that it is called after, of the right axes, and finite numbers."""
        if self.holds not in arrays:
            return f"gave no array '{self.holds}', only {', '.join(arrays) or 'nothing'}"
        if self.holds not in self.ragged and (fault := not_represented(self.holds, arrays)):
            return fault
        return next(filter(None, (not_finite(name, value) for name, value in arrays.items())), "")


def _is_same(value: object, before: Array) -> bool:
    """Whether an array is still the same, bit by bit."""
    if type(value) is not np.ndarray:
        return False
    alike = value.dtype == before.dtype and value.shape == before.shape
    return alike and value.tobytes() == before.tobytes()
