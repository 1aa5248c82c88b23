"""`components/NAME.md`: one page for each component."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reference import NOTE
from reference.components import ours
from reference.docstrings import class_text
from reference.pictures import pictures_of
from reference.pipelines import pipeline
from reference.settings import settings_table
from reference.uses import uses_of
from structkit.components import Declaration, Reference
from structkit.discovery.catalogue import setting_facts
from structkit.discovery.registry import Component

SEVERAL = {"structure": "structures", "atom": "atoms", "pixel": "pixels"}
NO_PAPER = "No paper is behind it: cite [structkit](../how-to-cite.md)."
NOT_AT_DOI_ORG = "10.5555/"  # the ACM's own numbers


def component_pages(components: Sequence[Component]) -> dict[str, str]:
    """The page of every component of this repository, by its name."""
    names = [c.declaration.name for c in ours(components)]
    return {c.declaration.name: component_page(c, names) for c in ours(components)}


def component_page(component: Component, names: Sequence[str]) -> str:
    """What a component is, does and cannot do, with its settings, a pipeline and lines of Python.

    Args:
        component: as a plugin declares it.
        names: of all components: where the text says one of them, a link stands.
    """
    declaration = component.declaration
    plugin = component.plugin.distribution.removeprefix("structkit-")
    behind = class_text(declaration)
    settings = setting_facts(declaration)
    others = set(names) - {declaration.name, *settings}
    parts = [
        NOTE,
        f"# `{declaration.name}`",
        _linked(behind.text.partition("\n\n")[0], others),
        "\n".join(_reads_and_makes(declaration, plugin)),
        "## What it does",
        _linked(behind.text.partition("\n\n")[2], others),
        *pictures_of(declaration.name),
        "## Settings",
        "\n".join(settings_table(settings)),
        "## In a pipeline",
        f"```yaml\n{pipeline(declaration.name)}```",
        "## In Python",
        f"```pycon\n{behind.examples}\n```",
    ]
    parts += ["## References", "\n".join(map(_reference, declaration.references)) or NO_PAPER]
    parts += ["## See also", "\n".join(_see_also(declaration.name, plugin))]
    return "\n\n".join(parts) + "\n"


def _reads_and_makes(declaration: Declaration, plugin: str) -> Iterator[str]:
    """A table: kind, what goes in and what comes out, where it comes from."""
    yield "| kind | reads | makes | of |\n|---|---|---|---|"
    reads, makes = _flow(declaration)
    home = f"[{plugin}](../plugins/{plugin}.md)" if plugin != "core" else "the core"
    yield f"| {declaration.kind} | {reads} | {makes} | {home} |"


def _flow(declaration: Declaration) -> tuple[str, str]:
    """What a component reads, and what it makes, in words."""
    said: Mapping[str, Any] = vars(declaration)
    per = SEVERAL.get(said.get("per", ""), "structures and atoms")
    if declaration.kind == "source":
        return ("files" if said["checks"] else "nothing"), _thing(said["makes"])
    if declaration.kind == "transform":
        return _thing(said["reads"]), _thing(said["reads"])
    if declaration.kind == "descriptor":
        return "structures", _thing(said["produces"])
    if declaration.kind == "model":
        offers = f"; offers {_listed(said['offers'])}" if said["offers"] else ""
        return _listed(said["accepts"]), f"{_words(said['predicts'])} of {per}{offers}"
    if declaration.kind == "explainer":
        return f"models of {per} that offer {_listed(said['needs'])}", "`relevance_…`: tested maps"
    return f"models of {per} that say {' or '.join(said['judges'])}", "judged predictions"


def _thing(name: str) -> str:
    """What rows hold."""
    return "structures" if name == "structure" else f"`{name}`"


def _words(predicts: str) -> str:
    """What a model says, in words."""
    return predicts.replace("-", " ")


def _listed(names: Sequence[str]) -> str:
    """Names as code, with commas."""
    return ", ".join(f"`{name}`" for name in names)


def _linked(text: str, names: set[str]) -> str:
    """A text in which the names of other components lead to their pages."""
    outside = re.split(r"(\$\$.*?\$\$)", text, flags=re.DOTALL)
    return "".join(
        part if part.startswith("$$") else re.sub(r"`([a-z-]+)`", lambda m: _link(m, names), part)
        for part in outside
    )


def _link(name: re.Match[str], names: set[str]) -> str:
    """A link to a component, or what stood there."""
    return f"[`{name[1]}`]({name[1]}.md)" if name[1] in names else name[0]


def _reference(reference: Reference) -> str:
    """A publication as an item of a list."""
    where = f"doi:{reference.doi}"
    if not reference.doi.startswith(NOT_AT_DOI_ORG):
        where = f"[{where}](https://doi.org/{reference.doi})"
    authors = reference.authors.replace(" and ", "; ")
    return f"* {authors}: *{reference.title}*. {reference.journal} ({reference.year}). {where}"


def _see_also(name: str, plugin: str) -> Iterator[str]:
    """The plugin, and the pages and pipelines that use the component."""
    if plugin != "core":
        yield f"* [{plugin}](../plugins/{plugin}.md), the plugin that it belongs to"
    else:
        yield "* [the pipeline file](../pipeline-file.md)"
    for title, link in uses_of(name):
        yield f"* [{title}]({link})"
