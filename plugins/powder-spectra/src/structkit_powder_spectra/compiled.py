"""How loops of this plugin are compiled: for one thread, with the rounding of numpy."""

from collections.abc import Callable
from typing import Any

from structkit.compiling import compiled as by_numba

compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = by_numba(nogil=True)
