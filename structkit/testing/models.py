"""The suite for models of classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from structkit.data.table import Table
from structkit.testing.learning import LearningContract
from structkit.testing.materials import planted_images


class ModelContract(LearningContract):
    """A model learns sixteen samples by heart, predicts probabilities, and keeps `LearningContract`."""

    def features(self) -> Table:
        """Sixteen labelled rows; for another representation than `image`, override it."""
        return planted_images()

    def test_learns_by_heart(self, tmp_path: Path) -> None:
        model, table = self.fitted(tmp_path), self.features()
        guesses = [model.classes[i] for i in np.argmax(model.predict(table), axis=1)]
        right = np.mean(
            [guess == label for guess, label in zip(guesses, table.labels, strict=True)]
        )
        assert right == 1.0, (
            f"sixteen samples learnt to {right:.0%} only: the model or its training is wrong"
        )

    def test_probabilities_sum_to_one(self, tmp_path: Path) -> None:
        model, table = self.fitted(tmp_path), self.features()
        result = np.asarray(model.predict(table))
        assert result.shape == (len(table), len(model.classes)), "predict gives (rows, classes)"
        assert (result >= 0).all() and np.allclose(result.sum(axis=1), 1, atol=1e-5), (
            "rows are probabilities"
        )
        assert set(model.classes) == set(table.labels), "classes are the labels seen in training"
