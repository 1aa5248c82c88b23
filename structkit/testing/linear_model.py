"""A linear model that learns planted images in a moment: for explainers that only ask to predict."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Table

STEPS, RATE = 200, 0.01
Floats = NDArray[np.float64]


class LinearModel:
    """Softmax of a linear map of the pixels. It offers nothing but predictions."""

    def __init__(self, weights: Floats, classes: tuple[str, ...]) -> None:
        self.weights, self.classes = weights, classes

    def predict(self, features: Table) -> Floats:
        """Class probabilities, (rows, classes)."""
        return _softmax(_pixels(features) @ self.weights)

    def with_random_weights(self, seed: int) -> LinearModel:
        """A copy that has learnt nothing: every weight is drawn anew."""
        drawn = np.random.default_rng(seed).normal(size=self.weights.shape)
        return LinearModel(drawn * self.weights.std(), self.classes)


def linear_model(table: Table) -> LinearModel:
    """Train the model on a table of images, by steps down the gradient of the cross-entropy."""
    classes = tuple(sorted(set(table.labels)))
    pixels = _pixels(table)
    truth = np.array(table.labels)[:, None] == np.array(classes)
    weights = np.zeros((pixels.shape[1], len(classes)))
    for _ in range(STEPS):
        weights -= RATE * pixels.T @ (_softmax(pixels @ weights) - truth) / len(pixels)
    return LinearModel(weights, classes)


def _pixels(table: Table) -> Floats:
    """Images as (rows, pixels)."""
    pixels: Floats = table.stack("image").reshape(len(table), -1).astype(np.float64)
    return pixels


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares
