"""The guard `calibration`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import Evidence, RunContext
from structkit.library import component, configured
from structkit_guards import state
from structkit_guards.calibration import Temperature, fit_temperature
from structkit_guards.groups import least_groups, no_calibration
from structkit_guards.settings import CalibrationSettings

ENOUGH = least_groups(0.9)  # groups of a class that may have a bias of its own


@component
class Calibration:
    """Probabilities that are as often right as they say.

    Args:
        settings: the words of `CalibrationSettings`.
    """

    @configured(CalibrationSettings)
    def __init__(self, settings: CalibrationSettings) -> None:
        self.settings = settings
        self.temperature = Temperature(1.0, np.zeros(0))

    def fit(self, model: Any, learnt: Evidence, calibration: Evidence, context: RunContext) -> None:
        """Fit the temperature on the calibration rows.

        Raises:
            DataError: D050, there are none.
        """
        if len(calibration) == 0:
            raise no_calibration("no rows of the model's classes")
        free = _with_enough(calibration) if self.settings.per_class else ()
        p, groups = calibration.predicted["probabilities"], calibration.features.groups
        self.temperature = fit_temperature(p, calibration.truth, groups, free)

    def judge(self, model: Any, rows: Evidence) -> Mapping[str, NDArray[Any]]:
        """`calibrated`, (rows, classes)."""
        return {"calibrated": self.temperature(rows.predicted["probabilities"])}

    def save(self, folder: Path) -> None:
        """Write arrays and JSON into a folder."""
        state.write(
            folder, {"temperature": self.temperature.temperature}, bias=self.temperature.bias
        )

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        facts, arrays = state.read(folder)
        self.temperature = Temperature(float(facts["temperature"]), arrays["bias"])


def _with_enough(calibration: Evidence) -> Sequence[bool]:
    """Which classes have groups enough."""
    groups = np.asarray(calibration.features.groups)
    places = range(len(calibration.classes))
    counts = [len(set(groups[calibration.truth == place].tolist())) for place in places]
    return [count >= ENOUGH for count in counts]
