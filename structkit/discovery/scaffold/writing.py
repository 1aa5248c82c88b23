"""Fill the templates of a kind of plugin in, into a new folder."""

from __future__ import annotations

import builtins
import contextlib
import keyword
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from structkit.components import Kind
from structkit.discovery.declarations import COMPONENT_NAME
from structkit.discovery.loading import discover
from structkit.errors import Problem, SpecError, did_you_mean
from structkit.store.files import write_text

PREFIX = "structkit-"
LONGEST = 60  # letters of a name
EVENT = "event"  # no kind of step
TEMPLATE = ".txt"  # so that no tool takes a template for code


def new_plugin(name: str, kind: str, parent: Path) -> Path:
    """Write a package with one component; returns its folder, `parent / name`.

    Args:
        name: of the component, in kebab-case; with or without `structkit-` before it.
        kind: source, transform, descriptor, model or explainer; `event` hears what happens to runs.
        parent: of the new folder.

    Raises:
        SpecError: P020 the name is no kebab-case or is taken, or the kind is unknown; P021 the
            folder exists, or its parent does not.
    """
    kinds = [*(kind.name for kind in discover().of(Kind) if _folder(kind.name).is_dir()), EVENT]
    if kind not in kinds:
        raise SpecError(Problem("P020", f"no kind '{kind}'", fix=did_you_mean(kind, kinds)))
    component = name.removeprefix(PREFIX)
    if not COMPONENT_NAME.fullmatch(component) or len(component) > LONGEST:
        raise SpecError(
            Problem("P020", f"'{name}' is no name of a plugin", fix="use kebab-case: bond-order")
        )
    _check_free(component)
    folder = parent / name
    if not parent.is_dir():
        raise SpecError(
            Problem("P021", f"{parent} is no folder", fix="name one that exists with --into")
        )
    if folder.exists() or folder.is_symlink():
        raise SpecError(
            Problem("P021", f"{folder} exists already", fix="choose another name, or move it away")
        )
    words = _words(component, kind)
    for path, text in [*_templates("common"), *_templates(kind)]:
        place = folder / _filled(path, words)
        write_text(place, _filled(text, words))
    return folder


def _check_free(component: str) -> None:
    """Refuse what would take the place of something that is installed."""
    distribution, registry = PREFIX + component, discover()
    with contextlib.suppress(PackageNotFoundError):
        version = metadata(distribution)["Version"]
        raise SpecError(
            Problem(
                "P020", f"{distribution} {version} is installed already", fix="choose another name"
            )
        )
    if taken := registry.find(component):
        message = f"{taken[0].plugin.distribution} has a component '{component}' already"
        raise SpecError(Problem("P020", message, fix="choose another name"))


def _words(component: str, kind: str) -> dict[str, str]:
    """What stands for each marker of the templates."""
    name = "".join(part.capitalize() for part in component.split("-"))
    texts = " ".join(text for _, text in [*_templates("common"), *_templates(kind)])
    if re.search(rf"\b{name}\b", texts) or hasattr(builtins, name) or keyword.iskeyword(name):
        name += kind.capitalize()  # SampleTransform: `Sample` is something else already
    return {
        "component": component,
        "distribution": PREFIX + component,
        "package": (PREFIX + component).replace("-", "_"),
        "Class": name,
    }


def _filled(text: str, words: dict[str, str]) -> str:
    return re.sub(r"@(component|distribution|package|Class)@", lambda mark: words[mark[1]], text)


def _templates(part: str) -> Iterator[tuple[str, str]]:
    """Relative path and text of every template of a part; `=` in a file's name stands for a folder."""
    for entry in sorted(_folder(part).iterdir(), key=lambda entry: entry.name):
        yield entry.name.removesuffix(TEMPLATE).replace("=", "/"), entry.read_text(encoding="utf-8")


def _folder(part: str) -> Traversable:
    return files("structkit.discovery.scaffold") / "templates" / part
