"""A classifier by a network: what all of them share. A plugin says which network, and how rows become its input."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Table
from structkit.randomness import seed_for
from structkit.samples import RunContext
from structkit_torch_training.devices import check_device
from structkit_torch_training.learner import Augment, Learner, repeatable
from structkit_torch_training.predicting import inputs_of, probabilities, with_random_weights
from structkit_torch_training.settings import TrainingSettings
from structkit_torch_training.weights import load_facts, load_weights, save_network

if TYPE_CHECKING:
    from torch import nn


class TorchClassifier(ABC):
    """Trained by Adam on the cross-entropy; the epoch with the lowest validation loss is kept.

    `facts` are what the training data say of the network's shape (an image's size, which species
    there are). They are saved beside the weights, so that `load` builds the same network.

    Args:
        settings: of the training; a model's own settings inherit from them.
    """

    together: ClassVar[int] = 32  # more is no faster, and takes a gigabyte for images
    """rows that are predicted at once"""

    def __init__(self, settings: TrainingSettings) -> None:
        self.settings = settings
        self.classes: tuple[str, ...] = ()
        self.facts: dict[str, Any] = {}
        self.network: nn.Module | None = None

    @abstractmethod
    def facts_of(self, train: Table) -> dict[str, Any]:
        """What must be known of the training data to build the network, as JSON holds it; `classes` is taken."""

    @abstractmethod
    def new_network(self) -> nn.Module:
        """A network of fresh weights for `settings`, `facts` and `classes`: maps a batch to logits (rows, classes)."""

    @abstractmethod
    def collate(self, table: Table, rows: Sequence[int]) -> Any:
        """Rows of a table as the network's input; it has `.to(device)`."""

    def augmentation(self) -> Augment | None:
        """How batches are shown while the weights are learnt: a function of a batch and random numbers, or None."""
        return None

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
                self.classes,
                self.settings,
                context,
                self.augmentation(),
            )
            yield from learner.fit(train, valid.select(known))

    def predict(self, features: Table) -> NDArray[np.float32]:
        """Class probabilities, shape (rows, classes), in the order of `classes`.

        Raises:
            ValueError: the model is not trained.
        """
        if self.network is None:
            raise ValueError("the model is not trained: call fit or load first")
        if len(features) == 0:
            return np.zeros((0, len(self.classes)), dtype=np.float32)
        return probabilities(self.network, self.collate, features, self.together)

    def features(self, table: Table) -> NDArray[np.float32]:
        """Where the network sees rows: the last hidden layer, (rows, numbers). The capability `features`.

        Raises:
            ValueError: the model is not trained.
        """
        if self.network is None:
            raise ValueError("the model is not trained: call fit or load first")
        if len(table) == 0:
            return np.zeros((0, 0), dtype=np.float32)
        layers = self.last_layers(self.network)
        return inputs_of(layers, self.network, self.collate, table, self.together)

    def last_layers(self, network: nn.Module) -> Sequence[nn.Module]:
        """The layers whose sum is the logits; their inputs are the features. By default the last linear layer."""
        from torch import nn

        return [module for module in network.modules() if isinstance(module, nn.Linear)][-1:]

    def with_random_weights(self, seed: int) -> Self:
        """A copy that has learnt nothing: every weight of its network is drawn anew.

        Raises:
            ValueError: the model is not trained.
        """
        if self.network is None:
            raise ValueError("the model is not trained: there are no weights to forget")
        return with_random_weights(self, seed)

    def to(self, device: str) -> Self:
        """Move the network to a device, such as `cuda:1`; predictions are made there from then on.

        Raises:
            SpecError: Y012, there is no such device here.
            ValueError: the model is not trained.
        """
        if self.network is None:
            raise ValueError("the model is not trained: there is no network to move")
        check_device(device)
        self.network.to(device)
        return self

    def save(self, folder: Path) -> None:
        """Write weights (safetensors), classes and facts (JSON) into a folder.

        Raises:
            ValueError: the model is not trained.
        """
        if self.network is None:
            raise ValueError("the model is not trained: nothing to save")
        save_network(folder, self.network, {**self.facts, "classes": list(self.classes)})

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        self.facts = load_facts(folder)
        self.classes = tuple(self.facts.pop("classes"))
        self.network = self.new_network()
        load_weights(folder, self.network)
