"""The target `phase-fractions`: how much of each phase there is in a row, by weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem, Table
from structkit.data.columns import Column
from structkit.evaluation.target import Headline, Truth, fixed
from structkit_powder_spectra.fraction_scores import headlines_of, scores_of
from structkit_powder_spectra.labels import shares_of, weights_of
from structkit_powder_spectra.references import has_lines, no_references
from structkit_powder_spectra.waves import Floats

OF_PHASES = ("fractions", "low", "high")  # arrays with a number for each phase
OF_ROWS = ("residual", "stray_height", "stray_place")
CURVES = ("fitted", "background")
WEIGHED = "weighed"  # array of what is known: (phases + 1), the last of phases without a reference
NAME = "label"


class PhaseFractionsTarget:
    """Weight fractions, as `structkit.evaluation.target.Target`; the label says what was weighed.

    Rows with reflections are references: a model has them all, whatever the split.
    """

    def __init__(self, name: str) -> None:
        if name != NAME:
            message = f"target '{name}': weight fractions are said by labels"
            raise DataError(Problem("D005", message, fix="target: label"))

    def truth(self, features: Table, structures: Table | None) -> Truth:
        """What labels say: a mapping by phase, or None, of every row.

        Raises:
            DataError: X027, a label that says weights of some phases only.
        """
        count = len(features)
        references = np.array([has_lines(features, row) for row in range(count)], dtype=bool)
        values = [_said(features, row, bool(references[row])) for row in range(count)]
        known = np.array([value is not None for value in values], dtype=bool)
        strata = [
            "mixtures" if is_mixture else None for is_mixture in (known & ~references).tolist()
        ]
        return Truth(known, strata, values, references & known)

    def check(self, truth: Truth, features: Table) -> None:
        """Refuse rows without any reference.

        Raises:
            DataError: X024.
        """
        if truth.references is None or not truth.references.any():
            raise no_references()

    def for_training(self, features: Table, truth: Truth) -> Table:
        """The rows as they are: labels are read from them."""
        return features

    def arrays(
        self, predicted: Any, model: Any, features: Table, truth: Truth
    ) -> dict[str, Column]:
        """What `PhaseFractions.predict` gives, and `weighed` (rows, phases + 1): NaN where nothing is known."""
        rows = len(features)
        shapes: dict[str, tuple[int, ...]] = dict.fromkeys(OF_PHASES, (rows, len(model.phases)))
        shapes |= dict.fromkeys(OF_ROWS, (rows,))
        for name, shape in shapes.items():
            array = np.asarray(predicted[name])
            if array.shape != shape or not np.isfinite(array).all():
                raise ValueError(
                    f"returned {name} of shape {array.shape}, expected numbers {shape}"
                )
        kept = {name: fixed(predicted[name]) for name in (*shapes, *CURVES)}
        return {**kept, WEIGHED: fixed(_weighed(truth, model.phases))}

    def facts(self, model: Any, truth: Truth, features: Table) -> dict[str, Any]:
        """The names of the phases."""
        return {"target": NAME, "phases": list(model.phases)}

    def scored(self, predictions: Table) -> NDArray[np.bool_]:
        """The rows of which something is known."""
        return np.asarray(~np.isnan(predictions.stack(WEIGHED)).all(axis=1))

    def scores(self, facts: Mapping[str, Any], predictions: Table) -> dict[str, Any]:
        """Errors of fractions, what intervals hold, which phases are found: over groups, see `scores_of`."""
        arrays = {name: predictions.stack(name) for name in (*OF_PHASES, "stray_height", WEIGHED)}
        return scores_of(arrays, predictions.groups)

    def columns(self, facts: Mapping[str, Any]) -> list[str]:
        """A phase has four columns: found, its interval, and what was weighed."""
        words = ("{}", "{} low", "{} high", "{} weighed")
        of_phases = [word.format(name) for name in facts["phases"] for word in words]
        return [*of_phases, *OF_ROWS]

    def cells(self, facts: Mapping[str, Any], predictions: Table, index: int) -> list[str]:
        """The cells of one row; what was not weighed is empty."""
        item = {name: predictions.item(name, index) for name in (*OF_PHASES, *OF_ROWS, WEIGHED)}
        numbers: list[float] = []
        for place in range(len(facts["phases"])):
            numbers += [float(item[name][place]) for name in (*OF_PHASES, WEIGHED)]
        numbers += [float(item[name]) for name in OF_ROWS]
        return ["" if np.isnan(number) else f"{number:.6g}" for number in numbers]

    def headlines(self, scores: Mapping[str, Any]) -> list[Headline]:
        """The mean absolute error, what intervals hold, which phases are found, what is put elsewhere."""
        return headlines_of(scores)

    def told(
        self, facts: Mapping[str, Any], predicted: Mapping[str, Column], row: int
    ) -> tuple[str, dict[str, Any]]:
        """What a new pattern holds, in words and as JSON."""
        item = {name: np.asarray(predicted[name][row]) for name in (*OF_PHASES, *OF_ROWS)}
        said: dict[str, Any] = {name: _of_phases(facts["phases"], item, name) for name in OF_PHASES}
        said["residual"] = float(item["residual"])
        stray = {"place": float(item["stray_place"]), "height": float(item["stray_height"])}
        said["something_else"] = stray if stray["height"] > 0 else {}
        return sentence(said), said


def _of_phases(phases: list[str], item: Mapping[str, Floats], name: str) -> dict[str, float]:
    """One number of each phase that was found, the heaviest first."""
    order = np.argsort(-item["fractions"], kind="stable").tolist()
    found = [place for place in order if item["fractions"][place] > 0]
    return {phases[place]: float(item[name][place]) for place in found}


def sentence(said: Mapping[str, Any]) -> str:
    """What a pattern holds, as a person reads it; a phase that may as well be absent is there perhaps."""
    words = []
    for name, share in said["fractions"].items():
        low, high = said["low"][name], said["high"][name]
        doubt = "" if low > 0 else "perhaps "
        words.append(f"{doubt}{name} {100 * share:.1f} % [{100 * low:.0f}, {100 * high:.0f}]")
    text = f"{', '.join(words) or 'no reference fits'}  (residual {said['residual']:.2f})"
    if stray := said["something_else"]:
        text += f"; something else is in here: a peak at {stray['place']:.2f}, "
        text += f"{100 * stray['height']:.0f} % of the strongest"
    return text


def _said(features: Table, row: int, reference: bool) -> dict[str, float | None] | None:
    """What the label of a row says; that of a reference is the name of a phase, whatever it looks like."""
    label, name = features.rows[row].label, features.rows[row].id
    if label is None:
        return None
    return {label: 1.0} if reference else weights_of(label, name)


def _weighed(truth: Truth, phases: tuple[str, ...]) -> Floats:
    unknown = np.full(len(phases) + 1, np.nan)
    known = [unknown if value is None else shares_of(value, phases) for value in truth.values]
    return np.array(known, dtype=float).reshape(len(known), len(unknown))
