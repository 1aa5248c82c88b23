"""Masked arrays: refused wherever a component gives arrays, because numpy forgets masks without a word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from structkit.data.columns import Array


class MaskedError(ValueError):
    """Something is masked: whoever keeps it would keep what lies below the mask."""


def copied(name: object, value: Any) -> Array:
    """An array that nobody else holds.

    Raises:
        MaskedError: it is masked, or made of what is.
    """
    check_unmasked(f"'{name}'", value)
    return np.array(value)


def check_unmasked(words: str, value: Any) -> None:
    """Refuse masked arrays, in lists and mappings too.

    Raises:
        MaskedError: it is masked, or made of what is.
    """
    if isinstance(value, np.ma.MaskedArray):
        raise MaskedError(f"{words} is a masked array, expected plain numbers")
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        value = value.ravel().tolist()
    if isinstance(value, list | tuple):
        for part in value:
            check_unmasked(words, part)
