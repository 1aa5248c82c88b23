"""Pictures of rows: the structure, what the descriptor made of it, what the explainer found in it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from structkit.data.table import Array, Row
from structkit.evaluation.faithfulness import relevance
from structkit.records import RowIndex
from structkit.run import Run
from structkit.words import headline
from structkit_html_report.figures import (
    deletion_curves,
    structure_picture,
    vector_picture,
)
from structkit_html_report.framed import heat_map, shown_picture
from structkit_html_report.named_numbers import Usual, named_numbers
from structkit_html_report.pictured import Pictured
from structkit_html_report.views import view_of

STRUCTURE = "structure"  # what rows of structures hold
PER_LABEL, MOST_CARDS, MOST_OPEN = 2, 100, 12  # cards of a label, of all, and unfolded
HEADS = ("sooner than random order", "than random weights", "than strongest first")
log = logging.getLogger("structkit")


class Illustrator:
    """Draws rows of a model's inputs, by following their ids back through the steps."""

    def __init__(self, run: Run, model: str) -> None:
        self.run = run
        self.features = run.step(model).inputs
        self._usual: dict[str, Usual] = {}

    def pictures(self, row: Row) -> list[Pictured]:
        """The structure, and the picture of each descriptor that has one."""
        drawn = [self._structure(row), *(self.drawn(step, row) for step in self.features)]
        return [picture for picture in drawn if picture]

    def _structure(self, row: Row) -> Pictured | None:
        """The structure that a row was made of; a row that was measured has none."""
        try:
            if self.run.maker(row.origin).passes != STRUCTURE:
                return None
            drawn = structure_picture(self.run.structure(row))
            return Pictured(STRUCTURE, drawn, kind=STRUCTURE)
        except Exception:
            log.warning("the structure of row %s of %s failed", row.id, row.origin, exc_info=True)
            return None

    def drawn(self, step: str, row: Row) -> Pictured | None:
        """A step's own picture of a row, or its vector; one that fails is logged and left out."""
        arrays = self.run.arrays(step, row)
        if arrays is None:
            return None
        try:
            draw = self.run.picture(step)
            return self._vector(step, arrays) if draw is None else shown_picture(step, draw(arrays))
        except Exception:
            log.warning("the picture of step %s failed", step, exc_info=True)
            return None

    def _vector(self, step: str, arrays: Mapping[str, Array]) -> Pictured | None:
        """The numbers by which a row differs from others; without names a curve of all of them."""
        array = next(
            (name for name in (self.run.step(step).passes, "vector") if name in arrays), ""
        )
        values = arrays.get(array)
        if values is None or values.ndim != 1:
            return None
        names = self.run.labels(step)
        if len(names) != len(values):
            return Pictured(step, vector_picture(values), kind="curve")
        if step not in self._usual:
            self._usual[step] = Usual.of(self.run.table(step), array)
        image = named_numbers(values, names, self._usual[step], f"unusual numbers of {step}")
        return Pictured(f"{step}: its most unusual numbers", image, kind="curve")

    def maps(self, step: str, row: Row) -> list[Pictured]:
        """An explainer's maps of a row, each with whether it passed its tests; or its own picture of them."""
        maps = relevance(self.run.arrays(step, row) or {})
        passed = {method: self.run.passed(step, method, row.origin) for method in maps}
        planes = {method: value for method, value in maps.items() if value.ndim == 2}
        if not planes:
            own = self.drawn(step, row)
            return [replace(own, passed=bool(maps) and all(passed.values()))] if own else []
        axes = self.run.axes(step)
        pictures = []
        for method, value in planes.items():
            drawn = heat_map(method.replace("_", " "), value, axes)
            pictures.append(replace(drawn, passed=passed[method]))
        return pictures


def gallery(run: Run, step: str) -> dict[str, Any]:
    """What an explainer's maps are worth, and a few explained rows of every label and origin."""
    found = run.faithfulness(step)
    tested = {origin: facts for origin, facts in found.items() if facts["methods"]}
    return {
        "use": run.step(step).component,
        "reasons": sorted({facts["reason"] for facts in found.values() if not facts["methods"]}),
        "heads": HEADS,
        "tests": [
            _test_row(o, m, test)
            for o, facts in tested.items()
            for m, test in facts["methods"].items()
        ],
        "rows": {origin: (facts["rows"], facts["groups"]) for origin, facts in tested.items()},
        "curves": [(deletion_curves(f, o), f"deletion curves · {o}") for o, f in tested.items()],
        "aligned": not run.axes(step),
        **_folded(list(_cards(run, step))),
    }


def _folded(cards: list[dict[str, Any]]) -> dict[str, Any]:
    """The cards that are seen at once, and those behind a fold."""
    return {"cards": cards[:MOST_OPEN], "more": cards[MOST_OPEN:]}


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
