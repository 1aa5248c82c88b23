"""`hooks.md`, from the hook specifications."""

from __future__ import annotations

import inspect
import textwrap

from reference import DOCS, NOTE
from structkit import hookspecs

HOOKS_HEAD = (DOCS / "hooks_text.md").read_text(encoding="utf-8")


def hooks_page() -> str:
    """`hooks.md`."""
    named = [f for name, f in vars(hookspecs).items() if name.startswith("structkit_")]
    hooks = sorted(named, key=lambda hook: hook.__module__ != hookspecs.__name__)  # events last
    return "\n".join([NOTE, "", HOOKS_HEAD, *map(_hook, hooks)])


def _hook(function: object) -> str:
    if not callable(function):
        raise TypeError(function)
    name = getattr(function, "__name__", "")
    head, _, example = inspect.cleandoc(inspect.getdoc(function) or "").partition("Example::\n")
    code = textwrap.dedent(example).strip("\n")
    signature = str(inspect.signature(function)).replace("'", "")
    return f"## `{name}{signature}`\n\n{_paragraphs(head)}\n\n```python\n{code}\n```\n"


def _paragraphs(text: str) -> str:
    """A docstring as Markdown: its `Args:` become a list."""
    before, found, arguments = text.partition("Args:\n")
    if not found:
        return text.strip()
    block, _, after = arguments.partition("\n\n")
    entries = [line.strip() for line in textwrap.dedent(block).splitlines()]
    listed = "\n".join(
        f"* `{entry.partition(':')[0]}`:{entry.partition(':')[2]}" for entry in entries
    )
    return f"{before.strip()}\n\n{listed}\n\n{after.strip()}".strip()
