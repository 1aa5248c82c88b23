"""`Row`: who a row of a table is; and the parts of a table that know it, in memory or on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from structkit.data.columns import Array, Column, Texts, Words
from structkit.samples import Quantity
from structkit.store.reading import damaged_record, parsed

METAL = "metal"  # units of lengths where nothing else is said: Å


@dataclass(frozen=True, slots=True)
class Row:
    """Who a row is.

    Args:
        id: unique among the rows of one origin.
        label: its class, where it is known.
        group: what a split never parts.
        origin: the step that made its structure.
        meta: what a source or transform noted, as JSON holds it.
        content: digest of the item that the source made, inherited by all that is made of it; empty
            where unknown.
        units: of lengths, `metal` (Å) or `lj` (a Lennard-Jones diameter).
        subset: of a prediction: the part of the split that the row is in.
        targets: numbers to be predicted, by name.
    """

    id: str
    label: str | None = None
    group: str = ""
    origin: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    content: str = ""
    units: str = METAL
    subset: str = ""
    targets: Mapping[str, Quantity] = field(default_factory=dict)


TARGET = "target_"  # begins the name of a column of numbers to be predicted
WORDS = ("label", "group", "units", "subset")  # columns of words that recur
# what a row has where a column is left out
NOTHING = {
    "label": None,
    "group": "",
    "content": "",
    "units": METAL,
    "subset": "",
}


class Part(Protocol):
    """Some rows of a table, of one origin or several, with their arrays."""

    @property
    def columns(self) -> Mapping[str, Column]:
        """The arrays, by name."""

    def __len__(self) -> int: ...
    def row(self, index: int) -> Row:
        """One row."""

    def values(self, name: str, rows: Array) -> list[Any]:
        """One field of several rows."""

    def target(self, name: str, rows: Array) -> Array:
        """A number to be predicted of several rows; NaN where there is none."""

    def targets(self) -> Mapping[str, str]:
        """Numbers that rows have to be predicted, with their units."""


class RowsPart:
    """Rows that are objects in memory."""

    def __init__(self, rows: Sequence[Row], columns: Mapping[str, Column]) -> None:
        self.rows, self.columns = rows, columns

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, index: int) -> Row:
        """One row."""
        return self.rows[index]

    def values(self, name: str, rows: Array) -> list[Any]:
        """One field of several rows."""
        return [getattr(self.rows[row], name) for row in rows.tolist()]

    def target(self, name: str, rows: Array) -> Array:
        """A number to be predicted of several rows; NaN where there is none."""
        quantities = [self.rows[row].targets.get(name) for row in rows.tolist()]
        return np.array([np.nan if q is None else q.value for q in quantities], dtype=np.float64)

    def targets(self) -> Mapping[str, str]:
        """Numbers that rows have to be predicted, with their units."""
        return {name: quantity.unit for row in self.rows for name, quantity in row.targets.items()}


@dataclass(frozen=True)
class StoredPart:
    """Rows that are columns on disk; a row becomes an object when it is asked for.

    Args:
        count: how many rows.
        identity: the columns of `Row`'s fields; one that says nothing of any row is left out.
        columns: the arrays.
        origin: of every row.
        units: of the numbers to be predicted, by name.
    """

    count: int
    identity: Mapping[str, Texts | Words | Column]
    columns: Mapping[str, Column]
    origin: str = ""
    units: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.count

    def row(self, index: int) -> Row:
        """One row: reads nothing of any other."""
        known = {name: column[index] for name, column in self.identity.items()}
        targets = {name: float(np.asarray(known.pop(TARGET + name))) for name in self.units}
        return Row(
            **{name: _value(name, stored) for name, stored in known.items()},
            origin=self.origin,
            targets={
                n: Quantity(value, self.units[n]) for n, value in targets.items() if value == value
            },
        )

    def target(self, name: str, rows: Array) -> Array:
        """A number to be predicted of several rows; NaN where there is none."""
        column = self.identity.get(TARGET + name)
        return column.gather(rows) if isinstance(column, Column) else np.full(len(rows), np.nan)

    def targets(self) -> Mapping[str, str]:
        """Numbers that rows have to be predicted, with their units."""
        return self.units

    def values(self, name: str, rows: Array) -> list[Any]:
        """One field of several rows."""
        if name == "origin":
            return [self.origin] * len(rows)
        column = self.identity.get(name)
        if name == "targets":
            return [self.row(row).targets for row in rows.tolist()]
        if column is None:
            return [{} if name == "meta" else NOTHING[name]] * len(rows)
        if isinstance(column, Column):
            return [_value(name, item) for item in column.gather(rows)]
        return [_value(name, item) for item in column.take(rows)]


def _value(name: str, stored: Any) -> Any:
    """What a column holds, as `Row` has it."""
    if name == "meta":
        return stored_json(stored)
    if name == "content":
        return stored.tobytes().hex() if stored.any() else ""
    return NOTHING[name] if stored is None else stored


def stored_json(text: str | bytes) -> Any:
    """JSON from a column of a table.

    Raises:
        IntegrityError: I003, it is none.
    """
    try:
        return parsed(text)
    except (ValueError, RecursionError) as error:
        raise damaged_record("a column of texts", "I003", "no JSON") from error


class Rows(Sequence[Row]):
    """The rows of a table as objects, each made when it is asked for."""

    def __init__(self, parts: Sequence[Part], starts: Array, index: Array | None) -> None:
        self._parts, self._starts, self._index = parts, starts, index

    def __len__(self) -> int:
        return int(self._starts[-1]) if self._index is None else len(self._index)

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        number = range(len(self))[row]
        place = number if self._index is None else int(self._index[number])
        part = int(np.searchsorted(self._starts, place, "right")) - 1
        return self._parts[part].row(place - int(self._starts[part]))

    def __iter__(self) -> Iterator[Row]:
        return (self[number] for number in range(len(self)))
