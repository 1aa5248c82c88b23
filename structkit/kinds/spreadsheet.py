"""Cells of a CSV that a spreadsheet shows, and does not calculate."""

from __future__ import annotations

import unicodedata

from structkit.errors import printable


def harmless(text: str) -> str:
    """A cell that a spreadsheet shows and does not calculate; numbers stay as they are."""
    if _is_number(text):
        return text
    begins = unicodedata.normalize("NFKC", text).lstrip()[:1]
    return ("'" if begins in ("=", "+", "-", "@") or text[:1] in ("\t", "\r") else "") + printable(
        text
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text == text.strip() and not text.startswith("+")
