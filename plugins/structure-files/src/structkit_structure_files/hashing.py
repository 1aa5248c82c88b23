"""The bytes that are hashed are the bytes that are parsed, whatever becomes of the files meanwhile."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from structkit import DataError, Problem
from structkit_structure_files.finding import SKIPPED, Found, find, unreadable
from structkit_structure_files.settings import FilesSettings

AGAIN = "leave the files as they are while they are read, and run it again"


def contents(settings: FilesSettings, skipped: Sequence[str] = SKIPPED) -> dict[str, Any]:
    """Digest of every file that is read, and what the manifest says of it: part of the step's key."""
    return {str(f.path): [file_sha256(f.path), *_said_of(f)] for f in find(settings, skipped)}


def _said_of(file: Found) -> list[Any]:
    """Label, group and numbers of a file as part of a key; no numbers where there are none."""
    numbers = {name: list(value) for name, value in file.targets.items()}
    return [file.label, file.group, *([numbers] if numbers else [])]


def as_hashed(said: Mapping[str, Any]) -> list[Found]:
    """The files of which `contents` gave the digests, with all that it said of each."""
    return [_found(Path(name), *facts[1:]) for name, facts in said.items()]


def _found(
    path: Path,
    label: str | None,
    group: str | None,
    numbers: Mapping[str, Sequence[Any]] | None = None,
) -> Found:
    targets = {name: (float(value), str(unit)) for name, (value, unit) in (numbers or {}).items()}
    return Found(path, label, group, targets)


def unchanged(files: Sequence[Found], said: Mapping[str, Any]) -> list[Found]:
    """The files that were hashed, if they are still the ones that are found.

    Raises:
        DataError: D031, a file has come or gone, or the manifest says something else of it.
    """
    now = {str(file.path): _said_of(file) for file in files}
    for name in [*said, *now]:
        if name not in now or name not in said or now[name] != list(said[name][1:]):
            raise DataError(_changed(Path(name)))
    return as_hashed(said)


def hashed_bytes(path: Path, digest: str) -> bytes:
    """The bytes of a file, which are those of the digest.

    Raises:
        DataError: D030, it can no longer be read; D031, it holds something else.
    """
    data = _read(path)
    if hashlib.sha256(data).hexdigest() != digest:
        raise DataError(_changed(path))
    return data


def file_sha256(path: Path) -> str:
    """SHA-256 of a regular file's bytes; raises as `hashed_bytes` does."""
    with os.fdopen(_opened(path), "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read(path: Path) -> bytes:
    with os.fdopen(_opened(path), "rb") as stream:
        return stream.read()


def _opened(path: Path) -> int:
    """A handle of a regular file; what has become a pipe since it was found is not waited for."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise DataError(unreadable(path) or _changed(path)) from error
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    raise DataError(Problem("D030", f"cannot read {path}: not a regular file"))


def _changed(path: Path) -> Problem:
    message = "was changed, added or taken away after it was hashed"
    return Problem("D031", message, str(path), AGAIN)
