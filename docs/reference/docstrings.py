"""Docstrings of the classes behind the components, read without importing them."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from structkit.components import Declaration

SECTION = re.compile(r"^(Args|Raises|Returns|Yields|Examples):\n((?:(?: .*)?\n)*)", re.MULTILINE)


@dataclass(frozen=True)
class ClassText:
    """What a class says of itself.

    Args:
        name: of the class.
        module: that it is defined in.
        text: Markdown: what it does, with equations between `$$`.
        examples: lines as the interpreter shows them, with `>>>` and what is printed.
    """

    name: str
    module: str
    text: str
    examples: str


def class_text(declaration: Declaration) -> ClassText:
    """Read the docstring of the class behind a component."""
    module, _, name = declaration.build.partition(":")
    docstring = inspect.cleandoc(_docstrings(module)[name])
    sections = dict(SECTION.findall(docstring + "\n"))
    text = SECTION.sub("", docstring + "\n").strip()
    examples = textwrap.dedent(sections.get("Examples", "")).strip()
    return ClassText(name, module, text, examples)


@cache
def _docstrings(module: str) -> dict[str, str]:
    """The docstrings of all classes of a module."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return {node.name: ast.get_docstring(node) or "" for node in classes}
