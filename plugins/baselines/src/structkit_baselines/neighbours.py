"""The model `nearest-neighbours`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem, RunContext, Table
from structkit.data.npy import save_array
from structkit.library import component, configured
from structkit.store.files import write_text
from structkit_baselines.features import Matrix, codes, log_loss, matrix
from structkit_baselines.settings import NeighbourSettings


@component
class NearestNeighbours:
    """The vote of the nearest training rows by Euclidean distance, by scikit-learn.

    Args:
        settings: the words of `NeighbourSettings`.
    """

    @configured(NeighbourSettings)
    def __init__(self, settings: NeighbourSettings) -> None:
        self.settings = settings
        self.classes: tuple[str, ...] = ()
        self.features: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self.labels: NDArray[np.int64] = np.zeros(0, np.int64)

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Remember the labelled rows; yields one record with the validation loss.

        Raises:
            DataError: D041, fewer rows than neighbours.
        """
        if self.settings.neighbours > len(train):
            message = f"neighbours {self.settings.neighbours} > {len(train)} training rows"
            raise DataError(Problem("D041", message, fix="lower neighbours"))
        self.classes = tuple(sorted(set(train.labels)))
        self.features = matrix(train).astype(np.float32)
        self.labels = codes(train.labels, self.classes)
        record = {
            "epoch": 1.0,
            "train_loss": log_loss(self.predict(train), train.labels, self.classes),
        }
        if len(valid):
            record["valid_loss"] = log_loss(self.predict(valid), valid.labels, self.classes)
        yield record

    def predict(self, features: Table) -> Matrix:
        """Fractions of the votes, (rows, classes)."""
        from sklearn.neighbors import KNeighborsClassifier

        if len(features) == 0:
            return np.zeros((0, len(self.classes)))
        model = KNeighborsClassifier(self.settings.neighbours, algorithm="brute")
        result: Matrix = model.fit(self.features, self.labels).predict_proba(
            matrix(features).astype(np.float32)
        )
        return result

    def save(self, folder: Path) -> None:
        """Write arrays and JSON into a folder."""
        save_array(folder / "features.npy", self.features)
        save_array(folder / "labels.npy", self.labels)
        write_text(folder / "model.json", json.dumps({"classes": self.classes}))

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        self.classes = tuple(
            json.loads((folder / "model.json").read_text(encoding="utf-8"))["classes"]
        )
        self.features = np.load(folder / "features.npy", allow_pickle=False)
        self.labels = np.load(folder / "labels.npy", allow_pickle=False)
