"""What records hold: the type of every key, checked where a record is read.

A record that was edited and sealed again is still no program's fault: a key that lacks, or a value
of another type, is told with the file and the key. Keys that a plugin or a later version added are
left alone.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from structkit.errors import quoted
from structkit.store.reading import damaged_record

LONGEST_NAME = 255  # characters of a file's name


def _plain(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a NUL")
    return text


def _one_name(text: str) -> str:
    """The name of one file or folder, which leads nowhere else."""
    if text in ("", ".", "..") or set(text) & set("/\\\0") or len(text) > LONGEST_NAME:
        raise ValueError("is no name of a file")
    return text


def _inside(text: str) -> str:
    """A place below a folder."""
    for part in text.split("/"):
        _one_name(part)
    return text


Text = Annotated[str, AfterValidator(_plain)]
Name = Annotated[str, AfterValidator(_one_name)]
Place = Annotated[str, AfterValidator(_inside)]
Count = Annotated[int, Field(ge=0, le=2**62)]


class Contents(BaseModel):
    """What a record holds."""

    model_config = ConfigDict(
        strict=True, extra="ignore", protected_namespaces=(), defer_build=True
    )


class FileFacts(Contents):
    """A file of a result."""

    sha256: str
    bytes: Count


class EntryContents(Contents):
    """`entry.json`."""

    key: Text
    ingredients: dict[str, Any]
    files: dict[str, FileFacts]


class PieceContents(Contents):
    """`piece.json`."""

    files: dict[str, FileFacts]
    warnings: list[str]
    cpu: str
    peak_memory_mib: float
    cpu_seconds: float = 0.0


class UnchangedContents(Contents):
    """What is remembered of the files of a large result."""

    files: str


class AnswerContents(Contents):
    """An answer about what is installed, and the state of what is installed that it holds for."""

    state: str
    answer: Any


class DoneContents(Contents):
    """`done.json`."""

    run: str
    files: dict[str, FileFacts]


class ServedContents(Contents):
    """A run folder that a store has served."""

    folder: Text


class PartContents(Contents):
    """A folder of a table made of several."""

    folder: Name
    origin: str


class PartsContents(Contents):
    """`table.json` of a table made of several."""

    parts: list[PartContents]


class TableContents(Contents):
    """`table.json`."""

    arrays: dict[Name, bool]
    identity: dict[Name, Literal["texts", "words", "numbers"]]
    rows: Count
    units: dict[Name, str] = {}


class FirstTableContents(Contents):
    """`table.json` of the first version."""

    arrays: dict[Name, bool]


class BlockContents(Contents):
    """The first array of a shard: how many rows it has, and the columns that follow."""

    rows: Count
    columns: list[Annotated[list[Any], Field(min_length=3, max_length=3)]]
    units: dict[str, str]


@functools.lru_cache(maxsize=64)
def _adapter(contents: Any) -> TypeAdapter[Any]:
    return TypeAdapter(contents)


def checked(value: Any, contents: Any, path: Path, code: str = "I003") -> Any:
    """The value of a record, every key of which has the type that it should have.

    Args:
        value: what JSON says.
        contents: one of the classes of this module.
        path: of the record.
        code: of the error: R004 in a run folder, I003 in a result.

    Raises:
        IntegrityError: with the file and the key.
    """
    try:
        _adapter(contents).validate_python(value, strict=True)
    except (ValidationError, RecursionError) as error:
        raise damaged_record(path, code, _cause(error)) from error
    return value


def _cause(error: ValidationError | RecursionError) -> str:
    """The first key that is wrong, and how."""
    if isinstance(error, RecursionError):
        return "nested too deep"
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    key = ".".join(map(str, first["loc"]))
    return f"{quoted(key, 120)}: {quoted(first['msg'], 120)[1:-1]}"
