"""A text file that is looked at from its first byte to its last before anything of it is read.

It is never held: who reads it goes through its lines, so that a trajectory may be larger than the
memory. Readers that need the whole text get it up to a limit.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import itertools
import lzma
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from structkit import DataError, Problem
from structkit_structure_files.text import (
    MAX_BYTES,
    MAX_LINE,
    MAX_LINES,
    SMALLER,
    bare_suffix,
    unpacked,
)

BLOCK = 1 << 20  # bytes that are in memory at once
HEAD = 4096  # characters in which a control character means that it is no text
HTML = ("<!doctype", "<html", "<head", "<body")
# UTF-32 begins as UTF-16 does: the longer marks come first
WIDE = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
NOT_1252 = b"\x81\x8d\x8f\x90\x9d"  # bytes that Windows-1252 does not define


@dataclass(frozen=True)
class TextFile:
    """A text file that was looked at.

    Args:
        path: of the file.
        content: its bytes where they have been read; the disk is then not looked at.
        encoding: UTF-8, else Windows-1252 or Latin-1 (old CIFs name their authors so).
        size: bytes, unpacked; what is written to the file later is not read.
    """

    path: Path
    content: bytes | None
    encoding: str
    size: int

    def lines(self) -> Iterator[str]:
        """The lines from the first on, without what ends them.

        Raises:
            DataError: D030, it can no longer be read.
        """
        with self.opened() as stream:
            for line in stream:
                yield line[:-1] if line.endswith("\n") else line

    def head(self, characters: int) -> str:
        """What it begins with."""
        with self.opened() as stream:
            return stream.read(characters)

    def text(self) -> str:
        """All of it, lines ended by newlines alone.

        Raises:
            DataError: S005, more than is held in memory.
        """
        if self.size > MAX_BYTES:
            raise DataError(too_large(self.path))
        with self.opened() as stream:
            text = stream.read()
        if (count := text.count("\n")) > MAX_LINES:
            message = f"file of {count} lines (limit {MAX_LINES})"
            raise DataError(Problem("S005", message, str(self.path)))
        return text

    def count(self, word: bytes) -> int:
        """How often an ASCII word stands in it."""
        total, before = 0, b""
        for block in _blocks(self.path, self.content):
            part = before + block
            total += part.count(word)
            before = part[max(0, len(part) - len(word) + 1) :]
        return total

    @contextlib.contextmanager
    def opened(self) -> Iterator[IO[str]]:
        """A stream of its text, lines ended by newlines alone."""
        with _readable(self.path), unpacked(self.path, self.content) as stream:
            first = io.BufferedReader(_First(stream, self.size), BLOCK)
            # a file that has changed since holds no number where another character was
            yield io.TextIOWrapper(first, self.encoding, errors="replace")


class _First(io.RawIOBase):
    """The first bytes of a stream."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self.stream, self.left = stream, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self.stream.read(min(len(buffer), self.left))
        buffer[: len(data)] = data
        self.left -= len(data)
        return len(data)


def read_text(
    path: Path, longest: int = MAX_LINE, data: bytes | None = None, markup: bool = False
) -> str:
    """The text of a structure file, lines ended by newlines alone; arguments and errors as of `looked_at`."""
    return looked_at(path, longest, data, markup).text()


def looked_at(
    path: Path,
    longest: int = MAX_LINE,
    data: bytes | None = None,
    markup: bool = False,
    most: int | None = MAX_BYTES,
) -> TextFile:
    """Look at every byte of a text file.

    Args:
        path: of the file.
        longest: characters that a line may have.
        data: the file's bytes where they have been read.
        markup: whether the format is XML, which otherwise is what a download gave in its place.
        most: bytes, unpacked, that it may have; None for any number.

    Raises:
        DataError: D030 no gzip, S001 empty, S002 binary, S003 HTML, S005 too large, S006 UTF-16,
            S070 an endless line.
    """
    looked = _Look()
    for block in _blocks(path, data):
        looked.take(block)
        if most is not None and looked.size > most:
            raise DataError(too_large(path))
    if looked.blank:
        message = f"empty file: {path.name} ({looked.size} bytes)"
        raise DataError(Problem("S001", message, str(path)))
    if encoding := _wide_encoding(looked.begins):
        raise DataError(Problem("S006", f"text in {encoding}", str(path), "save it as UTF-8"))
    if looked.nul is not None:
        kind = bare_suffix(path).lstrip(".").upper() or "structure file"
        message = f"not a text {kind} (NUL byte at offset {looked.nul})"
        raise DataError(Problem("S002", message, str(path)))
    file = TextFile(path, data, looked.encoding(), looked.size)
    _check_head(file, markup)
    if looked.longest > longest:
        _check_lines(file, longest)
    return file


class _Look:
    """What is noted of a file while its bytes go by."""

    def __init__(self) -> None:
        self.begins = b""
        self.size = 0
        self.blank = True
        self.nul: int | None = None
        self.longest = 0  # bytes between two newlines, at least as many as characters
        self._line = 0  # bytes since the last newline
        self._utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
        self._is_1252 = True

    def take(self, block: bytes) -> None:
        """Note what the next bytes say."""
        self.begins = self.begins or block[:64]
        self.blank = self.blank and not block.strip()
        if self.nul is None and (place := block.find(b"\0")) >= 0:
            self.nul = self.size + place
        self.size += len(block)
        self._measure(block)
        if not block.isascii():
            self._is_1252 = self._is_1252 and not any(bytes([c]) in block for c in NOT_1252)
        self._decode(block, final=False)

    def encoding(self) -> str:
        """The first of three encodings that all bytes are of."""
        self._decode(b"", final=True)
        if self._utf8 is not None:
            return "utf-8-sig"
        return "cp1252" if self._is_1252 else "latin-1"

    def _measure(self, block: bytes) -> None:
        lines = block.split(b"\n")
        self._line += len(lines[0])
        self.longest = max(self.longest, self._line)
        if len(lines) > 1:
            self._line = len(lines[-1])
            self.longest = max(self.longest, *map(len, lines[1:]))

    def _decode(self, block: bytes, final: bool) -> None:
        try:
            if self._utf8 is not None:
                self._utf8.decode(block, final)
        except UnicodeDecodeError:
            self._utf8 = None


def _blocks(path: Path, data: bytes | None) -> Iterator[bytes]:
    """The bytes of a file, some at a time, unpacked when it is compressed."""
    with _readable(path), unpacked(path, data) as stream:
        while block := stream.read(BLOCK):
            yield block


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise DataError(Problem("D030", f"cannot read {path}: {error}")) from error


def too_large(path: Path) -> Problem:
    """That a file has more bytes than are held in memory."""
    message = f"file larger than {MAX_BYTES // 2**20} MiB"
    return Problem("S005", message, str(path), SMALLER)


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


def _check_head(file: TextFile, markup: bool) -> None:
    """Refuse what begins with control characters, or as a page of the web does.

    Raises:
        DataError: S002, S003.
    """
    head = file.head(HEAD)
    for place, character in enumerate(head):
        control = character < " " or "\x7f" <= character < "\xa0"
        if control and character not in "\t\r\n\x0c\x1a":
            message = f"not a text file (control character at offset {place})"
            raise DataError(Problem("S002", message, str(file.path)))
    signs = HTML if markup else (*HTML, "<?xml")
    if head[:1000].lstrip("\ufeff \t\r\n").lower().startswith(signs):
        message = "looks like HTML, not what its name says"
        raise DataError(Problem("S003", message, str(file.path), "download it again"))


def _check_lines(file: TextFile, longest: int) -> None:
    """Refuse a line that nobody would write; its characters are counted piece by piece.

    Raises:
        DataError: S070.
    """
    with file.opened() as stream:
        for number in itertools.count(1):
            length = _next_length(stream)
            if length is None:
                return
            if length > longest:
                message = f"line {number} has {length} chars (limit {longest})"
                raise DataError(Problem("S070", message, f"{file.path}:{number}"))


def _next_length(stream: IO[str]) -> int | None:
    """Characters of the next line; None after the last."""
    length = 0
    while piece := stream.readline(BLOCK):
        length += len(piece)
        if piece.endswith("\n"):
            return length - 1
    return length or None
