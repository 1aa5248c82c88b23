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
from structkit_guards.features import features_of, fixed_arrays, views_of
from structkit_guards.groups import GroupedScores, check_enough
from structkit_guards.settings import NoveltySettings

SPACE = ("mean", "scale", "projection", "factor", "centres", "rows")
BLOCK = 256  # rows that are looked at together
TYPICAL = 0.9  # share of held-out rows that are within a distance of one
Floats = NDArray[np.float64]


@component
class Novelty:
    r"""How unlike the training data a row is, as a p-value calibrated on groups that were held out.

    The score is a distance to the mean μ of the nearest class, in standard deviations within
    classes, with the covariance Σ shrunk as Ledoit and Wolf do:

    $$
    d(x) = \min_c \sqrt{(x - \mu_c)^\top \Sigma^{-1} (x - \mu_c)}
    $$

    Distances are taken where the model sees rows: in its own features (the capability `features`:
    a network's last hidden layer), and in what it reads. A network may make the same of what it
    has never seen as of a class: then only what it reads tells them apart. Each is in units of
    what nine held-out rows in ten lie within, and the larger one counts. `method: neighbours`
    takes the distance to the nearest training rows. More than 2,048 features are projected at
    random first.

    Of what is known, at most a share `false_alarms` is refused; how many strangers are noticed is
    no theorem, but measured. It sees what the model sees: where the features of two things are the
    same, no distance tells them apart.

    Source: K. Lee et al., NeurIPS 2018; O. Ledoit and M. Wolf, J. Multivariate Anal. 88, 365
    (2004).

    Args:
        settings: the words of `NoveltySettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit import Evidence, Row, RunContext, Table
        >>> from structkit_guards import Novelty
        >>> rng = np.random.default_rng(0)
        >>> truth = np.arange(200) % 2
        >>> points = rng.normal(size=(200, 3)) + 8 * truth[:, None]
        >>> rows = [Row(f"row {i}", "ab"[t], group=f"group {i // 5}") for i, t in enumerate(truth)]
        >>> said = {"probabilities": np.eye(2)[truth]}
        >>> seen = Evidence(Table.of(rows, vector=points), said, truth, ("a", "b"))
        >>> guard = Novelty(features="inputs")
        >>> guard.fit(None, seen, seen, RunContext(seed=1, rng=rng, scratch=None))
        >>> strange = Table.of([Row("far"), Row("near")], vector=[[50, -50, 0], [8, 8, 8]])
        >>> new = Evidence(strange, {"probabilities": np.eye(2)}, np.array([-1, -1]))
        >>> guard.judge(None, new)["novel"]
        array([ True, False])
    """

    @configured(NoveltySettings)
    def __init__(self, settings: NoveltySettings) -> None:
        self.settings = settings
        self.spaces: dict[str, Whitened] = {}
        self.units: dict[str, float] = {}  # of the distances in each space
        self.arrays: tuple[str, ...] = ()  # of the inputs that are compared
        self.scores: GroupedScores | None = None

    def fit(self, model: Any, learnt: Evidence, calibration: Evidence, context: RunContext) -> None:
        """Learn where the training rows lie, and how far from there held-out rows are.

        Raises:
            DataError: D050, too few calibration groups; D051, constant features; D005, one that is
                no number; D052, features of another length in each row.
        """
        check_enough(calibration.features.groups, 1.0 - self.settings.false_alarms)
        strata = learnt.truth if learnt.classes else np.zeros(len(learnt), dtype=np.int64)
        self.arrays = fixed_arrays(learnt.features)
        for view in views_of(model, self.arrays, self.settings.features):
            features = features_of(model, learnt, view, self.arrays)
            self.spaces[view] = Whitened.fit(features, strata, context.seed % 2**32)
            held_out = self._distance_in(view, model, calibration)
            self.units[view] = max(float(np.quantile(held_out, TYPICAL)), 1e-12)
        self.scores = GroupedScores(self._distance(model, calibration), calibration.features.groups)

    def judge(self, model: Any, rows: Evidence) -> Mapping[str, NDArray[Any]]:
        """What is to be thought of rows.

        Returns:
            `novelty`, a p-value a row, small where it is unlike; `novel`, bool; `distance`, within
            which nine held-out rows in ten are at one.
        """
        if self.scores is None:
            raise ValueError("fit or load the guard first")
        distance = self._distance(model, rows)
        p = self.scores.p_values(distance)
        novel = p <= self.settings.false_alarms + 1e-9
        return {"novelty": p, "novel": novel, "distance": distance}

    def _distance(self, model: Any, rows: Evidence) -> Floats:
        """The larger of the distances in all spaces, each in its unit."""
        several = [self._distance_in(v, model, rows) / self.units[v] for v in self.spaces]
        largest: Floats = np.max(several, axis=0)
        return largest

    def _distance_in(self, view: str, model: Any, rows: Evidence) -> Floats:
        """Block by block: images of all rows in double precision would be gigabytes."""
        starts = range(0, max(len(rows), 1), BLOCK)
        blocks = [np.arange(start, min(start + BLOCK, len(rows))) for start in starts]
        parts = [self._distance_of(view, model, rows.select(block)) for block in blocks]
        return np.concatenate(parts)

    def _distance_of(self, view: str, model: Any, rows: Evidence) -> Floats:
        space = self.spaces[view]
        white = space(features_of(model, rows, view, self.arrays))
        if self.settings.method == "neighbours":
            return space.to_rows(white, self.settings.neighbours)
        return space.to_classes(white)

    def save(self, folder: Path) -> None:
        """Write arrays and JSON into a folder."""
        if self.scores is None:
            raise ValueError("fit or load the guard first")
        kept: dict[str, NDArray[Any]] = state.arrays_of(self.scores, "held_out")
        for view, space in self.spaces.items():
            kept |= {f"{view}_{name}": getattr(space, name) for name in SPACE}
            if self.settings.method != "neighbours":  # not asked for again
                kept[f"{view}_rows"] = np.zeros((0, space.rows.shape[1]))
        state.write(folder, {"arrays": list(self.arrays), "units": self.units}, **kept)

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        facts, arrays = state.read(folder)
        self.arrays, self.units = tuple(facts["arrays"]), dict(facts["units"])
        for view in self.units:
            self.spaces[view] = Whitened(**{name: arrays[f"{view}_{name}"] for name in SPACE})
        self.scores = state.scores_of(arrays, "held_out")
