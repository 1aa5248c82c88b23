"""`Table`: the only thing that flows between steps. Rows that know who they are, and named arrays with one item a row.

Everything lies in columns on the disk, mapped into memory: opening a table costs the same for a
thousand rows and for ten million, and reading a row touches no other.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from structkit.data.columns import Array, Column
from structkit.data.opening import index_of, plain_name, stored_part
from structkit.data.rows import Part, Row, Rows, RowsPart
from structkit.errors import IntegrityError, Problem
from structkit.store.reading import NoFileError

__all__ = ["Array", "Column", "Row", "Table", "stored_part"]


class Table:
    """Rows, and named arrays.

    Build one in memory with `Table.of`, open one from disk with `Table.open`, join several with
    `Table.chain`. `table.item("image", 3)` is one row's array; `table.stack("image", rows)` is an
    array (rows, *shape). `len(table)`, `table[3]` and `for row in table` give rows.
    """

    def __init__(self, parts: Sequence[Part], index: Array | None = None) -> None:
        self.parts = parts  # rows that lie together, in one folder or in memory
        self._starts = np.cumsum([0, *(len(part) for part in parts)], dtype=np.int64)
        self._index = index  # which rows of the parts, one after the other; None: all
        self._bounds: list[int] = self._starts.tolist()  # ten times as fast to search, for one row
        self.rows: Sequence[Row] = Rows(parts, self._starts, index)

    @classmethod
    def of(cls, rows: Sequence[Row], **arrays: Array | Sequence[Array]) -> Table:
        """A table in memory: an array has shape (rows, *shape); a list of arrays is ragged.

        Raises:
            ValueError: an array has another number of items than there are rows.
        """
        columns = {name: _column(name, value, len(rows)) for name, value in arrays.items()}
        return cls([RowsPart(rows, columns)])

    @classmethod
    def chain(cls, tables: Sequence[Table]) -> Table:
        """Several tables as one, without copying an array."""
        parts = [part for table in tables for part in table.parts]
        if all(table._index is None for table in tables):
            return cls(parts)
        first = np.cumsum([0, *(table._starts[-1] for table in tables)])
        chosen = [table._places() + start for table, start in zip(tables, first, strict=False)]
        return cls(parts, np.concatenate(chosen))

    @classmethod
    def open(cls, folder: Path, origin: str = "") -> Table:
        """Open a table from disk, memory-mapped.

        Args:
            folder: what a `TableWriter` wrote, or a folder of such folders.
            origin: given to every row.

        Raises:
            IntegrityError: I003, no table or a damaged one; I001, later, when a damaged array is
                read.
        """
        try:
            index = index_of(folder)
            if "parts" in index:
                parts = [(plain_name(part["folder"]), part["origin"]) for part in index["parts"]]
                return cls.chain([cls.open(folder / name, made_by) for name, made_by in parts])
            return cls([stored_part(folder, index, origin)])
        except (
            NoFileError,
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            RecursionError,
        ) as error:
            message = f"no table, or a damaged one ({type(error).__name__})"
            raise IntegrityError(
                Problem("I003", message, str(folder), "make it again: structkit run")
            ) from error

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, row: int) -> Row:
        return self.rows[row]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @property
    def arrays(self) -> tuple[str, ...]:
        """Names of the arrays that every row has."""
        # one without rows has no arrays
        parts = [set(part.columns) for part in self.parts if len(part.columns)]
        return tuple(sorted(set.intersection(*parts))) if parts else ()

    @property
    def ids(self) -> list[str]:
        """The id of every row."""
        return self.values("id")

    @property
    def labels(self) -> list[str]:
        """The label of every row.

        Raises:
            ValueError: a row has none.
        """
        labels = self.values("label")
        if None in labels:
            raise ValueError(f"row '{self.rows[labels.index(None)].id}' has no label")
        return labels

    @property
    def groups(self) -> list[str]:
        """The group of every row."""
        return self.values("group")

    @property
    def origins(self) -> list[str]:
        """The origin of every row."""
        return self.values("origin")

    def values(self, name: str) -> list[Any]:
        """One field of every row (`id`, `label`, `group`, `origin`, `meta`, `content`, `units`, `subset`)."""
        values: list[Any] = [None] * len(self)
        for part, inside, where in self._located(None):
            found = part.values(name, inside)
            if len(where) == len(values):
                return found
            for place, value in zip(where.tolist(), found, strict=True):
                values[place] = value
        return values

    @property
    def targets(self) -> dict[str, str]:
        """Numbers that rows have to be predicted, with their units."""
        return {name: unit for part in self.parts for name, unit in part.targets().items()}

    def some_ids(self, rows: range) -> list[str]:
        """The ids of some rows; nothing else of them is read."""
        return self.select(rows).ids

    def target(self, name: str) -> Array:
        """A number to be predicted, float64 (rows); NaN where a row has none."""
        values = np.full(len(self), np.nan)
        for part, inside, where in self._located(None):
            values[where] = part.target(name, inside)
        return values

    def with_arrays(self, **arrays: Array | Sequence[Array]) -> Table:
        """The same rows with further arrays in memory beside their own."""
        columns = {name: _column(name, value, len(self)) for name, value in arrays.items()}
        return Table([_Widened(self, columns)])

    def item(self, name: str, row: int) -> Array:
        """The array `name` of one row."""
        place = int(row if self._index is None else self._index[row])
        part = bisect.bisect_right(self._bounds, place) - 1
        return self.parts[part].columns[name][place - self._bounds[part]]

    def stack(self, name: str, rows: Iterable[int] | None = None) -> Array:
        """The fixed-shape array `name` of the given rows (default: all), shape (rows, *shape): one gather."""
        if rows is None and self._index is None and len(self.parts) == 1:
            return self.parts[0].columns[name].whole()
        wanted = None if rows is None else np.fromiter(rows, dtype=np.int64)
        pieces = [
            (part.columns[name].gather(inside), where)
            for part, inside, where in self._located(wanted)
        ]
        if len(pieces) == 1:
            return pieces[0][0]
        return _interleaved(pieces, name)

    def select(self, rows: Sequence[int] | range | Array) -> Table:
        """The same table with only these rows, in this order; arrays are not copied."""
        chosen = np.asarray(rows, dtype=np.int64)
        return Table(self.parts, chosen if self._index is None else self._index[chosen])

    def records(self) -> Iterator[tuple[Row, dict[str, Array]]]:
        """Every row with its arrays, one at a time."""
        names = self.arrays
        for index, row in enumerate(self.rows):
            yield row, {name: self.item(name, index) for name in names}

    def _places(self) -> Array:
        """Where each row lies, counted over the parts one after the other."""
        return np.arange(self._starts[-1]) if self._index is None else self._index

    def _located(self, rows: Array | None) -> Iterator[tuple[Part, Array, Array]]:
        """The parts that hold the wanted rows, with its own numbers of them, and where they stand among the wanted."""
        places = self._places() if rows is None else self._places()[rows]
        owner = np.searchsorted(self._starts, places, "right") - 1
        for number in np.unique(owner).tolist():
            where = np.flatnonzero(owner == number)
            yield self.parts[number], places[where] - self._starts[number], where


class _Widened:
    """The rows of a table as one part, with further arrays."""

    def __init__(self, table: Table, further: Mapping[str, Column]) -> None:
        self._table, self._further = table, further
        self.columns: Mapping[str, Column] = {
            **{name: _ColumnOf(table, name) for name in table.arrays},
            **further,
        }

    def __len__(self) -> int:
        return len(self._table)

    def row(self, index: int) -> Row:
        return self._table[index]

    def values(self, name: str, rows: Array) -> list[Any]:
        return self._table.select(rows).values(name)

    def target(self, name: str, rows: Array) -> Array:
        return self._table.select(rows).target(name)

    def targets(self) -> Mapping[str, str]:
        return self._table.targets


class _ColumnOf(Column):
    """An array of a table as a column."""

    def __init__(self, table: Table, name: str) -> None:
        self._table, self._name = table, name

    def __len__(self) -> int:
        return len(self._table)

    def __getitem__(self, row: int) -> Array:
        return self._table.item(self._name, row)

    def gather(self, rows: Array) -> Array:
        return self._table.stack(self._name, rows.tolist())

    def whole(self) -> Array:
        return self._table.stack(self._name)


def _interleaved(pieces: Sequence[tuple[Array, Array]], name: str) -> Array:
    """Arrays of several parts as one, each row in its place."""
    if not pieces:
        return np.zeros(0)
    shapes = {piece.shape[1:] for piece, _ in pieces}
    if len(shapes) > 1:
        raise ValueError(
            f"array '{name}' has several shapes: {', '.join(map(str, sorted(shapes)))}"
        )
    rows = sum(len(where) for _, where in pieces)
    stacked = np.empty((rows, *shapes.pop()), dtype=np.result_type(*(piece for piece, _ in pieces)))
    for piece, where in pieces:
        stacked[where] = piece
    return stacked


def _column(name: str, value: Array | Sequence[Array], rows: int) -> Column:
    if isinstance(value, np.ndarray):
        column = Column(value)
    else:
        flat = np.concatenate(value) if len(value) else np.zeros(0)
        column = Column(flat, np.cumsum([0, *(len(item) for item in value)]))
    if len(column) != rows:
        raise ValueError(f"array '{name}' has {len(column)} items for {rows} rows")
    return column
