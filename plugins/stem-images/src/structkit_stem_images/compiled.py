"""Functions as machine code, kept on disk where numba finds a folder that it may write to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function of arrays for one thread, with the rounding of numpy."""
    try:
        kept: Callable[..., Any] = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no writable folder: compiled anew in every process
        kept = numba.njit(nogil=True)(function)
    return kept
