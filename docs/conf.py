"""Sphinx: `make docs` builds the pages of this folder into build/docs; a warning is an error."""

from __future__ import annotations

import posixpath
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils.nodes import SkipNode
from latex2mathml.converter import convert

sys.path.insert(0, str(Path(__file__).parent))
from notebooks import write_notebooks  # noqa: E402

ROOT = Path(__file__).parents[1]
# what stands below a sum, a maximum or a minimum, and not beside it
LIMITS = re.compile(
    r"<msub>(<mo>(?:&#x02211;|max|min)</mo>)"
    r"(<mi>[^<]*</mi>|<mrow>(?:(?!</?mrow>).)*</mrow>)</msub>"
)
PLACE = "\0"  # where an equation is put back: no text holds it
project = "structkit"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_math_renderer = "mathml"
html_title = "structkit"
html_show_copyright = False
html_static_path = ["_static"]
html_css_files = ["pages.css"]
exclude_patterns = [
    "studies/*_text.md",
    "hooks_text.md",
]  # their texts are in the pages that are made of them
myst_heading_anchors = 3
myst_enable_extensions = ["dollarmath"]
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
napoleon_use_rtype = False


def plugin_page(app: Any, name: str, source: list[str]) -> None:
    """The README of a plugin as a page, before what the page itself says."""
    if not name.startswith("plugins/"):
        return
    folder = name.removeprefix("plugins/")
    readme = (ROOT / "plugins" / folder / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"(?<=\]\()([^)#:]+)(?=[)#])", lambda link: _from_page(link[1], folder), readme)
    source[0] = f"{text}\n{source[0].partition('<!-- after the README -->')[2]}"


def download(app: Any, name: str, source: list[str]) -> None:
    """A link to the notebook of a tutorial, below its title."""
    if name.startswith("tutorials/"):
        file = f"{name.removeprefix('tutorials/')}.ipynb"
        link = f'<a href="{file}" download>Download it as a notebook</a>, with all that it prints and draws.'
        title, _, text = source[0].partition("\n\n")
        source[0] = f"{title}\n\n{link}\n\n{text}"


def notebooks(app: Any, error: Exception | None) -> None:
    """The tutorials as notebooks, beside their pages."""
    if error is None and app.builder.format == "html":
        write_notebooks(Path(app.outdir) / "tutorials")


def anchored_codes(app: Any, name: str, source: list[str]) -> None:
    """An anchor at every code of the page of errors: `errors.html#Y021`."""
    if name == "errors":
        anchor = r'<span id="\g<0>">\g<0></span>'
        lines = source[0].splitlines()
        source[0] = "\n".join(_codes_of_a_row(line, anchor) for line in lines)


def _codes_of_a_row(line: str, anchor: str) -> str:
    """A row of the table with anchors in its first cell."""
    cells = line.split(" | ")
    if not line.startswith("| "):
        return line
    return " | ".join([re.sub(r"\b[A-Z]\d{3}\b", anchor, cells[0]), *cells[1:]])


def _from_page(link: str, folder: str) -> str:
    """What a link of a plugin's README is called on its page."""
    path = posixpath.normpath(f"plugins/{folder}/{link}")
    if path.startswith("docs/"):
        return f"../{path.removeprefix('docs/')}"
    if plugin := re.fullmatch(r"plugins/([a-z-]+)(/README\.md)?", path):
        return f"{plugin[1]}.md"
    return f"path:../../{path}" if path.endswith(".md") else f"../../{path}"


def as_rst(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Docstrings say names in single backticks, as Markdown does; what else RST would obey is text."""
    text = re.sub(r"^( *)\* ", r"\1- ", "\n".join(_level(lines)), flags=re.MULTILINE)
    pieces = re.split(r"^\$\$\n(.*?)\n\$\$$", text, flags=re.DOTALL | re.MULTILINE)
    text, equations = PLACE.join(pieces[::2]), iter(pieces[1::2])
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return  # it is RST already
    outside = [re.sub(r"([*|\\])|(?<=\w)_(?=\W|$)", r"\\\g<0>", text) for text in parts[::2]]
    inside = [f"``{text}``" for text in parts[1::2]]
    # a literal must not touch a word: `Sample`s
    outside = [outside[0], *(re.sub(r"^(?=\w)", r"\\ ", text) for text in outside[1:])]
    mixed = [piece for pair in zip(outside, [*inside, ""], strict=True) for piece in pair]
    whole = re.sub(PLACE, lambda place: _directive(next(equations)), "".join(mixed))
    lines[:] = whole.split("\n")


def _directive(equation: str) -> str:
    """An equation as RST has it."""
    return ".. math::\n\n" + textwrap.indent(equation, "   ")


def plain_types(
    app: Any,
    what: str,
    name: str,
    thing: Any,
    options: Any,
    signature: str | None,
    returns: str | None,
) -> tuple[str | None, str | None]:
    """Signatures say `int` for what has limits: these stand in the table of settings."""
    limits = r"Annotated\[((?:[^\[\],]|\[[^\[\]]*\])+), [^\[\]]*\]"
    return re.sub(limits, r"\1", signature or "") or None, returns


def _level(lines: list[str]) -> Iterator[str]:
    """Lines of which those under `Yields:` and `Returns:` begin at one place, as RST wants it."""
    within = False
    for line in lines:
        if line and not line.startswith(" "):
            within = line in ("Yields:", "Returns:")
        yield f"    {line.strip()}" if within and line.startswith(" ") else line


def inline_formula(writer: Any, node: Any) -> None:
    """A formula as MathML, which browsers draw without a script and without a network."""
    writer.body.append(convert(node.astext()))
    raise SkipNode


def formula(writer: Any, node: Any) -> None:
    """The same on lines of its own."""
    drawn = LIMITS.sub(r"<munder>\1\2</munder>", convert(node.astext(), display="block"))
    writer.body.append(f'<div class="math">{drawn}</div>')
    raise SkipNode


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (inline_formula, None), (formula, None))
    app.connect("source-read", plugin_page)
    app.connect("source-read", anchored_codes)
    app.connect("source-read", download)
    app.connect("build-finished", notebooks)
    app.connect("autodoc-process-signature", plain_types)
    app.connect("autodoc-process-docstring", as_rst, priority=400)  # before napoleon
