"""The guard `conformal`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from structkit import Evidence, RunContext
from structkit.library import component, configured
from structkit_guards import state
from structkit_guards.sets import ClassSets, Intervals
from structkit_guards.settings import ConformalSettings


@component
class Conformal:
    """Sets of classes, or intervals around numbers, that hold the truth at a stated rate.

    Args:
        settings: the words of `ConformalSettings`.
    """

    @configured(ConformalSettings)
    def __init__(self, settings: ConformalSettings) -> None:
        self.settings = settings
        self.promise: ClassSets | Intervals | None = None

    def fit(self, model: Any, learnt: Evidence, calibration: Evidence, context: RunContext) -> None:
        """Calibrate.

        Raises:
            DataError: D050, too few calibration groups.
        """
        given, rate = calibration.predicted, self.settings.coverage
        groups = calibration.features.groups
        if "probabilities" in given:
            self.promise = ClassSets.fit(
                given["probabilities"], calibration.truth, groups, rate, self.settings.per_class
            )
        else:
            self.promise = Intervals.fit(
                given["value"], calibration.truth, groups, rate, given.get("spread")
            )

    def judge(self, model: Any, rows: Evidence) -> Mapping[str, NDArray[Any]]:
        """`set`, bool (rows, classes), and `p_values` beside it; or `interval`, (rows, 2)."""
        if isinstance(self.promise, ClassSets):
            p = rows.predicted["probabilities"]
            return {"set": self.promise(p), "p_values": self.promise.p_values(p)}
        if self.promise is None:
            raise ValueError("fit or load the guard first")
        return {"interval": self.promise(rows.predicted["value"], rows.predicted.get("spread"))}

    def save(self, folder: Path) -> None:
        """Write arrays and JSON into a folder."""
        if isinstance(self.promise, ClassSets):
            own = self.promise.own
            arrays = state.arrays_of(self.promise.pooled, "pooled")
            for place, scores in own.items():
                arrays |= state.arrays_of(scores, f"class{place}")
            state.write(folder, {"of": "classes", "own": sorted(own)}, **arrays)
        elif self.promise is not None:
            arrays = state.arrays_of(self.promise.scores, "pooled")
            state.write(folder, {"of": "numbers"}, **arrays)

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        facts, arrays = state.read(folder)
        pooled, rate = state.scores_of(arrays, "pooled"), self.settings.coverage
        if facts["of"] == "numbers":
            self.promise = Intervals(pooled, rate)
        else:
            own = {place: state.scores_of(arrays, f"class{place}") for place in facts["own"]}
            self.promise = ClassSets(pooled, own, rate)
