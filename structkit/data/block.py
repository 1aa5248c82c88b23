"""Rows that are gathered in memory until there are enough of them: the block that shards are made of.

A block becomes a part of a table, or one file; tables are made of parts (see
`structkit.data.merging`).
"""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from structkit.data.columns import Array, Column, Texts, Words, words_of
from structkit.data.npy import ARRAY_NAME
from structkit.data.rows import NOTHING, TARGET, WORDS, Row, StoredPart
from structkit.store.contents import BlockContents, checked
from structkit.store.inside import stream_to
from structkit.store.reading import NoFileError, damaged_record, opened, parsed

CONTENT_BYTES = 16


class Block:
    """Rows with their arrays, in memory.

    Args:
        ragged: names of the arrays whose first axis may differ from row to row; all others must
            keep one shape.
    """

    def __init__(self, ragged: Iterable[str] = ()) -> None:
        self.ragged = frozenset(ragged)
        self.rows: list[Row] = []
        self.arrays: dict[str, _Gathered] = {}
        self.units: dict[str, str] = {}
        self.count = self.bytes = 0

    def append(self, row: Row | None, arrays: Mapping[str, Array]) -> None:
        """Add one row; None where it is known elsewhere who the rows are.

        Raises:
            ValueError: a bad array name or dtype, an array missing or new, a shape that changed, or
                a second unit of a target.
        """
        if self.count and arrays.keys() != self.arrays.keys():
            raise ValueError(
                f"arrays {sorted(arrays)} where the rows before have {sorted(self.arrays)}"
            )
        for name, value in arrays.items():
            if name not in self.arrays:
                self.arrays[name] = _Gathered(name, name in self.ragged)
            self.bytes += self.arrays[name].append(np.asarray(value))
        if row is not None:
            self._check(row)
            self.rows.append(row)
        self.count += 1

    def _check(self, row: Row) -> None:
        json.dumps(dict(row.meta), allow_nan=False)
        for name, quantity in row.targets.items():
            if not ARRAY_NAME.fullmatch(name):
                raise ValueError(
                    f"target name {name!r} (lower-case letters, digits and _ are allowed)"
                )
            one_unit(self.units, name, quantity.unit)

    def part(self) -> StoredPart:
        """The rows so far as a part of a table."""
        columns = {name: gathered.column() for name, gathered in sorted(self.arrays.items())}
        return StoredPart(self.count, self._identity(), columns, units=dict(self.units))

    def _identity(self) -> dict[str, Any]:
        """The columns that say who the rows are; one that says nothing of any row is left out."""
        rows = self.rows
        if not rows and self.count:
            return {}
        identity: dict[str, Any] = {"id": Texts.of(row.id for row in rows)}
        if any(row.meta for row in rows):
            identity["meta"] = Texts.of(_json(row.meta) for row in rows)
        for name in WORDS:
            words = [getattr(row, name) for row in rows]
            if set(words) - {NOTHING[name]}:
                identity[name] = words_of(words)
        if any(row.content for row in rows):
            identity["content"] = Column(_digests([row.content for row in rows]))
        for name in sorted(self.units):
            identity[TARGET + name] = Column(_target(rows, name))
        return identity


class _Gathered:
    """The items of one array."""

    def __init__(self, name: str, ragged: bool) -> None:
        if not ARRAY_NAME.fullmatch(name):
            raise ValueError(f"array name {name!r} (lower-case letters, digits and _ are allowed)")
        self.name, self.ragged = name, ragged
        self.dtype: np.dtype[Any] | None = None
        self.tail: tuple[int, ...] = ()
        self.pieces: list[bytes] = []
        self.lengths = array("q")

    def append(self, value: Array) -> int:
        """Add an item, copied; returns its size in bytes.

        Raises:
            ValueError: its dtype is not allowed, or dtype or shape are not those of the items
                before.
        """
        tail = value.shape[1:] if self.ragged else value.shape
        if self.dtype is None:
            if value.dtype.kind not in "biuf":
                raise ValueError(
                    f"array '{self.name}' has dtype {value.dtype} (numbers and booleans are allowed)"
                )
            self.dtype, self.tail = value.dtype, tail
        if tail != self.tail or value.dtype != self.dtype:
            given, before = f"{value.dtype}{list(tail)}", f"{self.dtype}{list(self.tail)}"
            hint = "" if self.ragged else "; if its length may differ, declare it ragged"
            raise ValueError(f"array '{self.name}' is {given}, the rows before have {before}{hint}")
        self.pieces.append(value.tobytes())
        self.lengths.append(len(value) if self.ragged else 1)
        return value.nbytes

    def column(self) -> Column:
        """All items as a column."""
        assert self.dtype is not None  # noqa: S101  (a gathered array has an item)
        flat = np.frombuffer(b"".join(self.pieces), self.dtype).reshape(
            sum(self.lengths), *self.tail
        )
        if not self.ragged:
            return Column(flat)
        return Column(
            flat, np.concatenate([np.zeros(1, np.int64), np.cumsum(self.lengths, dtype=np.int64)])
        )


def one_unit(units: dict[str, str], name: str, unit: str) -> None:
    """Remember the unit of a number to be predicted.

    Raises:
        ValueError: it has another unit already.
    """
    if units.setdefault(name, unit) != unit:
        raise ValueError(f"target '{name}' is in '{unit}' here and in '{units[name]}' before")


def _json(meta: Mapping[str, Any]) -> str:
    return json.dumps(dict(meta), allow_nan=False, ensure_ascii=False)


def _digests(contents: Sequence[str]) -> Array:
    data = b"".join(
        bytes.fromhex(content) if content else bytes(CONTENT_BYTES) for content in contents
    )
    return np.frombuffer(data, dtype=np.uint8).reshape(-1, CONTENT_BYTES)


def _target(rows: Sequence[Row], name: str) -> Array:
    values = [row.targets[name].value if name in row.targets else math.nan for row in rows]
    return np.array(values, dtype=np.float64)


def save_part(path: Path, part: StoredPart) -> None:
    """Write a part into one file: arrays in numpy's format, one after the other, the first of which says what they are.

    An archive of numpy would compute a checksum of every byte, which whoever keeps the file does
    anyway.
    """
    arrays: list[Array] = []
    kinds: list[tuple[str, str, list[str]]] = []
    for group, columns in (("array", part.columns), ("row", part.identity)):
        for name, column in columns.items():
            pieces = _pieces(column)
            kinds.append((group, name, list(pieces)))
            arrays += pieces.values()
    index = {"rows": len(part), "columns": kinds, "units": dict(part.units)}
    with stream_to(path) as stream:
        for array in (np.frombuffer(json.dumps(index).encode(), np.uint8), *arrays):
            np.save(stream, array, allow_pickle=False)


def _pieces(column: Any) -> dict[str, Array]:
    """The plain arrays that a column consists of."""
    if isinstance(column, Texts):
        return {"bytes": column.flat, "ends": column.offsets}
    if isinstance(column, Column):
        return (
            {"flat": column.flat}
            if column.offsets is None
            else {"flat": column.flat, "offsets": column.offsets}
        )
    return {"codes": column.codes, "names": column.names.flat, "name_ends": column.names.offsets}


def load_part(path: Path) -> StoredPart:
    """Read what `save_part` wrote.

    Raises:
        IntegrityError: I003, the file is damaged.
    """
    columns: dict[str, dict[str, Any]] = {"array": {}, "row": {}}
    try:
        with opened(path) as stream:
            head = parsed(np.load(stream, allow_pickle=False).tobytes())
            index = checked(head, BlockContents, path)
            for group, name, pieces in index["columns"]:
                arrays = {piece: np.load(stream, allow_pickle=False) for piece in pieces}
                columns[group][name] = _column(arrays)
    except (NoFileError, EOFError, ValueError, TypeError, KeyError) as error:
        raise damaged_record(path, "I003", type(error).__name__) from error
    return StoredPart(index["rows"], columns["row"], columns["array"], units=index["units"])


def _column(pieces: Mapping[str, Array]) -> Any:
    if "flat" in pieces:
        return Column(pieces["flat"], pieces.get("offsets"))
    if "codes" in pieces:
        return Words(pieces["codes"], Texts(pieces["names"], pieces["name_ends"]))
    return Texts(pieces["bytes"], pieces["ends"])
