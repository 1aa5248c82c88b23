"""An entry: one finished result, a folder of files and the record of their digests, in a store or in a run folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from structkit.errors import IntegrityError, Problem, quoted
from structkit.store.contents import EntryContents, checked
from structkit.store.files import damaged, digest, read_sealed
from structkit.store.reading import strange_file

RECORD = "entry.json"
LAYOUT = 2  # of entries that are made; raised when their files are laid out otherwise
MAKE_AGAIN = "make it again: structkit run"
READ = (1, 2)  # layouts that can be read: the first had the rows of tables as lines of JSON


@dataclass(frozen=True)
class Entry:
    """A finished result: a folder of files whose digests have been checked.

    Args:
        key: of the result.
        folder: where it lies.
        ingredients: that decided it.
        stamp: which files they were that were checked: see `stamp_of`.
    """

    key: str
    folder: Path
    ingredients: Mapping[str, Any]
    stamp: str = ""


def stamp_of(folder: Path) -> str:
    """Tell files from others without reading them: names, inodes, sizes and times of change."""
    facts = [(path, path.lstat()) for path in sorted(folder.rglob("*"))]
    return digest([[str(p.name), f.st_ino, f.st_size, f.st_mtime_ns] for p, f in facts])


class Stamped(Protocol):
    """A result that is read, with the stamp that it had when it was checked; empty where nobody knows it."""

    @property
    def folder(self) -> Path:
        """Where it lies."""

    @property
    def stamp(self) -> str:
        """See `stamp_of`."""


def require_stamps(results: Iterable[Stamped]) -> None:
    """Refuse results that are no longer those that were checked.

    Raises:
        IntegrityError: I001.
    """
    for result in results:
        if result.stamp and stamp_of(result.folder) != result.stamp:
            message, place = "changed while it was read", str(result.folder)
            raise IntegrityError(Problem("I001", message, place, MAKE_AGAIN))


def open_entry(folder: Path, key: str | None = None, unchanged: bool = False) -> Entry:
    """Open an entry folder, in the store or linked into a run, and check every byte.

    Args:
        folder: of the entry.
        key: that must be its own: an intact result may still be that of something else.
        unchanged: whether its bytes are known to be those that were checked: they are not read.

    Raises:
        IntegrityError: I001 a file is damaged; I002 the record belongs to another key; I003 the
            record is damaged.
    """
    stamp = stamp_of(folder)  # before any of it is read
    record = entry_record(folder, key)
    if strange := strange_file(folder):
        raise IntegrityError(Problem("I001", "no regular file", str(strange), MAKE_AGAIN))
    if unchanged:
        return Entry(record["key"], folder, record["ingredients"], stamp)
    if bad := damaged(folder, record["files"]):
        raise IntegrityError(
            *(Problem("I001", "missing, truncated or changed", str(folder / name)) for name in bad)
        )
    return Entry(record["key"], folder, record["ingredients"], stamp)


def entry_record(folder: Path, key: str | None = None) -> dict[str, Any]:
    """What an entry says of itself, its other files not read; arguments and errors as of `open_entry`."""
    record = read_sealed(folder / RECORD)
    if not any(record.get("layout") == layout for layout in READ):
        message = f"layout {quoted(record.get('layout'), 20)}, this version reads {' and '.join(map(str, READ))}"
        raise IntegrityError(Problem("R003", message, str(folder)))
    checked(record, EntryContents, folder / RECORD)
    if digest(record["ingredients"]) != record["key"] or key not in (None, record["key"]):
        message = "the result that lies here is that of something else"
        raise IntegrityError(Problem("I002", message, str(folder), MAKE_AGAIN))
    return record
