"""`gallery.md`, from the scripts of the gallery."""

from __future__ import annotations

from pathlib import Path

from reference import NOTE
from reference.pictures import file_name, scripts, title_and_text

HEAD = """\
# Gallery

Pictures, each with all of the code that made it. `.venv/bin/python docs/gallery NAME` draws one anew.
"""


def gallery_page() -> str:
    """`gallery.md`: the scripts of `docs/gallery`, with their pictures."""
    return "\n".join([NOTE, "", HEAD, *map(_picture, scripts())])


def _picture(script: Path) -> str:
    """A picture, what it shows, and its code."""
    title, text = title_and_text(script)
    code = f"```{{literalinclude}} gallery/{script.name}\n:language: python\n```"
    return f"## {title}\n\n![{title}](pictures/{file_name(script)})\n\n{text}\n\n{code}\n"
