"""The settings of a component as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


def settings_table(settings: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Lines of Markdown: each setting with its type, default and meaning.

    Args:
        settings: as `structkit.discovery.catalogue.setting_facts` gives them.
    """
    if not settings:
        yield "It has no settings."
        return
    yield "| setting | type | default | meaning |\n|---|---|---|---|"
    for name, about in settings.items():
        default = "required" if about["required"] else f"`{_yaml(about['default'])}`"
        yield _row(f"`{name}`", about["type"], default, about["description"])


def _row(*cells: object) -> str:
    """A line of a table."""
    escaped = (str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def _yaml(value: object) -> str:
    """A default as YAML spells it."""
    return json.dumps(value) if value is None or isinstance(value, bool) else str(value)
