"""The tutorials as notebooks to download: the cells of a page, and what they print and draw.

Nothing is run here. What a page shows was written into it by `tutorial_outputs.py`, and a test does
all that the page says; so the build needs no kernel, no network and no minutes.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TUTORIALS = Path(__file__).parent / "tutorials"
CELL = re.compile(
    r"```(?P<language>python|yaml|sh)\n(?P<code>.*?)```\n"
    r"(?:\n<!-- what it prints -->\n```text\n(?P<printed>.*?)```\n)?"
    r"(?:\n!\[(?P<drawn>[^\]]*)\]\((?P<picture>\.\./pictures/[\w.-]+)\)\n)?",
    re.DOTALL,
)
NAMED = re.compile(r"# (\w+\.(?:yaml|py))\n")
LINK = re.compile(
    r"(?<!!)\[([^\]]+)\]\((?!https?:)[^)]*\)"
)  # to another page: not beside a notebook
PICTURE = re.compile(r"!\[([^\]]*)\]\((\.\./pictures/[\w.-]+)\)")
WRITES = re.compile(r"^(\w+)\.savefig\(", re.MULTILINE)


def write_notebooks(folder: Path) -> None:
    """Write `NAME.ipynb` of every tutorial into a folder."""
    import nbformat

    folder.mkdir(parents=True, exist_ok=True)
    for page in sorted(TUTORIALS.glob("*.md")):
        nbformat.write(notebook(page.read_text(encoding="utf-8")), folder / f"{page.stem}.ipynb")


def notebook(page: str) -> Any:
    """A tutorial as a notebook, with the outputs that it shows.

    Args:
        page: its Markdown.

    Returns:
        `nbformat.NotebookNode`, of version 4.
    """
    from nbformat import v4

    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = list(_cells(page))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # the same in every build
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _cells(page: str) -> Iterator[Any]:
    """Text and code in turns."""
    end = 0
    for block in CELL.finditer(page):
        yield from _text(page[end : block.start()])
        drawn = block["picture"] if WRITES.search(block["code"]) else None
        yield _code(block, drawn)
        end = block.end()
        if block["picture"] and not drawn:
            yield from _text(f"![{block['drawn']}]({block['picture']})")
    yield from _text(page[end:])


def _text(text: str) -> Iterator[Any]:
    """A cell of Markdown with its pictures, or nothing."""
    from nbformat import v4

    if not text.strip():
        return
    pictures = [path for _, path in PICTURE.findall(text)]
    inside = PICTURE.sub(lambda shown: f"![{shown[1]}](attachment:{Path(shown[2]).name})", text)
    cell = v4.new_markdown_cell(LINK.sub(r"\1", inside).strip())
    if pictures:
        cell["attachments"] = {Path(path).name: {"image/png": _png(path)} for path in pictures}
    yield cell


def _code(block: re.Match[str], drawn: str | None) -> Any:
    """A cell that saves a file, types commands or runs Python, with what it printed and drew."""
    from nbformat import v4

    outputs = []
    if block["printed"]:
        outputs.append(v4.new_output("stream", name="stdout", text=block["printed"]))
    if drawn:
        shown = {"image/png": _png(drawn), "text/plain": block["drawn"]}
        outputs.append(v4.new_output("display_data", data=shown))
    return v4.new_code_cell(_source(block["language"], block["code"]), outputs=outputs)


def _source(language: str, code: str) -> str:
    """The code of a block as a cell of IPython."""
    if named := NAMED.match(code):
        return f"%%writefile {named[1]}\n{code}".rstrip()
    if language == "sh":
        return "\n".join(f"!{line}" for line in code.splitlines())
    drawn = [f"\n{name}" for name in WRITES.findall(code)]
    return code.rstrip() + "".join(drawn[-1:])  # a cell shows what stands in its last line


def _png(path: str) -> str:
    """A picture, as JSON holds it."""
    return base64.b64encode((TUTORIALS / path).read_bytes()).decode()
