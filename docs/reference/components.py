"""`components.md`: every component, by kind, with a line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reference import NOTE, OURS
from structkit.components import Declaration
from structkit.discovery.registry import Component

KINDS = ("source", "transform", "descriptor", "model", "explainer", "guard")  # as rows go
WHAT_KINDS_DO = {
    "source": "Make structures, or read measured rows.",
    "transform": "Turn one row into none, one or several.",
    "descriptor": "Turn a structure into named arrays, its features.",
    "model": "Learn from features, and say classes or numbers.",
    "explainer": "Say which part of an input a prediction rests on; the core tests what they say.",
    "guard": "Say what a prediction may promise.",
}
HEAD = """\
# Components and their settings

Everything a pipeline file can name with `use:`. Each has a page of its own: what it does and cannot do, its settings, a
pipeline, lines of Python. `structkit plugins show NAME` prints the settings of any installed component, and
`structkit schema --write` writes a JSON Schema of all, with which an editor completes and checks the file as it is typed.
"""
TREE = "```{toctree}\n:hidden:\n:maxdepth: 1\n:glob:\n\ncomponents/*\n```\n"


def ours(components: Sequence[Component]) -> list[Component]:
    """The components of this repository, by kind."""
    own = [c for c in components if c.plugin.distribution in OURS]
    return sorted(own, key=lambda c: _order(c.declaration.kind))


def _order(kind: str) -> int:
    """Where a kind stands: a kind of a stranger's comes last."""
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


def components_page(components: Sequence[Component]) -> str:
    """`components.md`."""
    declarations = [c.declaration for c in ours(components)]
    kinds = list(dict.fromkeys(d.kind for d in declarations))
    tables = ["\n".join(_table(kind, declarations)) for kind in kinds]
    return "\n".join([NOTE, "", HEAD, *tables, TREE])


def _table(kind: str, declarations: Sequence[Declaration]) -> Iterator[str]:
    """The components of a kind; each row is an anchor: `components.html#NAME`."""
    yield f"## {kind.capitalize()}s\n\n{WHAT_KINDS_DO.get(kind, '')}\n"
    yield "| component | what it is |\n|---|---|"
    for declaration in declarations:
        if declaration.kind == kind:
            name = declaration.name
            link = f'<span id="{name}">[`{name}`](components/{name}.md)</span>'
            yield f"| {link} | {declaration.summary} |"
    yield ""
