"""The model `cnn-classifier`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from structkit import DataError, Problem, Table
from structkit.library import component, configured
from structkit_cnn_classifier.network import Network
from structkit_cnn_classifier.settings import CnnSettings
from structkit_torch_training import TorchClassifier


@component
class CnnClassifier(TorchClassifier):
    """Classifies images by a convolutional network (Ziletti et al., Nature Communications 9, 2775 (2018)).

    Reads the array `image`, (channels, height, width) a row. Trained by Adam on the cross-entropy;
    the epoch with the lowest validation loss is kept.

    Args:
        settings: the words of `CnnSettings`.
    """

    settings: CnnSettings

    @configured(CnnSettings)
    def __init__(self, settings: CnnSettings) -> None:
        super().__init__(settings)

    def facts_of(self, train: Table) -> dict[str, Any]:
        """The shape of the images.

        Raises:
            DataError: S016, images too small for the pooling.
        """
        image = train.item("image", 0).shape
        if len(image) != 3 or min(image[1:]) < 2 ** (len(self.settings.filters) - 1):
            message = f"images of shape {image} cannot pass {len(self.settings.filters)} blocks of filters"
            raise DataError(Problem("S016", message, fix="use larger images or fewer blocks"))
        return {"image": list(image)}

    def new_network(self) -> Network:
        """Fresh weights, for images of the training data's shape."""
        channels, height, width = self.facts["image"]
        network = Network(self.settings, (channels, height, width), len(self.classes))
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # convolutions run half as fast again
        return network

    def collate(self, table: Table, rows: Sequence[int]) -> Tensor:
        """Rows of a table as the network's input, float32 (rows, channels, height, width)."""
        return torch.from_numpy(table.stack("image", rows).astype(np.float32))
