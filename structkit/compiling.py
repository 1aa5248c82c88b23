"""Functions of plugins as machine code."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from typing import Any

Function = TypeVar("Function", bound="Callable[..., Any]")


def compiled(types: str | None = None, **options: bool) -> Callable[[Function], Function]:
    """A decorator: compile a function of numbers and arrays by numba, which the plugin depends on.

    Machine code is kept on disk where numba finds a folder that it may write to; without one it is
    compiled anew in every process.

    Args:
        types: of the result and the arguments, as numba writes them. With them a function is
            compiled, or read, when its module is imported: once for all workers that are forked
            afterwards. Without them, when it is first called.
        options: `fastmath`, `nogil` and others of `numba.njit`.
    """

    def decorator(function: Function) -> Function:
        import numba

        signature = () if types is None else (types,)
        try:
            code: Function = numba.njit(*signature, cache=True, **options)(function)
        except RuntimeError:  # numba finds no folder that it may write to
            code = numba.njit(*signature, **options)(function)
        return code

    return decorator
