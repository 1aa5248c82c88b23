"""The page: one HTML file that asks for nothing, and in which only our two scripts run.

What comes from data stands in it as JSON, in an element that is no script; the scripts write it as
text. A content policy names both scripts by their digests, so that nothing else runs, whatever
somebody has written into a label.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from structkit import __version__
from structkit_explorer.columns import Columns
from structkit_explorer.projection import Chart
from structkit_explorer.viewer import viewer_script, viewer_version

# of JSON in an element of a page: what could end it, or begin a comment or an entity
ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
DIGITS = 5  # of numbers


@dataclass(frozen=True)
class Page:
    """What a page shows.

    Args:
        name: of the run.
        notes: sentences: what is shown and what is left out.
        chart: where rows lie on the map.
        columns: what is known of them.
        shapes: their structures; empty where no row has one.
        atoms: classes by which atoms are coloured; none: by element.
    """

    name: str
    notes: Sequence[str]
    chart: Chart
    columns: Columns
    shapes: Sequence[Mapping[str, Any] | None]
    atoms: Sequence[str] = ()


def render(page: Page) -> str:
    """The HTML of a page."""
    environment = Environment(
        loader=PackageLoader("structkit_explorer"), autoescape=True, undefined=StrictUndefined
    )
    scripts = [_own("map.js"), _own("look.js")]
    if page.shapes:
        scripts.insert(0, viewer_script())
    return environment.get_template("page.html").render(
        name=page.name,
        notes=page.notes,
        shapes=bool(page.shapes),
        policy=_policy(scripts),
        style=Markup(_own("style.css")),  # noqa: S704  (ours)
        data=Markup(as_data(_content(page))),  # noqa: S704  (escaped)
        scripts=[Markup(script) for script in scripts],  # noqa: S704  (ours, and chemiscope's)
        version=__version__,
        viewer=viewer_version(),
    )


def as_data(value: Any) -> str:
    """A value as JSON that nothing in a page can take for markup."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(ESCAPES)


def _content(page: Page) -> dict[str, Any]:
    """What the scripts are given."""
    columns = page.columns
    words = [_coded(name, words) for name, words in columns.words.items()]
    numbers = [
        {"name": name, "values": [_rounded(value) for value in values]}
        for name, values in columns.numbers.items()
    ]
    told = [{"name": name, "values": list(values)} for name, values in columns.told.items()]
    places = [[_rounded(value) for value in place] for place in page.chart.places.tolist()]
    content = {"name": page.name, "places": places, "axes": page.chart.axes, "words": words}
    return {
        **content,
        "numbers": numbers,
        "told": told,
        "shapes": list(page.shapes),
        "atoms": list(page.atoms),
    }


def _coded(name: str, words: Sequence[str]) -> dict[str, Any]:
    """Words that recur, as places in a list of them."""
    names = sorted(set(words))
    places = {word: place for place, word in enumerate(names)}
    return {"name": name, "names": names, "codes": [places[word] for word in words]}


def _rounded(value: float | None) -> float | None:
    if value is None or not np.isfinite(value):
        return None
    return float(f"{value:.{DIGITS}g}")


def _own(name: str) -> str:
    """A file of ours."""
    return (files("structkit_explorer") / "templates" / name).read_text(encoding="utf-8")


def _policy(scripts: Sequence[str]) -> str:
    """The content policy: our scripts by their digests, and nothing from anywhere.

    chemiscope's viewer writes styles of its own.
    """
    allowed = " ".join(_digest(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _digest(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
