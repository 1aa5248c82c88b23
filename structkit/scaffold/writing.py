"""Fill the templates of a kind of plugin in, into a new folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from structkit.components import KINDS
from structkit.errors import Problem, SpecError, did_you_mean
from structkit.files import write_text
from structkit.plugins import COMPONENT_NAME

PREFIX = "structkit-"
TEMPLATE = ".txt"  # so that no tool takes a template for code


def new_plugin(name: str, kind: str, parent: Path) -> Path:
    """Write a package with one component; returns its folder, `parent / name`.

    Args:
        name: of the component, in kebab-case; with or without `structkit-` before it.
        kind: source, transform, descriptor, model or explainer.

    Raises:
        SpecError: P020 the name is no kebab-case, or the kind is unknown; P021 the folder exists.
    """
    kinds = [each.kind for each in KINDS]
    if kind not in kinds:
        raise SpecError(Problem("P020", f"no kind '{kind}'", fix=did_you_mean(kind, kinds)))
    component = name.removeprefix(PREFIX)
    if not COMPONENT_NAME.fullmatch(component):
        raise SpecError(Problem("P020", f"'{name}' is no name of a plugin", fix="use kebab-case: bond-order"))
    folder = parent / name
    if folder.exists() or folder.is_symlink():
        raise SpecError(Problem("P021", f"{folder} exists already", fix="choose another name, or move it away"))
    words = _words(component)
    for path, text in [*_templates("common"), *_templates(kind)]:
        place = folder / _filled(path, words)
        place.parent.mkdir(parents=True, exist_ok=True)
        write_text(place, _filled(text, words))
    return folder


def _words(component: str) -> dict[str, str]:
    """What stands for each marker of the templates."""
    return {
        "component": component,
        "distribution": PREFIX + component,
        "package": (PREFIX + component).replace("-", "_"),
        "Class": "".join(part.capitalize() for part in component.split("-")),
    }


def _filled(text: str, words: dict[str, str]) -> str:
    return re.sub(r"@(component|distribution|package|Class)@", lambda found: words[found[1]], text)


def _templates(part: str) -> Iterator[tuple[str, str]]:
    """Relative path and text of every template of a part; `=` in a file's name stands for a folder."""
    for entry in sorted(_folder(part).iterdir(), key=lambda entry: entry.name):
        yield entry.name.removesuffix(TEMPLATE).replace("=", "/"), entry.read_text(encoding="utf-8")


def _folder(part: str) -> Traversable:
    return files("structkit.scaffold") / "templates" / part
