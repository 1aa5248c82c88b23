"""Probabilities that are as often right as they say: a temperature, and a bias for each class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

Floats = NDArray[np.float64]
TINY = 1e-30  # a probability of zero has no logarithm
STEPS = (-4.0, 6.0)  # of the logarithm of the temperature: from 0.018 to 403


@dataclass(frozen=True)
class Temperature:
    """p = softmax(log p / temperature + bias): Guo et al., ICML 2017, section 4.2.

    Args:
        temperature: above one where the model was too sure.
        bias: one for each class, all zero with a temperature alone.
    """

    temperature: float
    bias: Floats

    def __call__(self, probabilities: Floats) -> Floats:
        """Calibrated probabilities, (rows, classes), of those of the model."""
        logits = np.log(np.maximum(probabilities, TINY))
        calibrated: Floats = softmax(logits / self.temperature + self.bias, axis=1)
        return calibrated


def fit_temperature(
    probabilities: Floats,
    truth: NDArray[np.int64],
    groups: Sequence[str],
    free: Sequence[bool] = (),
) -> Temperature:
    """Find what makes the calibration rows most likely, each group counting once.

    The logarithm of the temperature and the biases have a normal prior of unit width, which weighs
    as much as one group: where every row is right, the likeliest temperature alone would be zero,
    and every probability one.

    Args:
        probabilities: (rows, classes) of the model.
        truth: (rows), the place of the true class.
        groups: of every row.
        free: for each class whether it gets a bias of its own; none unless given.
    """
    from scipy.optimize import minimize  # a third of a second, which predictions need not pay

    logits = np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), TINY))
    weights = group_weights(groups)
    chosen = np.flatnonzero(np.asarray(free, dtype=bool))
    rows, count = np.arange(len(truth)), len(set(groups))

    def bias_of(parameters: Floats) -> Floats:
        bias = np.zeros(logits.shape[1])
        bias[chosen] = parameters[1:]
        return bias

    def loss(parameters: Floats) -> float:
        scaled = logits * np.exp(-parameters[0]) + bias_of(parameters)
        likelihood = log_softmax(scaled, axis=1)[rows, truth]
        return float(0.5 * (parameters**2).sum() / count - weights @ likelihood)

    bounds = [STEPS, *[(-10.0, 10.0)] * len(chosen)]
    found = minimize(loss, np.zeros(1 + len(chosen)), method="L-BFGS-B", bounds=bounds).x
    return Temperature(float(np.exp(found[0])), bias_of(found))


def group_weights(groups: Sequence[str]) -> Floats:
    """A weight for every row, so that groups weigh the same and all together one."""
    _, place, counts = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    weights: Floats = 1.0 / (counts[place] * len(counts))
    return weights
