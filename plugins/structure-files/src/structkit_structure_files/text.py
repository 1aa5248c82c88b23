"""Guards that every text file passes before a parser sees it."""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import logging
import lzma
import math
import re
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from structkit import DataError, Problem
from structkit.errors import printable

log = logging.getLogger("structkit")

MAX_BYTES, MAX_LINE, MAX_LINES = 256 * 2**20, 10_000, 12_000_000
SMALLER = "split it, or read it yourself and give the atoms to structkit.recognise or Run.predict"
HTML = ("<!doctype", "<html", "<head", "<body")
UNPACKED: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
# UTF-32 begins as UTF-16 does: the longer marks come first
WIDE = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
# no 1_000, no other digits
NUMBER = re.compile(r"[+-]?([0-9.]+([eEdD][+-]?[0-9]+)?|inf|infinity|nan)", re.IGNORECASE)


def bare_suffix(path: Path) -> str:
    """The file's suffix in lower case, that of its compression aside."""
    suffixes = [s.lower() for s in path.suffixes]
    return next((s for s in reversed(suffixes) if s not in UNPACKED), "")


class CutShort(DataError):
    """The file ends in the middle of a structure, as it does while a program is still writing."""


def read_text(
    path: Path, longest: int = MAX_LINE, data: bytes | None = None, markup: bool = False
) -> str:
    """The text of a structure file, lines ended by newlines alone.

    Args:
        path: of the file.
        longest: characters that a line may have.
        data: the file's bytes where they have been read; the disk is then not looked at.
        markup: whether the format is XML, which otherwise is what a download gave in its place.

    Raises:
        DataError: D030 no gzip, S001 empty, S002 binary, S003 HTML, S005 too large, S006 UTF-16,
            S070 an endless line.
    """
    data = _bytes(path, data)
    if not data.strip():
        raise DataError(Problem("S001", f"empty file: {path.name} ({len(data)} bytes)", str(path)))
    if encoding := _wide_encoding(data):
        raise DataError(Problem("S006", f"text in {encoding}", str(path), "save it as UTF-8"))
    if (place := data.find(b"\0")) >= 0:
        kind = bare_suffix(path).lstrip(".").upper() or "structure file"
        raise DataError(
            Problem("S002", f"not a text {kind} (NUL byte at offset {place})", str(path))
        )
    text = _decoded(path, data)
    head = text[:1000].lstrip("\ufeff \t\r\n").lower()
    signs = HTML if markup else (*HTML, "<?xml")
    if head.startswith(signs):
        message = "looks like HTML, not what its name says"
        raise DataError(Problem("S003", message, str(path), "download it again"))
    _check_lines(path, text, longest)
    return text


def _wide_encoding(data: bytes) -> str | None:
    """The name of an encoding of two or four bytes a character, by its mark or by its zero bytes."""
    for mark, name in WIDE.items():
        if data.startswith(mark):
            return name
    start = data[:64]
    pairs = len(start) // 2
    if pairs >= 4 and start[1::2].count(0) == pairs and not start[::2].count(0):
        return "UTF-16"
    if pairs >= 4 and start[::2].count(0) == pairs and not start[1::2].count(0):
        return "UTF-16"
    return None


def unpacked(path: Path, data: bytes | None = None) -> IO[bytes]:
    """A file to read, or its bytes where they have been read; what is compressed is unpacked."""
    unpack = UNPACKED.get(path.suffix.lower())
    source = path if data is None else io.BytesIO(data)
    if unpack is not None:
        stream: IO[bytes] = unpack(source, "rb")
        return stream
    return source if isinstance(source, io.BytesIO) else source.open("rb")


def _bytes(path: Path, given: bytes | None) -> bytes:
    """The file's bytes, unpacked when it is compressed, and never more than the limit."""
    try:
        with unpacked(path, given) as stream:
            data: bytes = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise DataError(Problem("D030", f"cannot read {path}: {error}")) from error
    if len(data) > MAX_BYTES:
        message = f"file larger than {MAX_BYTES // 2**20} MiB"
        raise DataError(Problem("S005", message, str(path), SMALLER))
    return data


def _decoded(path: Path, data: bytes) -> str:
    """UTF-8, else Windows-1252 or Latin-1 (old CIFs name their authors so); control characters mean it is no text."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    odd = next(
        (
            i
            for i, c in enumerate(text[:4096])
            if (c < " " or "\x7f" <= c < "\xa0") and c not in "\t\r\n\x0c\x1a"
        ),
        None,
    )
    if odd is not None:
        raise DataError(
            Problem("S002", f"not a text file (control character at offset {odd})", str(path))
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _check_lines(path: Path, text: str, longest: int) -> None:
    if (count := text.count("\n")) > MAX_LINES:
        raise DataError(Problem("S005", f"file of {count} lines (limit {MAX_LINES})", str(path)))
    lines = text.split("\n")
    if max(map(len, lines)) <= longest:
        return
    for number, line in enumerate(lines, 1):
        if len(line) > longest:
            message = f"line {number} has {len(line)} chars (limit {longest})"
            raise DataError(Problem("S070", message, f"{path}:{number}"))


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
    """A file's lines with a place in it."""

    def __init__(self, lines: list[str], path: Path) -> None:
        self.lines, self.path, self.next = lines, path, 0
        self._last = max((i for i, line in enumerate(lines) if line.strip()), default=-1)

    @property
    def where(self) -> str:
        """The line taken last."""
        return f"{self.path}:{self.next}"

    def more(self) -> bool:
        """Whether anything but empty lines follows."""
        return self.next <= self._last

    def take(self, what: str) -> str:
        """The next line.

        Raises:
            DataError: S100, the file ends here.
        """
        if self.next >= len(self.lines):
            raise CutShort(Problem("S100", f"the file ends where {what} should be", self.where))
        self.next += 1
        return self.lines[self.next - 1]

    def ended(self) -> bool:
        """Whether the line taken last is the last that holds anything."""
        return self.next > self._last

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
