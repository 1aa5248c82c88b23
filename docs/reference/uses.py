"""Where a component is used: tutorials, how-tos, studies and examples."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from reference import DOCS, ROOT

SHOWN = ("tutorials/*.md", "how-to/*.md", "studies/*.md", "first-pipeline.md", "pipeline-file.md")


def uses_of(name: str) -> Iterator[tuple[str, str]]:
    """Titles and links of all that names a component with `use:`, as seen from `components/`."""
    use = re.compile(rf"\buse: {re.escape(name)}(?![\w-])")
    for path, text in _texts():
        if use.search(text):
            yield (
                _title(path, text),
                posixpath.relpath(path.as_posix(), (DOCS / "components").as_posix()),
            )


@cache
def _texts() -> list[tuple[Path, str]]:
    """Pages and pipelines that are read by people."""
    pages = [path for pattern in SHOWN for path in sorted(DOCS.glob(pattern))]
    own = [path for path in pages if not path.stem.endswith("_text")]
    examples = sorted((ROOT / "examples").glob("*.yaml"))
    return [(path, path.read_text(encoding="utf-8")) for path in [*own, *examples]]


def _title(path: Path, text: str) -> str:
    """The heading of a page, or the path of an example."""
    if path.suffix != ".md":
        return str(path.relative_to(ROOT))
    return next(line for line in text.splitlines() if line.startswith("# ")).removeprefix("# ")
