"""Sets that give their items in one order: that of Python's own is another in every process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class SortedSet(set[Any]):
    """A set whose items come in order."""

    def __iter__(self) -> Iterator[Any]:
        return iter(_ordered(self))


class SortedFrozenSet(frozenset[Any]):
    """The same of a frozen set."""

    def __iter__(self) -> Iterator[Any]:
        return iter(_ordered(self))


def _ordered(items: set[Any] | frozenset[Any]) -> list[Any]:
    plain = list(set.__iter__(items) if isinstance(items, set) else frozenset.__iter__(items))
    return sorted(plain, key=lambda item: (type(item).__name__, repr(item)))


def sort_sets(value: Any) -> Any:
    """The value, or one that gives its items in order where it is a set."""
    if type(value) is set:
        return SortedSet(value)
    return SortedFrozenSet(value) if type(value) is frozenset else value
