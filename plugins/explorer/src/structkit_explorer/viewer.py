"""chemiscope's viewer: the JavaScript that the installed package brings along (BSD-3-Clause)."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
from pathlib import Path

SCRIPT = Path("sphinx/static/chemiscope.min.js")
# what would end a script element, or begin a part of it that HTML reads in another way
BREAKS_OUT = re.compile(r"</script|<!--.*<script", re.IGNORECASE | re.DOTALL)


def viewer_script() -> str:
    """The viewer's code, as it is written into a page; the package itself is not imported.

    Raises:
        FileNotFoundError: this version of chemiscope has no such file.
        ValueError: it cannot stand in a page.
    """
    spec = importlib.util.find_spec("chemiscope")
    places = [] if spec is None else list(spec.submodule_search_locations or ())
    text = (Path(places[0]) / SCRIPT).read_text(encoding="utf-8")
    if BREAKS_OUT.search(text):
        raise ValueError(f"{SCRIPT} of chemiscope {viewer_version()} cannot stand in a page")
    return text


def viewer_version() -> str:
    """The version of chemiscope."""
    return importlib.metadata.version("chemiscope")
