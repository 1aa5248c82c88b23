"""Opening the folder of a table: which columns it has, each opened when it is first asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from structkit.data.columns import Array, Column, Texts, Words
from structkit.data.first_layout import first_part
from structkit.data.rows import Part, StoredPart
from structkit.errors import IntegrityError, Problem
from structkit.store.contents import FirstTableContents, PartsContents, TableContents, checked
from structkit.store.reading import NoFileError, damaged_record, opened, read_json

INDEX = "table.json"
LAYOUT = 2  # of a table's files; the first had its rows as lines of JSON
ROWS = "rows"  # the folder of the columns that say who the rows are
Stored = TypeVar("Stored")


def index_of(folder: Path) -> dict[str, Any]:
    """What a table says of itself, every key of its type.

    Raises:
        IntegrityError: I003.
    """
    path = folder / INDEX
    index = read_json(path)
    if not isinstance(index, dict):
        raise damaged_record(path, "I003", "no table")
    contents: Any = TableContents if "layout" in index else FirstTableContents
    return dict(checked(index, PartsContents if "parts" in index else contents, path))


def stored_part(folder: Path, index: Mapping[str, Any], origin: str = "") -> Part:
    """The part of a table that lies in one folder; of the first layout too."""
    ragged = {plain_name(name): bool(is_ragged) for name, is_ragged in index["arrays"].items()}
    columns = Lazy(ragged, functools.partial(_numbers_of, folder, ragged))
    if "layout" not in index:
        return first_part(folder, columns, origin)
    if index["layout"] != LAYOUT:
        raise IntegrityError(
            Problem(
                "R003",
                f"table of layout {index['layout']}, this version reads {LAYOUT}",
                str(folder),
            )
        )
    _check_length(folder, index["rows"])
    kinds = {plain_name(name): str(kind) for name, kind in index["identity"].items()}
    identity = Lazy(kinds, functools.partial(_field_of, folder, kinds))
    units = {plain_name(name): str(unit) for name, unit in index.get("units", {}).items()}
    return StoredPart(int(index["rows"]), identity, columns, origin, units)


def _check_length(folder: Path, rows: int) -> None:
    """Refuse more rows than there can be ids: whoever walked over them would never end.

    Raises:
        IntegrityError: I003.
    """
    ids = folder / ROWS / "id.offsets.npy"
    if not ids.exists() or ids.stat().st_size < rows:  # each takes several bytes
        raise damaged_record(folder / INDEX, "I003", f"'rows': there are no {rows}")


class Lazy(Mapping[str, Stored]):
    """Columns, each opened when it is first asked for: an open one holds an open file.

    Sent to another process, they are opened there: their bytes are not.
    """

    def __init__(self, names: Iterable[str], load: Callable[[str], Stored]) -> None:
        self._names, self._load = list(names), load
        self._opened: dict[str, Stored] = {}

    def __getitem__(self, name: str) -> Stored:
        if name not in self._opened:
            if name not in self._names:
                raise KeyError(name)
            self._opened[name] = self._load(name)
        return self._opened[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __reduce__(self) -> tuple[Any, ...]:
        return Lazy, (self._names, self._load)


def _numbers_of(folder: Path, ragged: Mapping[str, bool], name: str) -> Column:
    return open_column(folder, name, ragged[name])


def _field_of(folder: Path, kinds: Mapping[str, str], name: str) -> Texts | Words | Column:
    return KINDS[kinds[name]](folder / ROWS, name)


def open_column(folder: Path, name: str, ragged: bool = False) -> Column:
    """A column of numbers from disk."""
    return Column(
        _load(folder / f"{name}.npy"), _load(folder / f"{name}.offsets.npy") if ragged else None
    )


def _open_texts(folder: Path, name: str) -> Texts:
    return Texts(_load(folder / f"{name}.npy"), _load(folder / f"{name}.offsets.npy"))


def _open_words(folder: Path, name: str) -> Words:
    return Words(_load(folder / f"{name}.npy"), _open_texts(folder, f"{name}.names"))


KINDS: dict[str, Callable[[Path, str], Texts | Words | Column]] = {
    "texts": _open_texts,
    "words": _open_words,
    "numbers": open_column,
}


def _load(path: Path) -> Array:
    """An array file, mapped into memory; it holds numbers, never objects."""
    try:
        opened(path).close()  # no pipe, no device
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (NoFileError, EOFError, ValueError, OverflowError) as error:
        message = f"no array of numbers, or a damaged one ({type(error).__name__})"
        raise IntegrityError(
            Problem("I001", message, str(path), "make it again: structkit run")
        ) from error
    # numpy's own class of mapped arrays makes every slice three times as dear
    plain: Array = array.view(np.ndarray)
    return plain


def plain_name(name: str) -> str:
    """A name that is one file or folder and leads nowhere else."""
    if name in (".", "..") or "/" in name or "\\" in name:
        raise ValueError(f"{name!r} leads elsewhere")
    return name
