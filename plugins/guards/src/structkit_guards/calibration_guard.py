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
    r"""Probabilities that are as often right as they say.

    A network is surer than it is right. All its logits are divided by one number, the temperature:

    $$
    \hat p_c = \frac{p_c^{1/T}}{\sum_k p_k^{1/T}}
    $$

    with T where the calibration rows are likeliest, each group weighing the same. The logarithm of
    T has a normal prior of unit width that weighs as much as one group: of a model that was right
    on all of them, the likeliest T alone is zero. `per_class` adds a bias for each class that has
    nine groups, with the same prior. One temperature for all rows does not change which class is
    likeliest, and mends no row that is unlike all that was learnt from.

    Source: C. Guo et al., ICML 2017.

    Args:
        settings: the words of `CalibrationSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit import Evidence, Row, RunContext, Table
        >>> from structkit_guards import Calibration
        >>> rng = np.random.default_rng(0)
        >>> right = rng.random(200) < 0.7
        >>> truth = np.where(right, 0, 1)
        >>> said = np.tile([0.99, 0.01], (200, 1))
        >>> rows = [Row(f"row {i}", "ab"[t], group=f"group {i // 5}") for i, t in enumerate(truth)]
        >>> seen = Evidence(Table.of(rows, vector=said), {"probabilities": said}, truth, ("a", "b"))
        >>> guard = Calibration()
        >>> guard.fit(None, seen, seen, RunContext(seed=1, rng=rng, scratch=None))
        >>> guard.judge(None, seen)["calibrated"][0].round(1)
        array([0.7, 0.3])
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
