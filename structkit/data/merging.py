"""Tables made of parts, block by block: shards joined, and tables whose rows are those of another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from structkit.data.block import CONTENT_BYTES, one_unit
from structkit.data.columns import Array, Column, Numbering, Texts, Words, words_of
from structkit.data.npy import GrowingNpy
from structkit.data.opening import INDEX, LAYOUT, ROWS, index_of
from structkit.data.rows import NOTHING, WORDS, StoredPart
from structkit.data.table import Table
from structkit.store.files import write_json
from structkit.store.inside import make_folder


def write_table(
    parts: Iterable[StoredPart], folder: Path, rows: Iterable[StoredPart] | None = None
) -> int:
    """Write parts, one after the other, as one table; only one of them is in memory.

    Args:
        parts: in order.
        folder: of the new table.
        rows: parts that say who the rows are, where those with the arrays do not.

    Returns:
        The number of rows.

    Raises:
        ValueError: the arrays of two parts do not fit together.
    """
    make_folder(folder / ROWS)
    arrays, identity = _Columns(folder), _Identity(folder / ROWS)
    try:
        for part in parts:
            if len(part):
                arrays.append(part.columns)
            if rows is None:
                identity.append(part)
        for part in () if rows is None else rows:
            identity.append(part)
    finally:
        ragged, kinds = arrays.close(), identity.close()
    index = {
        "arrays": ragged,
        "identity": kinds,
        "layout": LAYOUT,
        "rows": identity.count,
        "units": identity.units,
    }
    write_json(folder / INDEX, index, synced=False)
    return identity.count


def set_words(folder: Path, columns: Mapping[str, Sequence[str | None]]) -> None:
    """Write other words of the rows of a table that is being made.

    Args:
        folder: of the table.
        columns: a word a row, or none, of `label` or `group`.
    """
    index = index_of(folder)
    for name, words in columns.items():
        column = words_of(words)
        codes = _Grown(folder / ROWS, name, ragged=False)
        codes.append(Column(column.codes))
        codes.close()
        names = _Grown(folder / ROWS, f"{name}.names", ragged=True)
        names.append(column.names)
        names.close()
        index["identity"][name] = _kind(name)
    write_json(folder / INDEX, index, synced=False)


def derive(rows: Table, folder: Path, arrays: Mapping[str, Column], subset: Sequence[str]) -> None:
    """Write a table of the same rows as a stored one, with other arrays and the part of the split of each row.

    Args:
        rows: who the rows are.
        folder: of the new table.
        arrays: one item a row.
        subset: a word a row.
    """
    words = words_of(subset)
    write_table([StoredPart(len(rows), {}, dict(arrays))], folder, _with_subset(rows, words))


def _with_subset(rows: Table, words: Words) -> Iterator[StoredPart]:
    start = 0
    for part in stored(rows):
        codes = words.codes[start : start + len(part)]
        yield replace(part, identity={**part.identity, "subset": Words(codes, words.names)})
        start += len(part)


def regrouped(table: Table, groups: Mapping[str, str]) -> Table:
    """The same rows in other groups; no array is copied.

    Args:
        table: from the disk.
        groups: the new group of each group.
    """
    parts = []
    for part in stored(table):
        names = [groups[name] for name in part.values("group", np.arange(len(part)))]
        parts.append(replace(part, identity={**part.identity, "group": words_of(names)}))
    return Table(parts, table._index)


def ungrouped(table: Table) -> Table:
    """The same rows, each in a group of its own; no array is copied.

    Args:
        table: from the disk.
    """
    parts = []
    for number, part in enumerate(stored(table)):
        names = [f"{number}/{row}" for row in range(len(part))]
        parts.append(replace(part, identity={**part.identity, "group": words_of(names)}))
    return Table(parts, table._index)


def stored(table: Table) -> list[StoredPart]:
    """The parts of a table whose rows are columns."""
    return [part for part in table.parts if isinstance(part, StoredPart)]


class _Grown:
    """A column of numbers or texts on its way to the disk, with the offsets of what is ragged."""

    def __init__(self, folder: Path, name: str, ragged: bool) -> None:
        self.ragged = ragged
        self.flat = GrowingNpy(folder / f"{name}.npy")
        self.offsets = GrowingNpy(folder / f"{name}.offsets.npy") if ragged else None
        if self.offsets:
            self.offsets.append(np.zeros(1, np.int64))

    def append(self, column: Column | Texts) -> None:
        """Add the rows of a part."""
        start = self.flat.length
        self.flat.append(column.flat)
        if self.offsets is not None and column.offsets is not None:
            self.offsets.append(np.asarray(column.offsets[1:], dtype=np.int64) + start)

    def close(self) -> None:
        self.flat.close()
        if self.offsets:
            self.offsets.close()


class _Columns:
    """The arrays of a table on their way to the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.grown: dict[str, _Grown] | None = None

    def append(self, columns: Mapping[str, Column]) -> None:
        """Add the arrays of a part."""
        if self.grown is None:
            self.grown = {
                name: _Grown(self.folder, name, columns[name].ragged) for name in sorted(columns)
            }
        if set(columns) != set(self.grown):
            raise ValueError(
                f"arrays {sorted(columns)} where the rows before have {sorted(self.grown)}"
            )
        for name, grown in self.grown.items():
            grown.append(columns[name])

    def close(self) -> dict[str, bool]:
        """Finish the files; returns whether each array is ragged."""
        grown = self.grown or {}
        for column in grown.values():
            column.close()
        return {name: column.ragged for name, column in grown.items()}


class _Identity:
    """The columns that say who the rows are, on their way to the disk.

    A column begins with the first part that has it; for the rows before, it says what its absence
    said.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0
        self.columns: dict[str, _Grown] = {}
        self.numberings: dict[str, Numbering] = {}
        self.units: dict[str, str] = {}

    def append(self, part: StoredPart) -> None:
        """Add the rows of a part."""
        for name, unit in part.units.items():
            one_unit(self.units, name, unit)
        for name in ("id", *sorted({*part.identity, *self.columns} - {"id"})):
            if name not in self.columns:
                self._begin(name)
            self._add(name, part.identity.get(name), len(part))
        self.count += len(part)

    def _begin(self, name: str) -> None:
        self.columns[name] = _Grown(self.folder, name, ragged=name in ("id", "meta"))
        if name in WORDS:
            self.numberings[name] = Numbering()
        if self.count:
            self._add(name, None, self.count)

    def _add(self, name: str, column: Any, count: int) -> None:
        if name in WORDS:
            self.columns[name].append(Column(self._codes(name, column, count)))
        else:
            self.columns[name].append(_otherwise(name, count) if column is None else column)

    def _codes(self, name: str, column: Any, count: int) -> Array:
        """Words of a part in the numbering of the table."""
        numbering = self.numberings[name]
        if isinstance(column, Words):
            return numbering.renumbered(column)
        word = numbering.number(NOTHING[name]) if count else 0
        return np.full(count, word, dtype=np.int32)

    def close(self) -> dict[str, str]:
        """Finish the files; returns the columns and their kinds."""
        if "id" not in self.columns:
            self._begin("id")
            self.columns["id"].append(Texts.of([]))
        for name, column in self.columns.items():
            column.close()
            if name in self.numberings:
                names = _Grown(self.folder, f"{name}.names", ragged=True)
                names.append(self.numberings[name].texts())
                names.close()
        return {name: _kind(name) for name in sorted(self.columns)}


def _otherwise(name: str, count: int) -> Column | Texts:
    """What a column says of rows that it was left out for."""
    if name in ("id", "meta"):
        return Texts.of([{"id": "", "meta": "{}"}[name]] * count)
    values: Array = (
        np.zeros((count, CONTENT_BYTES), np.uint8) if name == "content" else np.full(count, np.nan)
    )
    return Column(values)


def _kind(name: str) -> str:
    if name in ("id", "meta"):
        return "texts"
    return "words" if name in WORDS else "numbers"
