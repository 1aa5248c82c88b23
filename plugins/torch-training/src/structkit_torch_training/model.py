"""A model by a network: what classifiers and regressors share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Table
from structkit_torch_training.devices import check_device
from structkit_torch_training.learner import TOGETHER, Augment, Kept
from structkit_torch_training.predicting import Inputs, outputs, with_random_weights
from structkit_torch_training.settings import TrainingSettings
from structkit_torch_training.weights import load_facts, load_weights, save_network

if TYPE_CHECKING:
    from torch import nn


class TorchModel(ABC):
    """A network with what must be known to build it again.

    `facts` are what the training data say of the network's shape (an image's size, which species
    there are). They are saved beside the weights, so that `load` builds the same network.

    Args:
        settings: of the training; a model's own settings inherit from them.
    """

    together: ClassVar[int] = TOGETHER
    """rows that are predicted at once"""

    def __init__(self, settings: TrainingSettings) -> None:
        self.settings = settings
        self.facts: dict[str, Any] = {}
        self.network: nn.Module | None = None

    @abstractmethod
    def facts_of(self, train: Table) -> dict[str, Any]:
        """What must be known of the training data to build the network, as JSON holds it."""

    @abstractmethod
    def new_network(self) -> nn.Module:
        """A network of fresh weights for `settings` and `facts`, whose input is what `collate` makes."""

    @abstractmethod
    def collate(self, table: Table, rows: Sequence[int]) -> Any:
        """Rows of a table as the network's input; it has `.to(device)`."""

    def trained(self) -> nn.Module:
        """The network.

        Raises:
            ValueError: the model is not trained.
        """
        if self.network is None:
            raise ValueError("the model is not trained: call fit or load first")
        return self.network

    def augmentation(self) -> Augment | None:
        """How batches are shown while the weights are learnt: a function of a batch and random numbers, or None."""
        return None

    def kept_epoch(self) -> Kept:
        """The epoch whose weights are kept: by default the one with the lowest validation loss."""
        return "best"

    def features(self, table: Table) -> NDArray[np.float32]:
        """Where the network sees rows: the last hidden layer, (rows, numbers). The capability `features`.

        Raises:
            ValueError: the model is not trained.
        """
        network = self.trained()
        if len(table) == 0:
            return np.zeros((0, 0), dtype=np.float32)
        with Inputs(self.last_layers(network)) as inputs:
            for _ in outputs(network, self.collate, table, self.together):
                pass
        return inputs.side_by_side()

    @abstractmethod
    def predict(self, features: Table) -> Any:
        """What is said of every row."""

    def predict_with_features(self, table: Table) -> tuple[Any, NDArray[np.float32]]:
        """What `predict` says of every row, and where the network sees it, (rows, numbers), in one pass.

        Raises:
            ValueError: the model is not trained.
        """
        if len(table) == 0:
            return self.predict(table), np.zeros((0, 0), dtype=np.float32)
        with Inputs(self.last_layers(self.trained())) as inputs:
            predicted = self.predict(table)
        return predicted, inputs.side_by_side()

    def last_layers(self, network: nn.Module) -> Sequence[nn.Module]:
        """The layers whose sum is the output; their inputs are the features. By default the last linear layer."""
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
        """Write weights (safetensors) and facts (JSON) into a folder.

        Raises:
            ValueError: the model is not trained.
        """
        if self.network is None:
            raise ValueError("the model is not trained: nothing to save")
        save_network(folder, self.network, self.kept())

    def kept(self) -> dict[str, Any]:
        """What is saved beside the weights, as JSON holds it."""
        return dict(self.facts)

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        self.recall(load_facts(folder))
        self.network = self.new_network()
        load_weights(folder, self.network)

    def recall(self, kept: dict[str, Any]) -> None:
        """Take over what `kept` gave."""
        self.facts = kept
