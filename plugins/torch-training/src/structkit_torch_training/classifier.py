"""A classifier by a network: what all of them share. A plugin says which network, and how rows become its input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Table
from structkit.randomness import seed_for
from structkit.samples import RunContext
from structkit_torch_training.learner import Learner
from structkit_torch_training.model import TorchModel
from structkit_torch_training.objective import ClassObjective
from structkit_torch_training.predicting import probabilities
from structkit_torch_training.repeating import repeatable
from structkit_torch_training.settings import TrainingSettings


class TorchClassifier(TorchModel):
    """Trained by Adam on the cross-entropy; the epoch that `kept_epoch` says is kept.

    Its network maps a batch to logits (rows, classes). `classes` is taken among the facts.

    Args:
        settings: of the training; a model's own settings inherit from them.
    """

    def __init__(self, settings: TrainingSettings) -> None:
        super().__init__(settings)
        self.classes: tuple[str, ...] = ()

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Train on labelled rows; yields one record of losses an epoch.

        Raises:
            DataError: D041, fewer than two rows; what `facts_of` and `collate` refuse.
            StepError: P012, the loss became NaN or infinite.
        """
        import torch

        self.classes = tuple(sorted(set(train.labels)))
        self.facts = self.facts_of(train)
        known = [row for row, label in enumerate(valid.labels) if label in self.classes]
        with repeatable(context):
            torch.manual_seed(seed_for(context.seed, "weights") % 2**63)
            self.network = self.new_network()
            learner = Learner(
                self.network,
                self.collate,
                ClassObjective(self.classes),
                self.settings,
                context,
                self.augmentation(),
                self.kept_epoch(),
            )
            yield from learner.fit(train, valid.select(known))

    def predict(self, features: Table) -> NDArray[np.float32]:
        """Class probabilities, shape (rows, classes), in the order of `classes`.

        Raises:
            ValueError: the model is not trained.
        """
        network = self.trained()
        if len(features) == 0:
            return np.zeros((0, len(self.classes)), dtype=np.float32)
        return probabilities(network, self.collate, features, self.together)

    def kept(self) -> dict[str, Any]:
        """Classes and facts."""
        return {**self.facts, "classes": list(self.classes)}

    def recall(self, kept: dict[str, Any]) -> None:
        """Take over classes and facts."""
        self.facts = kept
        self.classes = tuple(self.facts.pop("classes"))
