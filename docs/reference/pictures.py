"""Which pictures of the gallery show a component."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from reference import DOCS, without_stop


def pictures_of(name: str) -> list[str]:
    """Pictures as Markdown, each with its title and a link to the code that draws it."""
    return [_shown(script) for script in scripts() if name in _shows(script)]


def scripts() -> list[Path]:
    """The scripts of the gallery."""
    return sorted(path for path in DOCS.glob("gallery/*.py") if path.stem != "__main__")


def title_and_text(script: Path) -> tuple[str, str]:
    """What a script says of its picture: a title, and more."""
    words = ast.get_docstring(_tree(script)) or ""
    title, _, text = words.partition("\n\n")
    return without_stop(title), text


def file_name(script: Path) -> str:
    """The name of its picture in `docs/pictures`."""
    return f"{script.stem.replace('_', '-')}.png"


def _shown(script: Path) -> str:
    title, _ = title_and_text(script)
    picture = f"![{title}](../pictures/{file_name(script)})"
    anchor = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
    return f"{picture}\n\n{title} ([how it was drawn](../gallery.md#{anchor}))."


@cache
def _tree(script: Path) -> ast.Module:
    return ast.parse(script.read_text(encoding="utf-8"))


def _shows(script: Path) -> Iterator[str]:
    """What the script's `SHOWS` names: the components that are to be seen in its picture."""
    for node in _tree(script).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SHOWS":
            yield from ast.literal_eval(node.value)
