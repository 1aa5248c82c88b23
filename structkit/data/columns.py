"""Columns of a table: numbers, texts, and words that recur. Each is a pair of plain arrays, mapped into memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Column:
    """Numbers, one item a row: of one fixed shape, or ragged along the first axis.

    Args:
        flat: shape (rows, *shape), or (sum of lengths, *shape) when ragged.
        offsets: int64 (rows + 1), where each ragged item begins; None for a fixed shape.
    """

    def __init__(self, flat: Array, offsets: Array | None = None) -> None:
        self.flat, self.offsets = flat, offsets

    @property
    def ragged(self) -> bool:
        """Whether the first axis of an item differs from row to row."""
        return self.offsets is not None

    def __len__(self) -> int:
        return len(self.flat) if self.offsets is None else len(self.offsets) - 1

    def __getitem__(self, row: int) -> Array:
        if self.offsets is None:
            return np.asarray(self.flat[row])
        return np.asarray(self.flat[self.offsets[row] : self.offsets[row + 1]])

    def gather(self, rows: Array) -> Array:
        """The items of several rows, shape (rows, *shape): a copy.

        Raises:
            ValueError: the items are ragged and differ in length.
        """
        if self.offsets is None:
            return np.array(self.flat[_as_slice(rows)])
        return (
            np.stack([self[row] for row in rows.tolist()]) if len(rows) else np.array(self.flat[:0])
        )

    def whole(self) -> Array:
        """The items of all rows; raises as `gather` does."""
        return np.array(self.flat) if self.offsets is None else self.gather(np.arange(len(self)))


def _as_slice(rows: Array) -> Array | slice:
    """Consecutive rows as a slice, which numpy copies in one go."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and (np.diff(rows) == 1).all():
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


class Texts:
    """A text a row, as UTF-8 bytes one after the other.

    Args:
        flat: uint8, all texts.
        offsets: int64 (rows + 1).
    """

    def __init__(self, flat: Array, offsets: Array) -> None:
        self.flat, self.offsets = flat, offsets

    @classmethod
    def of(cls, texts: Iterable[str]) -> Texts:
        """Texts in memory."""
        parts = [text.encode("utf-8", "surrogatepass") for text in texts]
        lengths = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        return cls(np.frombuffer(b"".join(parts), dtype=np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> str:
        start, end = self.offsets[row], self.offsets[row + 1]
        return self.flat[start:end].tobytes().decode("utf-8", "surrogatepass")

    def take(self, rows: Array) -> list[str]:
        """The texts of several rows."""
        return [self[row] for row in rows.tolist()]


class Words:
    """A word a row, or none, where few words are shared by many rows (labels, groups).

    Args:
        codes: int32 (rows), the number of each row's word; -1 for none.
        names: the words, in the order in which they first occur.
    """

    NONE = -1

    def __init__(self, codes: Array, names: Texts) -> None:
        self.codes, self.names = codes, names

    def vocabulary(self) -> list[str]:
        """Every word that occurs, in the order of the codes."""
        return [self.names[number] for number in range(len(self.names))]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str | None:
        code = int(self.codes[row])
        return None if code == self.NONE else self.names[code]

    def take(self, rows: Array) -> list[str | None]:
        """The words of several rows."""
        codes = self.codes[rows]
        seen: dict[int, str | None] = {Words.NONE: None}
        for code in np.unique(codes[codes >= 0]).tolist():
            seen[code] = self.names[code]
        return [seen[code] for code in codes.tolist()]


class Numbering:
    """Gives every new word the next number."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, word: str | None) -> int:
        """The number of a word, new or not; -1 for none."""
        if word is None:
            return Words.NONE
        return self.numbers.setdefault(word, len(self.numbers))

    def renumbered(self, words: Words) -> Array:
        """The codes of another column's rows in this numbering."""
        table = np.array([*map(self.number, words.vocabulary()), Words.NONE], dtype=np.int32)
        codes: Array = table[np.asarray(words.codes)]
        return codes

    def texts(self) -> Texts:
        """The words so far, in the order of their numbers."""
        return Texts.of(self.numbers)


def words_of(values: Sequence[str | None]) -> Words:
    """A column of words in memory."""
    numbering = Numbering()
    codes = np.fromiter(map(numbering.number, values), dtype=np.int32, count=len(values))
    return Words(codes, numbering.texts())
