"""The model `atom-logistic`: a class for each atom."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from structkit import DataError, Problem, RunContext, Table
from structkit.data.npy import save_array
from structkit.library import component, configured
from structkit.store.files import write_text
from structkit_baselines.features import Matrix, both_rows
from structkit_baselines.settings import AtomLogisticSettings

UNKNOWN = -1  # an atom of which nothing is known


@component
class AtomLogistic:
    """Multinomial logistic regression on standardised features of atoms, by scikit-learn.

    As `logistic-regression`, with each atom for itself: it learns from all atoms of the training
    part whose class is known (not -1), and gives probabilities for every atom of a row. Atoms of
    one structure are alike, so their number says little of how sure a score is: intervals are over
    groups of structures.

    Args:
        settings: the words of `AtomLogisticSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import bulk
        >>> from structkit import Row, Table, train
        >>> from structkit_baselines import AtomLogistic
        >>> from structkit_local_structure import BondCosines
        >>> crystals = [bulk("Cu", cubic=True), bulk("Mg")]
        >>> features = [BondCosines()(crystal)["atoms"] for crystal in crystals]
        >>> truth = [np.full(len(atoms), number) for number, atoms in enumerate(features)]
        >>> table = Table.of([Row("Cu"), Row("Mg")], atoms=features, target=truth)
        >>> model = AtomLogistic()
        >>> records = train(model, table)
        >>> [one.argmax(axis=1).tolist() for one in model.predict(table)]
        [[0, 0, 0, 0], [1, 1]]
    """

    @configured(AtomLogisticSettings)
    def __init__(self, settings: AtomLogisticSettings) -> None:
        self.settings = settings
        self.classes: tuple[str, ...] = ()
        self.mean, self.spread = np.zeros(0), np.ones(0)
        self.weights, self.bias = np.zeros((0, 0)), np.zeros(0)

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Fit on all atoms whose class is known; yield one record with the losses per atom.

        Args:
            train: for each row `atoms`, (atoms, features), and `target`, int64 (atoms), which is
                -1 for an atom without a class.
            valid: the same of other rows, for the record.
            context: not used: nothing is drawn.

        Raises:
            DataError: D001, the atoms of the training rows are of one class.
        """
        from sklearn.linear_model import LogisticRegression

        features, numbers = known_atoms(train)
        found = np.unique(numbers)
        if len(found) < 2:
            message = f"the training rows have atoms of {len(found)} classes"
            fix = "a classifier needs ≥ 2: add structures with atoms of another class"
            raise DataError(Problem("D001", message, fix=fix))
        self.classes = tuple(map(str, found.tolist()))
        self.mean, self.spread = features.mean(axis=0), features.std(axis=0)
        self.spread[self.spread == 0] = 1.0
        model = LogisticRegression(C=self.settings.strength, max_iter=self.settings.iterations)
        model.fit(self._standardised(features), numbers)
        self.weights = both_rows(model.coef_)
        self.bias = both_rows(model.intercept_[:, None])[:, 0]
        yield self._record(train, valid)

    def predict(self, features: Table) -> list[Matrix]:
        """Give class probabilities: for each row float64 (atoms, classes)."""
        return [self._probabilities(features.item("atoms", row)) for row in range(len(features))]

    def save(self, folder: Path) -> None:
        """Write arrays and JSON into a folder."""
        for name in ("mean", "spread", "weights", "bias"):
            save_array(folder / f"{name}.npy", getattr(self, name))
        write_text(folder / "model.json", json.dumps({"classes": self.classes}))

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        self.classes = tuple(facts["classes"])
        for name in ("mean", "spread", "weights", "bias"):
            setattr(self, name, np.load(folder / f"{name}.npy", allow_pickle=False))

    def _standardised(self, features: NDArray[Any]) -> Matrix:
        result: Matrix = (features - self.mean) / self.spread
        return result

    def _probabilities(self, features: NDArray[Any]) -> Matrix:
        result: Matrix = softmax(self._standardised(features) @ self.weights.T + self.bias, axis=1)
        return result

    def _record(self, train: Table, valid: Table) -> dict[str, float]:
        record = {"epoch": 1.0, "train_loss": self._loss(*known_atoms(train))}
        if len(valid):
            record["valid_loss"] = self._loss(*known_atoms(valid))
        return record

    def _loss(self, features: Matrix, numbers: NDArray[np.int64]) -> float:
        """The mean cross-entropy of atoms; those of a class that was never shown are left out."""
        classes = np.array([int(name) for name in self.classes])
        shown = np.isin(numbers, classes)
        place = np.searchsorted(classes, numbers[shown])
        right = self._probabilities(features[shown])[np.arange(len(place)), place]
        return float(-np.log(np.clip(right, 1e-12, None)).mean()) if len(place) else 0.0


def known_atoms(table: Table) -> tuple[Matrix, NDArray[np.int64]]:
    """Collect the atoms whose class is known.

    Returns:
        Features, float64 (atoms, features), and classes, int64 (atoms).
    """
    features, numbers = [], []
    for row in range(len(table)):
        target = table.item("target", row)
        known = target != UNKNOWN
        features.append(table.item("atoms", row)[known].astype(np.float64))
        numbers.append(target[known])
    return np.concatenate(features), np.concatenate(numbers)
