"""The contents list: an anchor for every part of the report."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

LONGEST = 40  # characters of an anchor
VARIED, DATA, STEPS = FIXED = ("What was varied", "Data", "What was run")
Entry = dict[str, Any]


def anchored(content: Mapping[str, Any]) -> list[Entry]:
    """Give every part its `anchor`, and list them: titles and anchors."""
    taken = {_slug(title) for title in FIXED}
    entries = []
    for part, title in _listed(content):
        anchor = _slug(title) if part is None else _anchor(title, taken)
        if part is not None:
            part["anchor"] = anchor
        entries.append({"title": title, "anchor": anchor})
    return entries


def _listed(
    content: Mapping[str, Any],
) -> Iterator[tuple[MutableMapping[str, Any] | None, str]]:
    """The parts in their order; those whose anchors the template names itself have no part."""
    yield content["opening"], "Verdict"
    yield content["compared"], "All models"
    if content["varied"]:
        yield None, VARIED
    for part in content["models"]:
        yield part, f"Model: {part['title']}"
    for part in [*content["guards"], *content["galleries"]]:
        yield part, part["title"]
    for part in content["sections"]:
        yield part, part["title"]
    yield None, DATA
    yield None, STEPS


def _anchor(title: str, taken: set[str]) -> str:
    """A name for a title, of this title alone."""
    name = anchor = _slug(title)
    number = 1
    while anchor in taken:
        number += 1
        anchor = f"{name}-{number}"
    taken.add(anchor)
    return anchor


def _slug(title: str) -> str:
    """The letters and digits of a title."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower())[:LONGEST].strip("-") or "part"
