"""Networks with one hidden layer after the other, as arrays: what they say needs numpy alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from structkit.store.files import write_bytes, write_text

Singles = NDArray[np.float32]
BLOCK = 1024  # atoms whose layers are in the cache at once


@dataclass(frozen=True)
class Networks:
    """Several networks of the same shape, which speak as one.

    Args:
        mean, scale: float32 (features,), by which features are standardised.
        weights: of each layer, float32 (networks, inputs, outputs).
        biases: of each layer, float32 (networks, outputs).
        classes: names, in the order of the outputs.
    """

    mean: Singles
    scale: Singles
    weights: tuple[Singles, ...]
    biases: tuple[Singles, ...]
    classes: tuple[str, ...]

    def log_probabilities(self, features: Singles) -> Singles:
        """The mean over the networks of the logarithms of probabilities, float32 (atoms, classes).

        Args:
            features: float32 (atoms, features).
        """
        result = np.empty((len(features), len(self.classes)), np.float32)
        for begin in range(0, len(features), BLOCK):
            some = slice(begin, begin + BLOCK)
            result[some] = self._block(features[some])
        return result

    def probabilities(self, features: Singles) -> Singles:
        """Probabilities, float32 (atoms, classes): the softmax of the mean logarithms."""
        return softmax(self.log_probabilities(features))

    def hidden(self, features: Singles) -> Singles:
        """The last hidden layers of all networks side by side, float32 (atoms, networks · units)."""
        values = (features - self.mean) * self.scale
        parts = [self._hidden(values, number) for number in range(len(self.weights[0]))]
        return np.concatenate(parts, axis=1)

    def _block(self, features: Singles) -> Singles:
        """The same of some atoms; classes run along the first axis, where sums over them are fast."""
        values = (features - self.mean) * self.scale
        total = np.zeros((len(self.classes), len(features)), np.float32)
        for number in range(len(self.weights[0])):
            last = self._hidden(values, number)
            logits = self.weights[-1][number].T @ last.T
            logits += self.biases[-1][number][:, None]
            logits -= log_sum(logits)
            total += logits
        total /= np.float32(len(self.weights[0]))
        return total.T

    def _hidden(self, values: Singles, number: int) -> Singles:
        for weights, biases in zip(self.weights[:-1], self.biases[:-1], strict=True):
            values = values @ weights[number]
            values += biases[number]
            values = silu(values)
        return values


def silu(values: Singles) -> Singles:
    """Give x / (1 + e^-x), in place of x."""
    down = np.negative(values)
    with np.errstate(over="ignore"):  # e^x is infinite from 89 on, and x / infinity is right
        np.exp(down, out=down)
    down += 1
    values /= down
    return values


def log_sum(logits: Singles) -> Singles:
    """The logarithm of Σ e^x over the first axis."""
    most = logits.max(axis=0)
    result: Singles = most + np.log(np.exp(logits - most).sum(axis=0))
    return result


def softmax(logits: Singles) -> Singles:
    """Give e^x / Σ e^x over the last axis, float32 (atoms, classes)."""
    turned = np.ascontiguousarray(logits.T)
    powers = np.exp(turned - turned.max(axis=0))
    powers /= powers.sum(axis=0)
    result: Singles = powers.T
    return result


def save_networks(folder: Path, networks: Networks, facts: Mapping[str, object]) -> None:
    """Write `weights.safetensors`, and `model.json` with the classes and further facts."""
    from safetensors.numpy import save

    arrays = {"mean": networks.mean, "scale": networks.scale}
    for layer, (weights, biases) in enumerate(zip(networks.weights, networks.biases, strict=True)):
        arrays[f"weights.{layer}"] = np.ascontiguousarray(weights)
        arrays[f"biases.{layer}"] = np.ascontiguousarray(biases)
    write_bytes(folder / "weights.safetensors", save(arrays))
    known = {**facts, "classes": list(networks.classes)}
    write_text(folder / "model.json", json.dumps(known, indent=1))


def load_networks(folder: Path) -> Networks:
    """Read what `save_networks` wrote."""
    from safetensors.numpy import load_file

    facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    arrays = load_file(folder / "weights.safetensors")
    layers = range(sum(name.startswith("weights.") for name in arrays))
    return Networks(
        arrays["mean"],
        arrays["scale"],
        tuple(arrays[f"weights.{layer}"] for layer in layers),
        tuple(arrays[f"biases.{layer}"] for layer in layers),
        tuple(facts["classes"]),
    )
