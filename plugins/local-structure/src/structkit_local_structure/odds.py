"""How sure networks are of a class, and which features that hangs on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from structkit_local_structure.network import Networks, Singles, log_sum, softmax

Ints = NDArray[np.int64]


def log_odds(networks: Networks, features: Singles, classes: Ints) -> Singles:
    """The logarithm of p / (1 - p) of a class, which goes on growing where p is all but one.

    Args:
        networks: which speak as one.
        features: float32 (atoms, features).
        classes: int64 (atoms,), the place of the class that is asked about.

    Returns:
        float32 (atoms,).
    """
    logs = networks.log_probabilities(features)
    own = logs[np.arange(len(logs)), classes]
    result: Singles = own - log_sum(_others(logs, classes).T)
    return result


def gradients(networks: Networks, features: Singles, classes: Ints) -> Singles:
    """The derivatives of `log_odds` by the features, float32 (atoms, features); arguments as there."""
    logs = networks.log_probabilities(features)
    by_logs = -softmax(_others(logs, classes))
    by_logs[np.arange(len(logs)), classes] = 1
    values = (features - networks.mean) * networks.scale
    count = len(networks.weights[0])
    total = np.zeros_like(values)
    for number in range(count):
        total += _backwards(networks, number, values, by_logs)
    result: Singles = total * networks.scale / np.float32(count)
    return result


def _others(logs: Singles, classes: Ints) -> Singles:
    """Logarithms of probabilities, but of the class that is asked about none."""
    others = logs.copy()
    others[np.arange(len(logs)), classes] = -np.inf
    return others


def _backwards(networks: Networks, number: int, values: Singles, by_logs: Singles) -> Singles:
    """What one network makes of derivatives by its outputs: those by its inputs.

    The derivatives by all logarithms of probabilities sum to nothing, so that those by the outputs
    before they were normalised are the same.
    """
    layers = list(zip(networks.weights, networks.biases, strict=True))
    slopes = []
    for weights, biases in layers[:-1]:
        inputs = values @ weights[number] + biases[number]
        share = 1 / (1 + np.exp(-np.clip(inputs, -60, 60)))
        slopes.append(share * (1 + inputs * (1 - share)))  # of x / (1 + e^-x)
        values = inputs * share
    result: Singles = by_logs @ layers[-1][0][number].T
    for (weights, _), slope in zip(layers[-2::-1], slopes[::-1], strict=True):
        result = (result * slope) @ weights[number].T
    return result
