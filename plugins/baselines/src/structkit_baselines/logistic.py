"""The model `logistic-regression`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from scipy.special import softmax

from structkit import RunContext, Table
from structkit.data.npy import save_array
from structkit.library import component, configured
from structkit.store.files import write_text
from structkit_baselines.features import Matrix, both_rows, codes, log_loss, matrix
from structkit_baselines.settings import LogisticSettings


@component
class LogisticClassifier:
    r"""Multinomial logistic regression on the flattened features, by scikit-learn.

    $$
    p_c(x) = \frac{\exp(w_c \cdot x + b_c)}{\sum_k \exp(w_k \cdot x + b_k)}
    $$

    with weights that make the training rows likeliest, less |w|² / 2C with C = `strength`.
    Features are first scaled to a mean square of one. It draws straight lines: what no linear
    function of the features tells apart, it does not. A network that is no better has learnt
    nothing that needs a network.

    Args:
        settings: the words of `LogisticSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit import Row, Table, train
        >>> from structkit_baselines import LogisticClassifier
        >>> points = np.random.default_rng(0).normal(size=(40, 3))
        >>> labels = np.where(points[:, 0] < 0, "left", "right")
        >>> rows = [Row(f"row {i}", str(label)) for i, label in enumerate(labels)]
        >>> model, table = LogisticClassifier(), Table.of(rows, vector=points)
        >>> records = train(model, table)
        >>> model.classes, model.predict(table).shape
        (('left', 'right'), (40, 2))
    """

    @configured(LogisticSettings)
    def __init__(self, settings: LogisticSettings) -> None:
        self.settings = settings
        self.classes: tuple[str, ...] = ()
        self.scale, self.weights, self.bias = 1.0, np.zeros((0, 0)), np.zeros(0)

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Fit on labelled rows; yields one record with the losses."""
        from sklearn.linear_model import LogisticRegression

        self.classes = tuple(sorted(set(train.labels)))
        features = matrix(train)
        self.scale = float(np.sqrt(np.mean(features**2))) or 1.0
        model = LogisticRegression(C=self.settings.strength, max_iter=self.settings.iterations)
        model.fit(features / self.scale, codes(train.labels, self.classes))
        self.weights, self.bias = both_rows(model.coef_), both_rows(model.intercept_[:, None])[:, 0]
        yield _record(self, train, valid)

    def predict(self, features: Table) -> Matrix:
        """Class probabilities, (rows, classes)."""
        if len(features) == 0:
            return np.zeros((0, len(self.classes)))
        result: Matrix = softmax(matrix(features) / self.scale @ self.weights.T + self.bias, axis=1)
        return result

    def save(self, folder: Path) -> None:
        """Write arrays and JSON into a folder."""
        save_array(folder / "weights.npy", self.weights)
        save_array(folder / "bias.npy", self.bias)
        write_text(
            folder / "model.json", json.dumps({"classes": self.classes, "scale": self.scale})
        )

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        self.classes, self.scale = tuple(facts["classes"]), facts["scale"]
        self.weights = np.load(folder / "weights.npy", allow_pickle=False)
        self.bias = np.load(folder / "bias.npy", allow_pickle=False)


def _record(model: LogisticClassifier, train: Table, valid: Table) -> dict[str, float]:
    record = {
        "epoch": 1.0,
        "train_loss": log_loss(model.predict(train), train.labels, model.classes),
    }
    if len(valid):
        record["valid_loss"] = log_loss(model.predict(valid), valid.labels, model.classes)
    return record
