"""Pictures of rows: the structure, what the descriptor made of it, what the explainer found in it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from structkit.data.items.structure import to_sample
from structkit.data.table import Row, Table
from structkit.evaluation.faithfulness import relevance
from structkit.run import Run
from structkit.words import headline
from structkit_html_report.figures import deletion_curves, heat_picture, structure_picture, vector_picture
from structkit_html_report.images import pixels_as_png

PER_LABEL = 2
log = logging.getLogger("structkit")
Picture = tuple[str, bytes]


class Illustrator:
    """Draws rows of a model's inputs, by following their ids back through the steps."""

    def __init__(self, run: Run, model: str) -> None:
        self.run = run
        self.features = run.steps[model]["from"]
        self.structures = [step for name in self.features for step in run.steps[name]["from"]]
        self._tables: dict[str, tuple[Table, dict[tuple[str, str], int]]] = {}

    def pictures(self, row: Row) -> list[Picture]:
        """The structure, and the picture of each descriptor that has one."""
        found = [self._structure(row), *(self.drawn(step, row) for step in self.features)]
        return [picture for picture in found if picture]

    def _structure(self, row: Row) -> Picture | None:
        for step in self.structures:
            table, places = self._opened(step)
            if (row.origin, row.id) in places:
                return "structure", structure_picture(to_sample(table, places[row.origin, row.id]).atoms)
        return None

    def drawn(self, step: str, row: Row) -> Picture | None:
        """A step's own picture of a row, or a curve of its `vector`; one that fails is logged and left out."""
        table, places = self._opened(step)
        index = places.get((row.origin, row.id))
        if index is None:
            return None
        arrays = {name: table.item(name, index) for name in table.arrays}
        try:
            picture = self.run.picture(step)
            if picture is not None:
                return step, pixels_as_png(picture(arrays))
        except Exception:
            log.warning("the picture of step %s failed", step, exc_info=True)
            return None
        vector = arrays.get("vector")
        return (step, vector_picture(vector)) if vector is not None and vector.ndim == 1 else None

    def maps(self, step: str, row: Row) -> list[tuple[str, bytes, bool]]:
        """An explainer's maps of a row, each with whether it passed its tests; or its own picture of them."""
        table, places = self._opened(step)
        arrays = {name: table.item(name, places[row.origin, row.id]) for name in table.arrays}
        found = relevance(arrays)
        if planes := {method: value for method, value in found.items() if value.ndim == 2}:
            passed = {method: self.run.passed(step, method, row.origin) for method in planes}
            return [(m.replace("_", " "), heat_picture(value), passed[m]) for m, value in planes.items()]
        sound = bool(found) and all(self.run.passed(step, method, row.origin) for method in found)
        own = self.drawn(step, row)
        return [(*own, sound)] if own else []

    def _opened(self, step: str) -> tuple[Table, dict[tuple[str, str], int]]:
        """A step's table and the place of every row in it, read once."""
        if step not in self._tables:
            table = self.run.table(step)
            self._tables[step] = table, {(row.origin, row.id): index for index, row in enumerate(table.rows)}
        return self._tables[step]


def galleries(run: Run) -> list[dict[str, Any]]:
    """One gallery per explainer: what its maps are worth, and a few explained rows of every label and origin."""
    return [_gallery(run, step) for step in run.steps_of_kind("explainer")]


def _gallery(run: Run, step: str) -> dict[str, Any]:
    found = run.faithfulness(step)
    tested = {origin: facts for origin, facts in found.items() if facts["methods"]}
    return {
        "step": step,
        "use": run.steps[step]["use"].rpartition("/")[2],
        "reasons": sorted({facts["reason"] for facts in found.values() if not facts["methods"]}),
        "tests": [_test_row(o, m, test) for o, facts in tested.items() for m, test in facts["methods"].items()],
        "rows": {origin: (facts["rows"], facts["groups"]) for origin, facts in tested.items()},
        "curves": [deletion_curves(facts, origin) for origin, facts in tested.items()],
        "items": list(_items(run, step)),
    }


def _test_row(origin: str, method: str, test: Mapping[str, Any]) -> dict[str, Any]:
    gains = [test[rival] for rival in ("over_random", "over_random_weights", "over_strongest")]
    return {
        "method": method.replace("_", " "),
        "origin": origin,
        "gains": [headline(gain) for gain in gains],
        "passed": test["passed"],
    }


def _items(run: Run, step: str) -> Iterator[dict[str, Any]]:
    """The cards of a gallery: rows of every label, the origins of a row side by side."""
    (model,) = run.steps[step]["from"]
    illustrator, table = Illustrator(run, model), run.table(step)
    predicted = _predictions(run, model)
    taken: dict[tuple[str, str | None], int] = {}
    order = {origin: number for number, origin in enumerate(run.steps[model]["origins"])}
    for row in sorted(table.rows, key=lambda row: (str(row.label), row.id, order[row.origin])):
        place = (row.origin, row.label)
        taken[place] = taken.get(place, 0) + 1
        if taken[place] <= PER_LABEL:
            guess, p = predicted[row.origin, row.id]
            pictures = [(*picture, None) for picture in illustrator.pictures(row)]
            maps = illustrator.maps(step, row)
            yield {"row": row, "pictures": [*pictures, *maps], "predicted": guess, "p": p}


def _predictions(run: Run, model: str) -> dict[tuple[str, str], tuple[str, float]]:
    classes = run.metrics(model)["classes"]
    return {
        (row.origin, row.id): (classes[int(arrays["probabilities"].argmax())], float(arrays["probabilities"].max()))
        for row, arrays in run.predictions(model).records()
    }
