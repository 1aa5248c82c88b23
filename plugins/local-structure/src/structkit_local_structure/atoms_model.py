"""The model `environment-network`: a class for each atom, by small networks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem, RunContext, Table
from structkit.library import component, configured
from structkit_local_structure import odds
from structkit_local_structure.learning import Lessons, as_networks, trained
from structkit_local_structure.network import Networks, load_networks, save_networks
from structkit_local_structure.settings import NetworkSettings

Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
UNKNOWN = -1  # an atom of which nothing is known


@component
class EnvironmentNetwork:
    r"""Small networks on the features of single atoms, which say the class of each as one.

    Their mean logarithms of probabilities count,

    $$
    \log p_c(x) = \frac{1}{n} \sum_{i=1}^{n} \log p_c^{(i)}(x) + \text{const}
    $$

    over `networks` networks of SiLU layers on standardised features, each with its own random
    start. Atoms of a kind (the label of their structure) and class count by the square root of
    their number, times `weights`; then every class counts alike, times `class_weights`. Learning
    needs torch; predicting does not.

    Each atom is said by its own surroundings alone; neighbours that are said otherwise do not
    change that. A class that is not among those learnt from is said to be one of them: a class of
    others (`ordered-distortions`) and a guard belong beside it.

    Args:
        settings: the words of `NetworkSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import bulk
        >>> from structkit import Row, Table, train
        >>> from structkit_local_structure import BondCosines, EnvironmentNetwork
        >>> crystals = [bulk("Cu", cubic=True).repeat(3), bulk("Mg").repeat(3)]
        >>> for crystal in crystals:
        ...     crystal.rattle(0.05, seed=1)
        >>> features = [BondCosines()(crystal)["atoms"] for crystal in crystals]
        >>> truth = [np.full(len(atoms), number) for number, atoms in enumerate(features)]
        >>> table = Table.of([Row("Cu", "bulk"), Row("Mg", "bulk")], atoms=features, target=truth)
        >>> model = EnvironmentNetwork(hidden=[16], networks=2, epochs=60)
        >>> records = train(model, table)
        >>> said = [one.argmax(axis=1) for one in model.predict(table)]
        >>> [bool((classes == number).mean() > 0.9) for number, classes in enumerate(said)]
        [True, True]
    """

    @configured(NetworkSettings)
    def __init__(self, settings: NetworkSettings) -> None:
        self.settings = settings
        self.classes: tuple[str, ...] = ()
        self.networks: Networks | None = None

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Learn from all atoms whose class is known; yields a record an epoch.

        Args:
            train: for each row `atoms`, (atoms, features), and `target`, int64 (atoms), which is
                -1 for an atom without a class.
            valid: the same of other rows, for the record.
            context: seed and threads.

        Raises:
            DataError: D001, the atoms of the training rows are of one class.
            StepError: P010, no torch; P012, the loss became NaN or infinite.
        """
        features, classes, kinds = known_atoms(train)
        found = np.unique(classes)
        if len(found) < 2:
            message = f"the training rows have atoms of {len(found)} classes"
            fix = "a classifier needs ≥ 2: add structures with atoms of another class"
            raise DataError(Problem("D001", message, fix=fix))
        self.classes = tuple(map(str, found.tolist()))
        mean = features.mean(axis=0, dtype=np.float64).astype(np.float32)
        spread = features.std(axis=0, dtype=np.float64).astype(np.float32)
        scale = (1 / np.where(spread == 0, 1, spread)).astype(np.float32)
        lessons = self._lessons(features, classes, kinds, mean, scale)
        none = (features[:0], classes[:0], kinds[:0])
        seen = known_atoms(valid, found) if len(valid) else none
        watched = self._lessons(*seen, mean, scale)
        layers: list[Any] = []
        yield from trained(lessons, watched, self.settings, self.classes, context, layers)
        self.networks = as_networks(layers, mean, scale, self.classes)

    def predict(self, features: Table) -> list[NDArray[np.float32]]:
        """Give class probabilities: for each row float32 (atoms, classes)."""
        rows = range(len(features))
        return [self._trained().probabilities(features.item("atoms", row)) for row in rows]

    def log_odds(self, features: Singles, classes: Ints) -> Singles:
        """As `structkit_local_structure.odds.log_odds`."""
        return odds.log_odds(self._trained(), features, classes)

    def gradients(self, features: Singles, classes: Ints) -> Singles:
        """As `structkit_local_structure.odds.gradients`."""
        return odds.gradients(self._trained(), features, classes)

    def save(self, folder: Path) -> None:
        """Write weights (safetensors) and classes (JSON) into a folder."""
        save_networks(folder, self._trained(), {"format": 1})

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        self.networks = load_networks(folder)
        self.classes = self.networks.classes

    def with_random_weights(self, seed: int) -> Self:
        """A copy that has learnt nothing: every weight is drawn anew, as large as they are."""
        own, rng = self._trained(), np.random.default_rng(seed)
        twin = type(self)(**json.loads(self.settings.model_dump_json()))
        weights = tuple(
            (rng.normal(size=w.shape) * w.std()).astype(np.float32) for w in own.weights
        )
        twin.networks = Networks(own.mean, own.scale, weights, own.biases, own.classes)
        twin.classes = own.classes
        return twin

    def _trained(self) -> Networks:
        if self.networks is None:
            raise ValueError("the model is not trained: call fit or load first")
        return self.networks

    def _lessons(self, features: NDArray[np.float32], classes: NDArray[np.int64],
                 kinds: NDArray[np.str_], mean: NDArray[np.float32],
                 scale: NDArray[np.float32]) -> Lessons:  # fmt: skip
        names = np.array([int(name) for name in self.classes])
        weights = atom_weights(classes, kinds, self.settings)
        features -= mean
        features *= scale
        return Lessons(features, np.searchsorted(names, classes), weights)


def known_atoms(
    table: Table, allowed: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.str_]]:
    """Collect the atoms whose class is known.

    Args:
        table: with `atoms` and `target`.
        allowed: the classes that are taken; all unless given.

    Returns:
        Features, float32 (atoms, features); classes, int64 (atoms); kinds, the label of the structure
        of each atom.
    """
    features, numbers, kinds = [], [], []
    labels = [label or "" for label in table.labels]
    for row in range(len(table)):
        target = table.item("target", row)
        known = target != UNKNOWN if allowed is None else np.isin(target, allowed)
        features.append(np.asarray(table.item("atoms", row)[known], dtype=np.float32))
        numbers.append(np.asarray(target[known], dtype=np.int64))
        kinds.append(np.full(int(known.sum()), labels[row]))
    if not features:
        return np.zeros((0, 0), np.float32), np.zeros(0, np.int64), np.zeros(0, dtype=str)
    return np.concatenate(features), np.concatenate(numbers), np.concatenate(kinds)


def atom_weights(
    classes: NDArray[np.int64], kinds: NDArray[np.str_], settings: NetworkSettings
) -> NDArray[np.float32]:
    """How much each atom counts, float32 (atoms,), with a mean of 1."""
    weights = np.zeros(len(classes))
    for kind in np.unique(kinds):
        of_kind = kinds == kind
        for number in np.unique(classes[of_kind]):
            chosen = of_kind & (classes == number)
            usual = settings.weights.get(str(kind), 1.0)
            weights[chosen] = settings.weights.get(f"{kind}/{number}", usual) / chosen.sum() ** 0.5
    for number in np.unique(classes):
        chosen = classes == number
        share = settings.class_weights.get(str(number), 1.0)
        weights[chosen] *= share / weights[chosen].sum()
    total = weights.mean() if len(weights) else 1.0
    return (weights / total).astype(np.float32)
