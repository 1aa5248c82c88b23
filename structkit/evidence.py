"""`Evidence`: rows with what a model says of them, as a guard is given them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from structkit.data.columns import Array
from structkit.data.table import Table

FEATURES = "features"  # among what is predicted: where the model sees the rows
UNKNOWN = -1  # the place of a class that the model does not know


@dataclass(frozen=True)
class Evidence:
    """Rows, what a model says of them, and what is known of them.

    Args:
        features: the rows as the model reads them; `features.groups` are their groups.
        predicted: arrays of what it says: `probabilities` (rows, classes), or `value` (rows) and
            perhaps `spread` (rows); of a model that offers it, `features` (rows, features), where it
            sees the rows.
        truth: of classes the place of the true one, int64 (rows), -1 for one that the model does
            not know or where none is known; of numbers float64 (rows), NaN where none is known.
        classes: of the model, in the order of the probabilities; none for numbers.
    """

    features: Table
    predicted: Mapping[str, Array]
    truth: Array
    classes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.features)

    @property
    def known(self) -> Array:
        """Whether the truth of each row is one that the model could say, bool (rows)."""
        return self.truth != UNKNOWN if self.classes else np.isfinite(self.truth)

    def select(self, rows: Array) -> Evidence:
        """Some of the rows, by their places."""
        predicted = {name: values[rows] for name, values in self.predicted.items()}
        return Evidence(self.features.select(rows), predicted, self.truth[rows], self.classes)


def places_of(labels: list[str | None], classes: tuple[str, ...]) -> Array:
    """The place of every label among a model's classes, int64 (rows); -1 for another one, or none."""
    order = {name: place for place, name in enumerate(classes)}
    return np.array([order.get(str(label), UNKNOWN) for label in labels], dtype=np.int64)
