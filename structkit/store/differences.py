"""What changed between two runs, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from structkit.errors import quoted


def differences(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """What changed between two JSON values: `steps.cnn.with.epochs: 5 → 10`."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*after, *(k for k in before if k not in after)]:
            yield from differences(
                before.get(key, ...), after.get(key, ...), f"{path}.{key}" if path else str(key)
            )
    elif before != after:
        yield f"{path}: {_short(before)} → {_short(after)}"


def _short(value: Any) -> str:
    return "nothing" if value is ... else quoted(value, 40)
