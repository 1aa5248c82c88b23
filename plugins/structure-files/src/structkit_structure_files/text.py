"""Lines and numbers of text files, each with its place."""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import itertools
import logging
import lzma
import math
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from structkit import DataError, Problem
from structkit.errors import printable

log = logging.getLogger("structkit")

MAX_BYTES, MAX_LINE, MAX_LINES = 256 * 2**20, 10_000, 12_000_000
SMALLER = (
    "split it, or read it yourself and give the atoms to Run.predict; structkit recognise takes"
    " LAMMPS dumps and extended XYZ of any size"
)
UNPACKED: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
# no 1_000, no other digits
NUMBER = re.compile(r"[+-]?([0-9.]+([eEdD][+-]?[0-9]+)?|inf|infinity|nan)", re.IGNORECASE)


def bare_suffix(path: Path) -> str:
    """The file's suffix in lower case, that of its compression aside."""
    suffixes = [s.lower() for s in path.suffixes]
    return next((s for s in reversed(suffixes) if s not in UNPACKED), "")


class CutShort(DataError):
    """The file ends in the middle of a structure, as it does while a program is still writing."""


def unpacked(path: Path, data: bytes | None = None) -> IO[bytes]:
    """A file to read, or its bytes where they have been read; what is compressed is unpacked."""
    unpack = UNPACKED.get(path.suffix.lower())
    source = path if data is None else io.BytesIO(data)
    if unpack is not None:
        stream: IO[bytes] = unpack(source, "rb")
        return stream
    return source if isinstance(source, io.BytesIO) else source.open("rb")


def warn(path: Path | str, code: str, text: str) -> None:
    """Tell of something in a file that is read all the same; on the terminal once."""
    log.warning("%s: %s %s", path, code, text)
    _say_once(printable(f"{path}: warning {code} {text}".replace("\n", "\\n")))


@functools.lru_cache(maxsize=1000)
def _say_once(text: str) -> None:
    sys.stderr.write(text + "\n")


def number(word: str, where: str, what: str) -> float:
    """A finite number from a file.

    Raises:
        DataError: S104 a decimal comma, S013 not finite, S103 no number.
    """
    try:
        value = float(word if NUMBER.fullmatch(word) else "no number")
    except ValueError:
        if "," in word and word.replace(",", "", 1).lstrip("+-").replace(".", "").isdigit():
            fix = "use '.' decimals"
            raise DataError(
                Problem("S104", f"{what} '{word}' has a decimal comma", where, fix)
            ) from None
        raise DataError(Problem("S103", f"{what} '{word[:40]}' is no number", where)) from None
    if not math.isfinite(value):
        raise DataError(Problem("S013", f"{what} is {word}", where, "every number must be finite"))
    return value


def integer(word: str, where: str, what: str) -> int:
    """A whole number from a file.

    Raises:
        DataError: S103.
    """
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", word):
        raise DataError(Problem("S103", f"{what} '{word[:40]}' is no whole number", where))
    return int(word)


def atom_count(word: str, where: str, max_atoms: int) -> int:
    """A number of atoms from a file.

    Raises:
        DataError: S010 none, S072 absurdly many, S103 no whole number.
    """
    if re.fullmatch(r"[0-9]{11,}", word):
        raise DataError(Problem("S072", f"{word} atoms announced", where, "mend the count"))
    count = integer(word, where, "number of atoms")
    if count <= 0:
        raise DataError(Problem("S010", f"{count} atoms", where))
    if count > max(max_atoms, 10_000_000):
        raise DataError(Problem("S072", f"{count} atoms announced", where, "mend the count"))
    if count > max_atoms:
        raise too_many(count, max_atoms, where)
    return count


def too_many(count: int, max_atoms: int, where: str) -> DataError:
    """A structure beyond max_atoms."""
    return DataError(
        Problem("S071", f"{count} atoms > max_atoms {max_atoms}", where, "raise max_atoms")
    )


class Lines:
    """A file's lines with a place in it; none is held that was not asked for.

    Empty lines at the end are none of them, and a line of spaces is an empty one.
    """

    def __init__(self, lines: Iterable[str], path: Path) -> None:
        self.path, self.next = path, 0
        self._lines = _without_last_blanks(lines)
        self._ahead: deque[str] = deque()  # lines that were looked at and not yet taken

    @property
    def where(self) -> str:
        """The line taken last."""
        return f"{self.path}:{self.next}"

    def more(self) -> bool:
        """Whether anything but empty lines follows."""
        if not self._ahead:
            self._ahead.extend(itertools.islice(self._lines, 1))
        return bool(self._ahead)

    def take(self, what: str) -> str:
        """The next line.

        Raises:
            DataError: S100, the file ends here.
        """
        if not self.more():
            raise CutShort(Problem("S100", f"the file ends where {what} should be", self.where))
        self.next += 1
        return self._ahead.popleft()

    def peek(self) -> str:
        """The next line, which stays the next; an empty one at the end."""
        return self._ahead[0] if self.more() else ""

    def block(self, count: int) -> list[str]:
        """So many of the next lines, or as many as there are."""
        lines = [self._ahead.popleft() for _ in range(min(count, len(self._ahead)))]
        lines.extend(itertools.islice(self._lines, count - len(lines)))
        self.next += len(lines)
        return lines

    def skip(self, count: int) -> None:
        """Pass over so many lines."""
        for _ in range(count):
            self.take("a line")

    def back(self, lines: Sequence[str]) -> None:
        """Put back the lines that were taken last."""
        self._ahead.extendleft(reversed(lines))
        self.next -= len(lines)

    def ended(self) -> bool:
        """Whether the line taken last is the last that holds anything."""
        return not self.more()

    def numbers(self, what: str, count: int) -> list[float]:
        """The numbers that the next line begins with; what follows them is a comment.

        Raises:
            DataError: S100 fewer of them, S103 something else in their place.
        """
        words = self.take(what).split("!")[0].split("#")[0].split()
        if len(words) < count:
            raise DataError(
                Problem("S100", f"{what}: {len(words)} numbers, expected {count}", self.where)
            )
        return [number(word, self.where, what) for word in words[:count]]


def _without_last_blanks(lines: Iterable[str]) -> Iterator[str]:
    """Lines up to the last that holds anything; those that hold nothing are counted, not kept."""
    blanks = 0
    for line in lines:
        if not line.strip():
            blanks += 1
            continue
        yield from itertools.repeat("", blanks)
        blanks = 0
        yield line
