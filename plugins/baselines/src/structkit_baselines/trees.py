"""The model `extra-trees`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from structkit import RunContext, Table
from structkit.library import component, configured
from structkit.store.files import write_text
from structkit_baselines.features import Matrix, matrix
from structkit_baselines.forest import Forest
from structkit_baselines.numbers import check_rows, check_width, numbers, record
from structkit_baselines.settings import TreesSettings

SEEDS = 2**32  # scikit-learn takes no larger ones


@component
class ExtraTrees:
    """Extremely randomised regression trees, grown by scikit-learn.

    Each of `trees` trees parts the training rows at places drawn at random, of which it takes the
    best, down to `min_leaf` rows; the number said is the mean over the trees. `spread` is the
    standard deviation of the trees: it tells uncertain rows from certain ones, and is no interval
    (a guard `conformal` makes one of it). Trees never say more than the largest number they have
    learnt from, nor less than the smallest: they do not extrapolate.

    Source: P. Geurts et al., Mach. Learn. 63, 3 (2006).

    Args:
        settings: the words of `TreesSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit import Row, Table, train
        >>> from structkit_baselines import ExtraTrees
        >>> x = np.linspace(0, 1, 40)
        >>> table = Table.of([Row(f"row {i}") for i in range(40)], vector=x[:, None], target=x**2)
        >>> model = ExtraTrees(trees=50)
        >>> records = train(model, table)
        >>> said = model.predict(Table.of([Row("new")], vector=[[2.0]]))
        >>> sorted(said), bool(said["value"][0] <= 1.0)
        (['spread', 'value'], True)
    """

    @configured(TreesSettings)
    def __init__(self, settings: TreesSettings) -> None:
        self.settings = settings
        self.forest = Forest.of([])
        self.width = 0

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Grow the trees; yields one record with the mean squared errors.

        Raises:
            DataError: D041, fewer rows than two leaves need.
        """
        from sklearn.ensemble import ExtraTreesRegressor

        check_rows(train, 2 * self.settings.min_leaf)
        model = ExtraTreesRegressor(
            self.settings.trees,
            min_samples_leaf=self.settings.min_leaf,
            max_features=self.settings.max_features,
            random_state=context.seed % SEEDS,
            n_jobs=context.threads,
        )
        features = matrix(train)
        model.fit(features, numbers(train))
        self.forest = Forest.of([tree.tree_ for tree in model.estimators_])
        self.width = features.shape[1]
        yield record(self, train, valid)

    def predict(self, features: Table) -> dict[str, Matrix]:
        """Say a number of every row.

        Returns:
            `value`: float64 (rows,), the mean over the trees.
            `spread`: float64 (rows,), the standard deviation over the trees; not calibrated.
        """
        if len(features) == 0:
            return {"value": np.zeros(0), "spread": np.zeros(0)}
        rows = matrix(features)
        check_width(rows, self.width)
        said = self.forest.predict(rows)
        return {"value": said.mean(axis=1), "spread": said.std(axis=1)}

    def save(self, folder: Path) -> None:
        """Write arrays and JSON into a folder."""
        self.forest.save(folder)
        write_text(folder / "model.json", json.dumps({"width": self.width}))

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        self.width = json.loads((folder / "model.json").read_text(encoding="utf-8"))["width"]
        self.forest = Forest.load(folder)
