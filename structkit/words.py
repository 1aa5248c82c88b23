"""Numbers in words: scores as the terminal, the report and the studies show them."""

from __future__ import annotations

from typing import Any


def headline(found: dict[str, Any]) -> str:
    """A score with its interval: `0.975 [0.941, 1.000]`."""
    if found["value"] is None:
        return "–"
    interval = found["interval"]
    return number(found["value"]) + (f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else "")


def number(value: float | None) -> str:
    """Three decimals, or a dash."""
    return "–" if value is None else f"{value:.3f}"
