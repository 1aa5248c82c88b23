"""Structures whose atoms say by a few of their features what they are, and a linear model that learns it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Row, Table

PLANTED = {"0": slice(0, 3), "1": slice(3, 6)}  # the features that are raised in atoms of a class
FEATURES = 16
STEPS, RATE = 200, 0.5
Floats = NDArray[np.float64]


def planted_atoms(rows: int = 6, atoms: int = 20, seed: int = 0) -> Table:
    """Structures of atoms of two classes, which differ in which features are large.

    Every row has `atoms`, float32 (atoms, 16), `target`, int64 (atoms), `explained`, six atoms, and
    the arrays of a structure: places on a line.
    """
    rng = np.random.default_rng(seed)
    columns: dict[str, list[NDArray[np.generic]]] = {}
    for _ in range(rows):
        features = rng.uniform(0.05, 0.2, size=(atoms, FEATURES)).astype(np.float32)
        target = rng.permutation(atoms) % 2
        for atom, number in enumerate(target.tolist()):
            features[atom, PLANTED[str(number)]] += 0.8
        made = {
            "atoms": features,
            "target": target,
            "explained": np.sort(rng.choice(atoms, size=6, replace=False)),
            "structure_numbers": np.full(atoms, 18, np.int32),
            "structure_positions": np.arange(atoms)[:, None] * np.array([3.0, 0, 0]),
            "structure_cell": np.zeros((3, 3)),
            "structure_pbc": np.zeros(3, dtype=bool),
        }
        for name, value in made.items():
            columns.setdefault(name, []).append(value)
    named = [Row(f"row-{i}", None, f"group-{i}", "planted") for i in range(rows)]
    return Table.of(named, **columns)


class LinearAtoms:
    """Softmax of a linear map of the features of each atom. It offers `atom-log-odds`."""

    classes = tuple(PLANTED)

    def __init__(self, weights: Floats) -> None:
        self.weights = weights  # (features, 2)

    def predict(self, features: Table) -> list[Floats]:
        """Class probabilities, (atoms, classes) for each row."""
        rows = range(len(features))
        return [_softmax(features.item("atoms", row) @ self.weights) for row in rows]

    def log_odds(self, features: Floats, classes: NDArray[np.int64]) -> Floats:
        """The logarithm of p / (1 - p) of a class, (atoms,)."""
        difference = features @ (self.weights[:, 1] - self.weights[:, 0])
        odds: Floats = np.where(classes == 1, difference, -difference)
        return odds

    def gradients(self, features: Floats, classes: NDArray[np.int64]) -> Floats:
        """The derivatives of `log_odds` by the features, (atoms, features)."""
        difference = self.weights[:, 1] - self.weights[:, 0]
        slopes: Floats = np.where(classes == 1, 1.0, -1.0)[:, None] * difference
        return slopes

    def with_random_weights(self, seed: int) -> LinearAtoms:
        """A copy that has learnt nothing: every weight is drawn anew."""
        drawn = np.random.default_rng(seed).normal(size=self.weights.shape)
        return LinearAtoms(drawn * self.weights.std())


def linear_atoms(table: Table) -> LinearAtoms:
    """Train the model on planted atoms, by steps down the gradient of the cross-entropy."""
    features = np.concatenate([table.item("atoms", row) for row in range(len(table))])
    truth = np.concatenate([table.item("target", row) for row in range(len(table))])
    wanted = np.eye(2)[truth]
    weights = np.zeros((features.shape[1], 2))
    for _ in range(STEPS):
        weights -= RATE * features.T @ (_softmax(features @ weights) - wanted) / len(features)
    return LinearAtoms(weights)


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares
