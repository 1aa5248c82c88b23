"""Reading files that may be anybody's: regular files only, and JSON of bounded size and depth."""

from __future__ import annotations

import contextlib
import errno
import io
import itertools
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from structkit.errors import IntegrityError, Problem, quoted

LARGEST_RECORD = 2**30  # bytes of JSON that has a line for each row
LARGEST_SEALED = 8 * 2**20  # bytes of a record that is read before anything else is known
DEEPEST = 100  # levels of JSON: settings have a handful
DIGITS = 40  # of a whole number
# What says that a file is not there. Everything else (too many open files, no permission, a failing
# disk) says nothing of the file: a result is not damaged because this process could not read it.
MISSING = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EISDIR, errno.ENXIO)

# What helps with a damaged record, by the code of the error.
WAYS_OUT = {
    "R004": "what was computed is in the store: remove the run folder, and run its pipeline file again"
}


class NoFileError(FileNotFoundError):
    """A regular file of a fitting size is not there."""

    def __init__(self, cause: str, path: Path) -> None:
        super().__init__(errno.ENOENT, cause, str(path))


def is_missing(error: OSError) -> bool:
    """Whether an error says that a file is not there, and not that it cannot be read now."""
    return error.errno in MISSING


def opened(path: Path) -> io.BufferedReader:
    """A regular file, open to be read.

    A pipe would be waited for, and a device never end: they are not opened to be read at all.

    Raises:
        NoFileError: nothing is there, or no regular file.
        OSError: it cannot be read now.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except ValueError as error:  # a NUL in a name from a record
        raise NoFileError(str(error), path) from error
    except OSError as error:
        if is_missing(error):
            raise NoFileError((error.strerror or "").lower(), path) from error
        raise
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise NoFileError("no regular file", path)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def bytes_of(path: Path, largest: int = LARGEST_RECORD) -> bytes:
    """All of a regular file.

    Raises:
        NoFileError: nothing is there, no regular file, or more than `largest` bytes.
        OSError: it cannot be read now.
    """
    with opened(path) as stream:
        data = stream.read(largest + 1)
    if len(data) > largest:
        raise NoFileError(f"larger than {largest / 2**20:g} MiB", path)
    return data


def text_of(path: Path, largest: int = LARGEST_RECORD) -> str:
    """All of a regular file in UTF-8; raises as `bytes_of` does, and ValueError."""
    return bytes_of(path, largest).decode("utf-8")


def read_json(path: Path, code: str = "I003", largest: int = LARGEST_RECORD) -> Any:
    """Read a file of JSON that structkit wrote.

    Args:
        path: of the file.
        code: of the error: R004 in a run folder, I003 in a result.
        largest: bytes that it may have.

    Raises:
        IntegrityError: no regular file, too large, no JSON, or too deep.
        OSError: it cannot be read now.
    """
    try:
        return parsed(bytes_of(path, largest))
    except (NoFileError, ValueError, RecursionError) as error:
        cause = error.strerror if isinstance(error, NoFileError) else str(error)
        raise damaged_record(path, code, quoted(cause, 80)[1:-1]) from error


def damaged_record(path: Path | str, code: str, cause: str) -> IntegrityError:
    """An error that names a record and what is wrong with it."""
    message = f"the record is missing, edited or damaged: {cause}"
    return IntegrityError(Problem(code, message, str(path), WAYS_OUT.get(code, "")))


@contextlib.contextmanager
def made_sense_of(path: Path, code: str = "I003") -> Iterator[None]:
    """Say of a record whatever its values lead to while somebody makes sense of them.

    For what belongs to plugins, whose records the core cannot know.

    Raises:
        IntegrityError: with the file.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise damaged_record(
            path, code, f"{type(error).__name__} {quoted(str(error), 60)}"
        ) from error
    except RecursionError as error:
        raise damaged_record(path, code, "nested too deep") from error


def parsed(data: bytes | str) -> Any:
    """JSON as we write it: finite numbers of sensible length, and no deep nesting.

    Raises:
        ValueError, RecursionError: it is not.
    """
    text = data.decode("utf-8") if isinstance(data, bytes) else data
    value = json.loads(
        text, parse_constant=_no_number, parse_float=_finite, parse_int=_whole_number
    )
    if "\\u" in text:
        json.dumps(value, ensure_ascii=False).encode()  # half a character can be written nowhere
    # what has few brackets cannot be deep, and only what can be is looked through
    if text.count("[") + text.count("{") > DEEPEST and _is_deep(value):
        raise ValueError(f"nested more than {DEEPEST} levels deep")
    return value


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _finite(word: str) -> float:
    value = float(word)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{word[:DIGITS]} is not finite")
    return value


def _whole_number(word: str) -> int:
    if len(word) > DIGITS:
        raise ValueError(f"a number of {len(word)} digits")
    return int(word)


def _is_deep(value: Any) -> bool:
    """Whether anything lies deeper than `DEEPEST`, level by level: a walk that cannot overflow."""
    level = [value]
    for _ in range(DEEPEST):
        level = list(itertools.chain.from_iterable(map(_items, level)))
        if not level:
            return False
    return True


def _items(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (item for item in value.values() if isinstance(item, dict | list))
    elif isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict | list))


def names_in(folder: Path) -> list[Path]:
    """What lies in a folder, sorted; nothing where it is not there.

    Raises:
        OSError: it cannot be read. A pattern would find nothing, and whoever tidies up would think
            that nothing is used.
    """
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        if is_missing(error):
            return []
        raise


def files_below(folder: Path, name: str) -> list[Path]:
    """All files of a name below a folder, sorted; raises as `names_in` does."""
    walked = os.walk(folder, onerror=_unreadable)
    return sorted(Path(place, name) for place, _, names in walked if name in names)


def _unreadable(error: OSError) -> None:
    if not is_missing(error):
        raise error


def strange_file(folder: Path) -> Path | None:
    """The first thing below a folder that is neither a regular file nor a folder: a link, pipe, socket or device."""
    for place, folders, names in os.walk(folder, onerror=_unreadable):
        for name in sorted([*folders, *names]):
            try:
                mode = Path(place, name).lstat().st_mode
            except FileNotFoundError:  # another process has removed it since it was listed
                continue
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                return Path(place, name)
    return None
