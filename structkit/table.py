"""`Table`: the only thing that flows between steps. Identity rows, and named arrays with one item a row.

An array has either a fixed shape per row (one `.npy` file, memory-mapped) or a ragged length (a flat `.npy` and
its offsets). Tables are written row by row and read lazily: a million fingerprints cost the memory of one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from structkit.errors import IntegrityError, Problem
from structkit.files import write_json

CONTENT = "_content"  # the entry of a row's meta that holds the digest of its structure
ARRAY_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Row:
    """Who a row is. `origin` names the step that made its structure; (origin, id) is unique in a table."""

    id: str
    label: str | None = None
    group: str = ""
    origin: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)


class Column:
    """One named array of a table; `column[i]` is the item of row i, `column.take(rows)` stacks several."""

    def __init__(self, flat: Array, offsets: Array | None = None) -> None:
        self.flat, self.offsets = flat, offsets

    @property
    def ragged(self) -> bool:
        """Whether the first axis of an item differs from row to row."""
        return self.offsets is not None

    def __len__(self) -> int:
        return len(self.flat) if self.offsets is None else len(self.offsets) - 1

    def __getitem__(self, row: int) -> Array:
        if self.offsets is None:
            return np.asarray(self.flat[row])
        return np.asarray(self.flat[self.offsets[row] : self.offsets[row + 1]])


class Table:
    """Identity rows and named arrays.

    Build one in memory with `Table.of`, open one from disk with `Table.open`, join several with `Table.chain`.
    `table.item("image", 3)` is one row's array; `table.stack("image", rows)` is an array (rows, *shape).
    """

    def __init__(self, rows: Sequence[Row], parts: Sequence[Mapping[str, Column]], place: Array) -> None:
        self.rows, self._parts = rows, parts
        self._place = place  # (rows, 2): which part, which row of it

    @classmethod
    def of(cls, rows: Sequence[Row], **arrays: Array | Sequence[Array]) -> Table:
        """A table in memory: an array has shape (rows, *shape); a list of arrays is ragged."""
        part = {name: _column(name, value, len(rows)) for name, value in arrays.items()}
        return cls(rows, [part], _places([len(rows)]))

    @classmethod
    def chain(cls, tables: Sequence[Table]) -> Table:
        """Several tables as one, without copying an array."""
        first = np.cumsum([0, *(len(table._parts) for table in tables)])
        place = [table._place + np.array([start, 0]) for table, start in zip(tables, first, strict=False)]
        rows = [row for table in tables for row in table.rows]
        parts = [part for table in tables for part in table._parts]
        return cls(rows, parts, np.concatenate(place) if place else _places([]))

    @classmethod
    def open(cls, folder: Path, origin: str = "") -> Table:
        """Open a table from disk, memory-mapped. `origin` is given to every row of it."""
        try:
            index = json.loads((folder / "table.json").read_text(encoding="utf-8"))
            parts = [(_plain(part["folder"]), part["origin"]) for part in index.get("parts", ())]
            if "parts" in index:
                return cls.chain([cls.open(folder / name, origin) for name, origin in parts])
            columns = _StoredColumns(folder, {_plain(name): bool(ragged) for name, ragged in index["arrays"].items()})
            with (folder / "rows.jsonl").open(encoding="utf-8") as stream:
                rows = [Row(**json.loads(line), origin=origin) for line in stream]
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            message = f"no table, or a damaged one ({type(error).__name__})"
            raise IntegrityError(Problem("I003", message, str(folder), "make it again: structkit run")) from error
        return cls(rows, [columns], _places([len(rows)]))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def arrays(self) -> tuple[str, ...]:
        """Names of the arrays that every row has."""
        parts = [set(part) for part in self._parts if part]  # a part without rows has no arrays
        return tuple(sorted(set.intersection(*parts))) if parts else ()

    @property
    def labels(self) -> list[str]:
        """The label of every row; an unlabelled row is an error here."""
        return [_label(row) for row in self.rows]

    @property
    def groups(self) -> list[str]:
        """The group of every row."""
        return [row.group for row in self.rows]

    def item(self, name: str, row: int) -> Array:
        """The array `name` of one row."""
        part, inside = self._place[row]
        return self._parts[int(part)][name][int(inside)]

    def stack(self, name: str, rows: Iterable[int] | None = None) -> Array:
        """The fixed-shape array `name` of the given rows (default: all), shape (rows, *shape)."""
        wanted = range(len(self)) if rows is None else rows
        return np.stack([self.item(name, row) for row in wanted])

    def select(self, rows: Sequence[int] | Array) -> Table:
        """The same table with only these rows, in this order; arrays are not copied."""
        chosen = np.asarray(rows, dtype=np.int64)
        return Table([self.rows[row] for row in chosen], self._parts, self._place[chosen])

    def records(self) -> Iterator[tuple[Row, dict[str, Array]]]:
        """Every row with its arrays, one at a time."""
        names = self.arrays
        for index, row in enumerate(self.rows):
            yield row, {name: self.item(name, index) for name in names}


def _label(row: Row) -> str:
    if row.label is None:
        raise ValueError(f"row '{row.id}' has no label")
    return row.label


def _places(lengths: Sequence[int]) -> Array:
    pairs = [(part, row) for part, length in enumerate(lengths) for row in range(length)]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _column(name: str, value: Array | Sequence[Array], rows: int) -> Column:
    if isinstance(value, np.ndarray):
        column = Column(value)
    else:
        column = Column(np.concatenate(value), np.cumsum([0, *(len(item) for item in value)]))
    if len(column) != rows:
        raise ValueError(f"array '{name}' has {len(column)} items for {rows} rows")
    return column


class _StoredColumns(Mapping[str, Column]):
    """The columns of a stored table, each opened when it is first asked for: an open array holds an open file."""

    def __init__(self, folder: Path, ragged: Mapping[str, bool]) -> None:
        self._folder, self._ragged = folder, ragged
        self._opened: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._opened:
            self._opened[name] = _open_column(self._folder, name, self._ragged[name])
        return self._opened[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ragged)

    def __len__(self) -> int:
        return len(self._ragged)


def _open_column(folder: Path, name: str, ragged: bool) -> Column:
    flat = _load(folder / f"{name}.npy")
    return Column(flat, _load(folder / f"{name}.offsets.npy")) if ragged else Column(flat)


def _load(path: Path) -> Array:
    """An array file, mapped into memory; it holds numbers, never objects."""
    try:
        found: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, MemoryError, OverflowError) as error:
        message = f"no array of numbers, or a damaged one ({type(error).__name__})"
        raise IntegrityError(Problem("I001", message, str(path), "make it again: structkit run")) from error
    return found


def _plain(name: str) -> str:
    """A name that is one file or folder and leads nowhere else."""
    if name in (".", "..") or "/" in name or "\\" in name:
        raise ValueError(f"{name!r} leads elsewhere")
    return name


class TableWriter:
    """Writes a table row by row into a folder; nothing is kept in memory but one row.

    `ragged` names the arrays whose first axis may differ from row to row; all others must keep one shape.
    """

    def __init__(self, folder: Path, ragged: Iterable[str] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.ragged = folder, frozenset(ragged)
        self._rows = (folder / "rows.jsonl").open("w", encoding="utf-8")
        self._streams: dict[str, _NpyStream] = {}
        self._lengths: dict[str, list[int]] = {}
        self.count = 0

    def append(self, row: Row, arrays: Mapping[str, Array]) -> None:
        """Add one row.

        Raises:
            ValueError: a bad array name or dtype, an array missing or new, or a shape that changed.
        """
        if self.count and set(arrays) != set(self._streams):
            raise ValueError(f"arrays {sorted(arrays)} where the rows before have {sorted(self._streams)}")
        for name, value in arrays.items():
            self._append_array(name, np.asarray(value))
        record = {"id": row.id, "label": row.label, "group": row.group, "meta": dict(row.meta)}
        self._rows.write(json.dumps(record, allow_nan=False, ensure_ascii=False) + "\n")
        self.count += 1

    def _append_array(self, name: str, value: Array) -> None:
        ragged = name in self.ragged
        if name not in self._streams:
            tail = value.shape[1:] if ragged else value.shape
            self._streams[name] = _NpyStream(self.folder, name, value.dtype, tail)
        self._streams[name].write(value, ragged)
        if ragged:
            self._lengths.setdefault(name, []).append(len(value))

    def close(self) -> None:
        """Finish every file; the folder is a table from here on."""
        for name, stream in self._streams.items():
            stream.close()
            if name in self.ragged:
                offsets = np.cumsum([0, *self._lengths[name]], dtype=np.int64)
                np.save(self.folder / f"{name}.offsets.npy", offsets)
        self._rows.close()
        index = {name: name in self.ragged for name in sorted(self._streams)}
        write_json(self.folder / "table.json", {"rows": self.count, "arrays": index})

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self._rows.close()
            for stream in self._streams.values():
                stream.file.close()


class _NpyStream:
    """An `.npy` file that grows: numpy pads the header so that the final length fits in place."""

    def __init__(self, folder: Path, name: str, dtype: np.dtype[Any], tail: tuple[int, ...]) -> None:
        if not ARRAY_NAME.fullmatch(name):
            raise ValueError(f"array name {name!r} (lower-case letters, digits and _ are allowed)")
        if dtype.kind not in "biuf":
            raise ValueError(f"array '{name}' has dtype {dtype} (numbers and booleans are allowed)")
        self.name, self.dtype, self.tail, self.length = name, dtype, tail, 0
        self.file: IO[bytes] = (folder / f"{name}.npy").open("wb")
        self._header()

    def _header(self) -> None:
        layout = {"descr": np.lib.format.dtype_to_descr(self.dtype), "fortran_order": False}
        np.lib.format.write_array_header_1_0(self.file, {**layout, "shape": (self.length, *self.tail)})

    def write(self, value: Array, ragged: bool) -> None:
        shape = value.shape[1:] if ragged else value.shape
        if shape != self.tail or value.dtype != self.dtype:
            found, before = f"{value.dtype}{list(shape)}", f"{self.dtype}{list(self.tail)}"
            hint = "" if ragged else "; if its length may differ, declare it ragged"
            raise ValueError(f"array '{self.name}' is {found}, the rows before have {before}{hint}")
        self.file.write(np.ascontiguousarray(value).tobytes())
        self.length += len(value) if ragged else 1

    def close(self) -> None:
        self.file.seek(0)
        self._header()
        self.file.close()


def merge(shards: Sequence[Path], folder: Path, ragged: Iterable[str] = ()) -> int:
    """Join finished shard tables into one; returns the number of rows."""
    with TableWriter(folder, ragged) as writer:
        for shard in shards:
            for row, arrays in Table.open(shard).records():
                writer.append(row, arrays)
    return writer.count
