"""The model `ridge`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from structkit import RunContext, Table
from structkit.data.npy import save_array
from structkit.library import component, configured
from structkit.store.files import write_text
from structkit_baselines.features import Matrix, matrix
from structkit_baselines.numbers import check_rows, check_width, numbers, record
from structkit_baselines.settings import RidgeSettings


@component
class RidgeRegression:
    r"""A linear function of the standardised features, its weights penalised, by scikit-learn.

    $$
    y(x) = w \cdot x + b, \qquad \sum_i (y_i - y(x_i))^2 + \alpha |w|^2 \to \min
    $$

    with α = `penalty`. It is the straight line that stands beside every model of numbers. Unlike
    trees it extrapolates, rightly where the number is linear in the features and wrongly
    elsewhere.

    Args:
        settings: the words of `RidgeSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit import Row, Table, train
        >>> from structkit_baselines import RidgeRegression
        >>> x = np.linspace(0, 1, 40)
        >>> table = Table.of([Row(f"row {i}") for i in range(40)], vector=x[:, None], target=3 * x)
        >>> model = RidgeRegression(penalty=0.001)
        >>> records = train(model, table)
        >>> model.predict(Table.of([Row("new")], vector=[[2.0]]))["value"].round(2)
        array([6.])
    """

    @configured(RidgeSettings)
    def __init__(self, settings: RidgeSettings) -> None:
        self.settings = settings
        self.weights, self.bias = np.zeros(0), 0.0

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Fit the weights; yields one record with the mean squared errors.

        Raises:
            DataError: D041, fewer than two rows.
        """
        from sklearn.linear_model import Ridge

        check_rows(train, 2)
        features = matrix(train)
        mean, scale = features.mean(axis=0), _scale(features)
        model = Ridge(alpha=self.settings.penalty)
        model.fit((features - mean) / scale, numbers(train))
        self.weights = model.coef_ / scale  # of the features as they are
        self.bias = float(model.intercept_ - self.weights @ mean)
        yield record(self, train, valid)

    def predict(self, features: Table) -> dict[str, Matrix]:
        """Say a number of every row: `value`, float64 (rows,)."""
        if len(features) == 0:
            return {"value": np.zeros(0)}
        rows = matrix(features)
        check_width(rows, len(self.weights))
        return {"value": rows @ self.weights + self.bias}

    def save(self, folder: Path) -> None:
        """Write arrays and JSON into a folder."""
        save_array(folder / "weights.npy", self.weights)
        write_text(folder / "model.json", json.dumps({"bias": self.bias}))

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        self.bias = json.loads((folder / "model.json").read_text(encoding="utf-8"))["bias"]
        self.weights = np.load(folder / "weights.npy", allow_pickle=False)


def _scale(features: Matrix) -> Matrix:
    """Standard deviation of each feature, (features,); 1 for one that is constant."""
    deviation: Matrix = features.std(axis=0)
    constant = deviation <= 1e-12 * np.abs(features).max(axis=0)
    return np.where(constant, 1.0, deviation)
