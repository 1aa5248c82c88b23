"""The guard `verdict`: calibrated probabilities, sets and novelty from one calibration part."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from structkit import Evidence, RunContext
from structkit.library import component, configured
from structkit.store.inside import make_folder
from structkit_guards.calibration_guard import Calibration
from structkit_guards.conformal_guard import Conformal
from structkit_guards.novelty_guard import Novelty
from structkit_guards.settings import VerdictSettings

NOVELTY, PROMISE, CALIBRATION = "novelty", "promise", "calibration"


@component
class Verdict:
    """All that a verdict needs in one step: `calibration`, `conformal` and `novelty`, each as it is alone.

    A row whose novelty p is at most `false_alarms` is *none of these*. Otherwise its set decides:
    one class in it is the verdict, several or none are *ambiguous*. Numbers have no probabilities
    to calibrate: intervals and novelty are what is left.

    The same calibration rows serve all three. Each promise holds for itself, not all at once; and
    all of them for groups drawn as the calibration groups were, and for nothing else.

    Args:
        settings: the words of `VerdictSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit import Evidence, Row, RunContext, Table
        >>> from structkit_guards import Verdict
        >>> rng = np.random.default_rng(0)
        >>> truth = np.arange(200) % 2
        >>> points = rng.normal(size=(200, 3)) + 8 * truth[:, None]
        >>> rows = [Row(f"row {i}", "ab"[t], group=f"group {i // 5}") for i, t in enumerate(truth)]
        >>> said = {"probabilities": np.where(np.eye(2, dtype=bool)[truth], 0.9, 0.1)}
        >>> seen = Evidence(Table.of(rows, vector=points), said, truth, ("a", "b"))
        >>> guard = Verdict()
        >>> guard.fit(None, seen, seen, RunContext(seed=1, rng=rng, scratch=None))
        >>> sorted(guard.judge(None, seen))
        ['calibrated', 'distance', 'novel', 'novelty', 'p_values', 'set']
    """

    @configured(VerdictSettings)
    def __init__(self, settings: VerdictSettings) -> None:
        self.settings = settings
        self.guards: dict[str, Calibration | Conformal | Novelty] = {
            NOVELTY: Novelty(false_alarms=settings.false_alarms, method=settings.method),
            PROMISE: Conformal(coverage=settings.coverage, per_class=settings.per_class),
            CALIBRATION: Calibration(),
        }

    def fit(self, model: Any, learnt: Evidence, calibration: Evidence, context: RunContext) -> None:
        """Fit each; raises as they do."""
        if not calibration.classes:
            self.guards.pop(CALIBRATION, None)
        for guard in self.guards.values():
            guard.fit(model, learnt, calibration, context)

    def judge(self, model: Any, rows: Evidence) -> Mapping[str, NDArray[Any]]:
        """What each says."""
        judged: dict[str, NDArray[Any]] = {}
        for guard in self.guards.values():
            judged |= guard.judge(model, rows)
        return judged

    def save(self, folder: Path) -> None:
        """Write each into a folder of its own."""
        for name, guard in self.guards.items():
            guard.save(make_folder(folder / name, new=True))

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        self.guards = {name: g for name, g in self.guards.items() if (folder / name).is_dir()}
        for name, guard in self.guards.items():
            guard.load(folder / name)
