"""A manifest: a CSV or JSON-lines file that names structure files, with their labels and groups."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from structkit import DataError, Problem
from structkit.errors import did_you_mean, quoted

NO_VALUE = ("nan", "none", "null", "n/a", "#n/a", "?", "-", "inf", "+inf", "-inf", "")
COLUMNS = ("path", "label", "group")


def rows(path: Path, labelled: bool) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows of a manifest with their line numbers.

    Args:
        path: CSV, or JSON lines where it ends in `.jsonl`.
        labelled: whether a column of labels must be there.

    Raises:
        DataError: D023, with the line: no UTF-8, no CSV, no JSON, columns that lack, come twice or
            are misspelt.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            Problem("D023", f"not UTF-8 text (byte {error.start})", str(path))
        ) from error
    yield from (
        _json_rows(path, text)
        if path.suffix.lower() == ".jsonl"
        else _csv_rows(path, text, labelled)
    )


def _csv_rows(path: Path, text: str, labelled: bool) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
    try:
        columns = reader.fieldnames or ()
        _check_columns(columns, f"{path}:1")
        if lacking := [name for name in ("path", *["label"] * labelled) if name not in columns]:
            named = ", ".join(map(quoted, columns)) or "none"
            message = f"a manifest needs the columns path and label, found {named}"
            raise DataError(Problem("D023", message, f"{path}:1", f"name a column {lacking[0]}"))
        for row in reader:
            if None in row:
                raise DataError(
                    Problem("D023", "more cells than columns", f"{path}:{reader.line_num}")
                )
            yield reader.line_num, row
    except csv.Error as error:
        raise DataError(
            Problem("D023", f"not CSV: {error}", f"{path}:{reader.line_num + 1}")
        ) from error


def _check_columns(columns: Sequence[str], where: str) -> None:
    """A column that comes twice, or whose name is nearly one of ours, would be passed over in silence.

    Raises:
        DataError: D023.
    """
    if twice := _twice(columns):
        raise DataError(Problem("D023", f"'{twice}' twice", where, "keep one"))
    for name in set(columns) - set(COLUMNS):
        hint = did_you_mean(name.strip().lower(), COLUMNS, " ", cutoff=0.8)
        if hint.strip():
            raise DataError(Problem("D023", f"column {quoted(name)} is not read", where, hint))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose keys are all different."""
    if twice := _twice(key for key, _ in pairs):
        raise ValueError(f"'{twice}' twice")
    return dict(pairs)


def _twice(names: Iterable[str]) -> str | None:
    """The first name that comes more than once."""
    return next((name for name, count in Counter(names).items() if count > 1), None)


def _json_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_unique)
        except (ValueError, RecursionError) as error:
            raise DataError(Problem("D023", f"not JSON: {error}", f"{path}:{number}")) from error
        if not isinstance(row, dict):
            raise DataError(
                Problem("D023", "expected an object with path, label, group", f"{path}:{number}")
            )
        _check_columns(list(row), f"{path}:{number}")
        yield number, row


def word(value: Any, where: str) -> str | None:
    """A cell as a word; nothing where it is empty.

    Raises:
        DataError: D005, what says that there is no value, or is no word.
    """
    if value is None or value == "":
        return None
    text = str(value)
    if (
        isinstance(value, dict | list | float | bool)
        or text.strip() == "NA"
        or text.strip().casefold() in NO_VALUE
    ):
        raise DataError(Problem("D005", f"label or group {quoted(value)}", where, "write a word"))
    if not text.isprintable() or any("\ud800" <= c <= "\udfff" for c in text):
        raise DataError(
            Problem("D005", f"label or group {quoted(value)} has unprintable characters", where)
        )
    return text
