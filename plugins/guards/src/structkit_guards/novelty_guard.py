"""The guard `novelty`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import Evidence, RunContext
from structkit.library import component, configured
from structkit_guards import state
from structkit_guards.distance import Whitened
from structkit_guards.features import features_of, usable
from structkit_guards.groups import GroupedScores, check_enough
from structkit_guards.settings import NoveltySettings

SPACE = ("mean", "scale", "projection", "factor", "centres", "rows")
Floats = NDArray[np.float64]


@component
class Novelty:
    """How unlike the training data a row is, as a p-value calibrated on groups that were held out.

    The distance is taken in the model's own features (the capability `features`: a network's last
    hidden layer), or in what the model reads where it offers none.

    Args:
        settings: the words of `NoveltySettings`.
    """

    @configured(NoveltySettings)
    def __init__(self, settings: NoveltySettings) -> None:
        self.settings = settings
        self.space: Whitened | None = None
        self.scores: GroupedScores | None = None
        self.arrays: tuple[str, ...] = ()  # that are compared, where the model offers no features

    def fit(self, model: Any, learnt: Evidence, calibration: Evidence, context: RunContext) -> None:
        """Learn where the training rows lie, and how far from there held-out rows are.

        Raises:
            DataError: D050, too few calibration groups; D051, constant features; D005, one that is
                no number; D052, features of another length in each row.
        """
        check_enough(calibration.features.groups, 1.0 - self.settings.false_alarms)
        strata = learnt.truth if learnt.classes else np.zeros(len(learnt), dtype=np.int64)
        self.arrays = usable(model, learnt.features)
        features = features_of(model, learnt.features, self.arrays)
        self.space = Whitened.fit(features, strata, context.seed % 2**32)
        distance = self._distance(model, calibration)
        self.scores = GroupedScores(distance, calibration.features.groups)

    def judge(self, model: Any, rows: Evidence) -> Mapping[str, NDArray[Any]]:
        """`novelty`, a p-value a row, small where it is unlike; `novel`, bool; `distance`, in standard deviations."""
        if self.scores is None:
            raise ValueError("fit or load the guard first")
        distance = self._distance(model, rows)
        p = self.scores.p_values(distance)
        novel = p <= self.settings.false_alarms + 1e-9
        return {"novelty": p, "novel": novel, "distance": distance}

    def _distance(self, model: Any, rows: Evidence) -> Floats:
        if self.space is None:
            raise ValueError("fit or load the guard first")
        white = self.space(features_of(model, rows.features, self.arrays))
        if self.settings.method == "neighbours":
            return self.space.to_rows(white, self.settings.neighbours)
        return self.space.to_classes(white)

    def save(self, folder: Path) -> None:
        """Write arrays into a folder."""
        if self.space is None or self.scores is None:
            raise ValueError("fit or load the guard first")
        kept = {name: getattr(self.space, name) for name in SPACE}
        if self.settings.method != "neighbours":
            kept["rows"] = np.zeros((0, kept["rows"].shape[1]))  # not asked for again
        facts = {"arrays": list(self.arrays)}
        state.write(folder, facts, **kept, **state.arrays_of(self.scores, "held_out"))

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        facts, arrays = state.read(folder)
        self.arrays = tuple(facts["arrays"])
        self.space = Whitened(**{name: arrays[name] for name in SPACE})
        self.scores = state.scores_of(arrays, "held_out")
