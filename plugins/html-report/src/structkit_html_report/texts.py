"""Texts from data as the report shows them: whole where they are short, else their beginning and who they are.

The whole text is in `predictions.csv`. A label of a hundred thousand letters would make a page of
megabytes, and one of three thousand a page thirty screens wide.
"""

from __future__ import annotations

import hashlib

from structkit.errors import printable

LONGEST = 200  # characters in a cell, a caption or a sentence
LONGEST_LABEL = 150  # of a label beside its probability
LONGEST_DRAWN = 60  # in a title or an axis of a figure
LONGEST_TICK = 24  # beside a line of a figure
LONGEST_LEGEND = 48  # in the legend of a figure
LONGEST_BLOCK = 100_000  # of a text that is shown as a block: references, settings


class Block(str):
    """A text that is shown as a block, and may be long."""

    __slots__ = ()


class Uri(str):
    """An image as a text, which is shown as it is."""

    __slots__ = ()


def shortened(text: str, longest: int = LONGEST) -> str:
    """A text, or the beginning of a longer one; two that begin alike are still told apart by their digests."""
    if len(text) <= longest:
        return text
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    words = f"… ({len(text)} characters, {mark})" if longest >= LONGEST else f"…{mark}"
    return text[: longest - len(words)] + words


def shown(value: object) -> object:
    """What a template shows of a value: printable, and of bounded length."""
    if type(value) is str:
        return shortened(printable(value))
    if type(value) is Block:
        return shortened(printable(value), LONGEST_BLOCK)
    return value
