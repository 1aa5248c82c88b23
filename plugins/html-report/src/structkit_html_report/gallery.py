"""Pictures of rows: the structure, what the descriptor made of it, what the explainer found in it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from structkit.data.table import Row
from structkit.evaluation.faithfulness import relevance
from structkit.records import RowIndex
from structkit.run import Run
from structkit.words import headline
from structkit_html_report.figures import (
    deletion_curves,
    heat_picture,
    structure_picture,
    vector_picture,
)
from structkit_html_report.images import pixels_as_png
from structkit_html_report.view import Image
from structkit_html_report.views import view_of

STRUCTURE = "structure"  # what rows of structures hold
PER_LABEL, MOST_CARDS = 2, 100
log = logging.getLogger("structkit")


@dataclass(frozen=True)
class Picture:
    """A picture of a row.

    Args:
        caption: below it.
        image: a PNG or an SVG as bytes, or a drawing of the report's own.
        passed: of an explanation, whether it passed its tests.
        scale: of a map, the number that its strongest colour stands for.
        kind: `map`, whose pixels are shown as they are, or `structure`.
    """

    caption: str
    image: Image
    passed: bool | None = None
    scale: str = ""
    kind: str = "map"


class Illustrator:
    """Draws rows of a model's inputs, by following their ids back through the steps."""

    def __init__(self, run: Run, model: str) -> None:
        self.run = run
        self.features = run.step(model).inputs

    def pictures(self, row: Row) -> list[Picture]:
        """The structure, and the picture of each descriptor that has one."""
        drawn = [self._structure(row), *(self.drawn(step, row) for step in self.features)]
        return [picture for picture in drawn if picture]

    def _structure(self, row: Row) -> Picture | None:
        """The structure that a row was made of; a row that was measured has none."""
        try:
            if self.run.maker(row.origin).passes != STRUCTURE:
                return None
            drawn = structure_picture(self.run.structure(row))
            return Picture(STRUCTURE, drawn, kind=STRUCTURE)
        except Exception:
            log.warning("the structure of row %s of %s failed", row.id, row.origin, exc_info=True)
            return None

    def drawn(self, step: str, row: Row) -> Picture | None:
        """A step's own picture of a row, or a curve; one that fails is logged and left out."""
        arrays = self.run.arrays(step, row)
        if arrays is None:
            return None
        try:
            picture = self.run.picture(step)
            if picture is not None:
                return Picture(step, pixels_as_png(picture(arrays)))
        except Exception:
            log.warning("the picture of step %s failed", step, exc_info=True)
            return None
        curve = arrays.get(self.run.step(step).passes, arrays.get("vector"))
        if curve is None or curve.ndim != 1:
            return None
        return Picture(step, vector_picture(curve))

    def maps(self, step: str, row: Row) -> list[Picture]:
        """An explainer's maps of a row, each with whether it passed its tests; or its own picture of them."""
        maps = relevance(self.run.arrays(step, row) or {})
        passed = {method: self.run.passed(step, method, row.origin) for method in maps}
        planes = {method: value for method, value in maps.items() if value.ndim == 2}
        if not planes:
            own = self.drawn(step, row)
            return [replace(own, passed=bool(maps) and all(passed.values()))] if own else []
        pictures = []
        for method, value in planes.items():
            name, top = method.replace("_", " "), f"{float(np.abs(value).max()):.2g}"
            pictures.append(Picture(name, heat_picture(value), passed[method], top))
        return pictures


def gallery(run: Run, step: str) -> dict[str, Any]:
    """What an explainer's maps are worth, and a few explained rows of every label and origin."""
    found = run.faithfulness(step)
    tested = {origin: facts for origin, facts in found.items() if facts["methods"]}
    return {
        "use": run.step(step).component,
        "reasons": sorted({facts["reason"] for facts in found.values() if not facts["methods"]}),
        "tests": [
            _test_row(o, m, test)
            for o, facts in tested.items()
            for m, test in facts["methods"].items()
        ],
        "rows": {origin: (facts["rows"], facts["groups"]) for origin, facts in tested.items()},
        "curves": [(deletion_curves(f, o), f"deletion curves · {o}") for o, f in tested.items()],
        "cards": list(_cards(run, step)),
    }


def _test_row(origin: str, method: str, test: Mapping[str, Any]) -> dict[str, Any]:
    gains = [test[rival] for rival in ("over_random", "over_random_weights", "over_strongest")]
    return {
        "method": method.replace("_", " "),
        "origin": origin,
        "gains": [headline(gain) for gain in gains],
        "passed": test["passed"],
    }


def _cards(run: Run, step: str) -> Iterator[dict[str, Any]]:
    """The cards of a gallery: rows of every label, the origins of a row side by side."""
    (model,) = run.step(step).inputs
    illustrator, view = Illustrator(run, model), view_of(run.target(model))
    metrics = run.metrics(model)
    predictions = RowIndex(run.predictions(model))
    for row in _chosen(run, step, run.step(model).origins):
        guess = view.guess(metrics, row, predictions.arrays(row) or {})
        pictures = [*illustrator.pictures(row), *illustrator.maps(step, row)]
        yield {"row": row, "guess": guess, "pictures": pictures}


def _chosen(run: Run, step: str, origins: Sequence[str]) -> Iterator[Row]:
    """The first rows of every label and origin that were explained."""
    taken: dict[tuple[str, str | None], int] = {}
    left = MOST_CARDS
    order = {origin: number for number, origin in enumerate(origins)}
    rows = run.table(step).rows
    for row in sorted(rows, key=lambda row: (str(row.label), row.id, order[row.origin])):
        place = (row.origin, row.label)
        taken[place] = taken.get(place, 0) + 1
        if taken[place] <= PER_LABEL and left:
            left -= 1
            yield row
