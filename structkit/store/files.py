"""Writing and reading files so that a kill, a full disk or a flipped bit never passes for a result."""

from __future__ import annotations

import contextlib
import errno
import glob
import hashlib
import json
import os
import secrets
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from structkit.errors import IntegrityError, Problem, StepError
from structkit.store.contents import checked
from structkit.store.inside import make_folder, move, remove, stream_to
from structkit.store.processes import is_dead, whoami
from structkit.store.reading import (
    LARGEST_SEALED,
    WAYS_OUT,
    NoFileError,
    bytes_of,
    is_missing,
    opened,
    parsed,
    strange_file,
)

Facts = dict[str, Any]  # of a file: its "sha256" and its size in "bytes"
THERE_ALREADY = (errno.ENOTEMPTY, errno.EEXIST)  # what a rename onto a folder that is there may say

MOST_FILES = 20_000  # of a result: its record must stay one that is read back


def digest(value: Any) -> str:
    """SHA-256 of a JSON value in its one canonical spelling."""
    return hashlib.sha256(canonical(value)).hexdigest()


def canonical(value: Any) -> bytes:
    """The one spelling of a JSON value: sorted keys, no spaces, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def file_digest(path: Path) -> str:
    """SHA-256 of the bytes of a regular file; raises as `reading.opened` does."""
    with opened(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Flush every file below a folder, then the folders themselves, to the disk."""
    for path in sorted(folder.rglob("*"), reverse=True):
        sync_folder(path)  # fsync works the same on a file's handle
    sync_folder(folder)


def write_bytes(path: Path, data: bytes, synced: bool = True) -> None:
    """Write a whole file or nothing: temporary name, fsync, rename, fsync the folder.

    Args:
        path: of the file.
        data: all of it.
        synced: whether it must survive a power cut; what has a digest elsewhere need not.
    """
    make_folder(path.parent)
    drop_stale(path)
    temporary = _temporary(path)
    try:
        with stream_to(temporary, "x") as stream:
            stream.write(data)
            stream.flush()
            if synced:
                os.fsync(stream.fileno())
        move(temporary, path)
    except BaseException:
        remove(temporary)
        raise
    if synced:
        sync_folder(path.parent)


def _temporary(path: Path) -> Path:
    """The name of a draft: it says whose it is, so that only what is provably left behind is taken away."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.{whoami()}.tmp")


def drop_stale(path: Path) -> None:
    """Remove drafts of a file or folder whose process is dead; those of living ones, or of other hosts, stay."""
    for stale in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        owner = stale.name.removesuffix(".tmp").removeprefix(f".{path.name}.").partition(".")[2]
        if is_dead(owner):
            remove(stale)


def write_text(path: Path, text: str) -> None:
    """`write_bytes` for text, in UTF-8."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any, synced: bool = True) -> None:
    """`write_bytes` for JSON a person can read; keys sorted, so equal values are equal bytes."""
    text = json.dumps(value, sort_keys=True, indent=1, allow_nan=False, ensure_ascii=False) + "\n"
    write_bytes(path, text.encode(), synced)


def sealed(value: Mapping[str, Any]) -> dict[str, Any]:
    """The record with a digest of itself inside, so that an edit shows."""
    body = {key: item for key, item in value.items() if key != "seal"}
    return {**body, "seal": digest(body)}


def read_sealed(path: Path, code: str = "I003", contents: Any = None) -> dict[str, Any]:
    """Read a record written with `sealed`.

    Args:
        path: of the record.
        code: of the error: R004 in a run folder, I003 in a result.
        contents: what it must hold, of `structkit.store.contents`.

    Raises:
        IntegrityError: the file is missing, not JSON, not what was written, or lacks something.
        OSError: it cannot be read now.
    """
    try:
        value = parsed(bytes_of(path, LARGEST_SEALED))
        intact = isinstance(value, dict) and sealed(value)["seal"] == value.get("seal")
    except (NoFileError, ValueError, RecursionError):
        intact = False
    if not intact:
        message = "record digest mismatch: missing, edited or damaged"
        raise IntegrityError(Problem(code, message, str(path), WAYS_OUT.get(code, "")))
    return dict(value if contents is None else checked(value, contents, path, code))


def stays_inside(name: str) -> bool:
    """Whether a name from a record is that of a file below its folder, wherever the record came from."""
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def check_regular(folder: Path) -> None:
    """Refuse what a component has saved beside files: nobody could read it back, or it would wait for ever.

    Raises:
        StepError: P011.
    """
    if strange := strange_file(folder):
        message = f"'{strange.relative_to(folder)}' was saved, which is no regular file"
        fix = "a component saves plain files: no link, pipe, socket or device"
        raise StepError(Problem("P011", message, fix=fix))


def inventory(folder: Path, names: Iterable[str] | None = None) -> dict[str, Facts]:
    """Digest and size of the named files, or of every file below a folder, by relative name.

    Raises:
        StepError: P011, the folder holds what is no file, or too many.
    """
    if names is None:
        check_regular(folder)
    paths = sorted(folder.rglob("*")) if names is None else [folder / name for name in names]
    files = [path for path in paths if path.is_file()]
    if len(files) > MOST_FILES:
        message = f"{len(files)} files were saved (limit {MOST_FILES})"
        raise StepError(Problem("P011", message, fix="a component saves few and large files"))
    return {
        str(path.relative_to(folder)): {"sha256": file_digest(path), "bytes": path.stat().st_size}
        for path in files
    }


def damaged(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Names of the files that are missing, lie elsewhere, or whose bytes are not those of the inventory."""
    return [
        name
        for name, facts in files.items()
        if not (stays_inside(name) and _intact(folder / name, facts))
    ]


def _intact(path: Path, facts: Mapping[str, Any]) -> bool:
    try:
        state = path.lstat()  # a link would show a file from elsewhere
        right = stat.S_ISREG(state.st_mode) and state.st_size == facts["bytes"]
        return bool(right and file_digest(path) == facts["sha256"])
    except (NoFileError, ValueError):
        return False
    except OSError as error:
        if is_missing(error):
            return False
        raise


@contextlib.contextmanager
def published(target: Path, synced: bool = True) -> Iterator[Path]:
    """A temporary folder that becomes `target` in one rename when the block ends well.

    If somebody else published the same target first, theirs stays and ours is dropped.

    Raises:
        OSError: the folder cannot be written or renamed, for any other reason than that the target
            is there.
    """
    make_folder(target.parent)
    drop_stale(target)
    draft = make_folder(_temporary(target), new=True)
    try:
        yield draft
        if synced:
            sync_tree(draft)
        try:
            move(draft, target)
        except OSError as error:
            if error.errno not in THERE_ALREADY:
                raise
        if synced:
            sync_folder(target.parent)
    finally:
        remove(draft)
