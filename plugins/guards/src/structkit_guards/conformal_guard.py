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
    r"""Sets of classes, or intervals around numbers, that hold the truth at a stated rate.

    With scores s (larger for what fits less), K calibration groups and the share F̂ₖ of rows of
    group k with a score of at least s,

    $$
    p(s) = \frac{1 + \sum_{k=1}^{K} \hat F_k(s)}{K + 1}
    $$

    is a p-value for a row of a new group, drawn as the others were: P(p ≤ α) ≤ α. The set holds
    the classes with p > 1 − `coverage`; the score of a class is −log of its probability, that of a
    number the absolute error, in units of the model's own spread where it gives one. The smallest
    p is 1/(K + 1), so 90 % needs nine groups and 95 % nineteen; fewer are refused (D050).

    The promise is for groups drawn as the calibration groups were, on the mean over draws of them,
    and for all classes together (`per_class`: for each that has groups enough). Another origin,
    such as more damage, is not covered. A set may be empty, and nothing says that it is small.

    Source: Y. Lee, R. F. Barber and R. Willett, arXiv:2306.06342; R. Dunn, L. Wasserman and A.
    Ramdas, arXiv:1809.07441.

    Args:
        settings: the words of `ConformalSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit import Evidence, Row, RunContext, Table
        >>> from structkit_guards import Conformal
        >>> rng = np.random.default_rng(0)
        >>> truth = np.arange(200) % 2
        >>> sure = rng.uniform(0.4, 1.0, 200)
        >>> said = np.where(np.eye(2, dtype=bool)[truth], sure[:, None], 1 - sure[:, None])
        >>> rows = [Row(f"row {i}", "ab"[t], group=f"group {i // 5}") for i, t in enumerate(truth)]
        >>> seen = Evidence(Table.of(rows, vector=said), {"probabilities": said}, truth, ("a", "b"))
        >>> guard = Conformal(coverage=0.9)
        >>> guard.fit(None, seen, seen, RunContext(seed=1, rng=rng, scratch=None))
        >>> sets = guard.judge(None, seen)["set"]
        >>> bool(sets[np.arange(200), truth].mean() >= 0.9)
        True
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
