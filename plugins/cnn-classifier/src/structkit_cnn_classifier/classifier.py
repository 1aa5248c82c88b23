"""The model `cnn-classifier`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from structkit import DataError, Problem, RunContext, Table
from structkit.randomness import seed_for
from structkit.training import Learner, load_facts, load_weights, prepare, probabilities, save_network
from structkit_cnn_classifier.network import Network
from structkit_cnn_classifier.settings import CnnSettings


class CnnClassifier:
    """Classifies images by a convolutional network (Ziletti et al., Nature Communications 9, 2775 (2018)).

    Reads the array `image`, (channels, height, width) a row. Trained by Adam on the cross-entropy; the epoch with the
    lowest validation loss is kept.

    Args:
        **settings: the words of `CnnSettings`.
    """

    def __init__(self, **settings: Any) -> None:
        self.settings = CnnSettings(**settings)
        self.classes: tuple[str, ...] = ()
        self.network: Network | None = None

    def fit(self, train: Table, valid: Table, context: RunContext) -> Iterator[Mapping[str, float]]:
        """Train on labelled images; yields one record of losses an epoch.

        Raises:
            DataError: D041, more rows in a batch than there are; S016, images too small for the pooling.
        """
        self.classes = tuple(sorted(set(train.labels)))
        prepare(context)
        torch.manual_seed(seed_for(context.seed, "weights") % 2**63)
        self.network = self._new_network(train.item("image", 0).shape)
        known = [row for row, label in enumerate(valid.labels) if label in self.classes]
        learner = Learner(self.network, self.collate, self.classes, self.settings, context)
        yield from learner.fit(train, valid.select(known))

    def predict(self, features: Table) -> NDArray[np.float32]:
        """Class probabilities, shape (rows, classes), in the order of `classes`."""
        if self.network is None:
            raise ValueError("the model is not trained: call fit or load first")
        if len(features) == 0:
            return np.zeros((0, len(self.classes)), dtype=np.float32)
        return probabilities(self.network, self.collate, features)

    def collate(self, table: Table, rows: Sequence[int]) -> Tensor:
        """Rows of a table as the network's input, float32 (rows, channels, height, width)."""
        return torch.from_numpy(table.stack("image", rows).astype(np.float32))

    def save(self, folder: Path) -> None:
        """Write weights (safetensors) and everything else (JSON) into a folder."""
        if self.network is None:
            raise ValueError("the model is not trained: nothing to save")
        save_network(folder, self.network, {"classes": list(self.classes), "image": list(self.image)})

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        facts = load_facts(folder)
        self.classes = tuple(facts["classes"])
        self.network = self._new_network(tuple(facts["image"]))
        load_weights(folder, self.network)

    def _new_network(self, image: tuple[int, ...]) -> Network:
        if len(image) != 3 or min(image[1:]) < 2 ** (len(self.settings.filters) - 1):
            message = f"images of shape {image} cannot pass {len(self.settings.filters)} blocks of filters"
            raise DataError(Problem("S016", message, fix="use larger images or fewer blocks"))
        self.image = (image[0], image[1], image[2])
        network = Network(self.settings, self.image, len(self.classes))
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # convolutions run half as fast again
        return network
