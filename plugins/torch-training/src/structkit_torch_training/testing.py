"""A small convolutional model that learns planted images in a second, for testing explainers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit.data.table import Table
from structkit.library import component, configured
from structkit.samples import RunContext
from structkit_torch_training.classifier import TorchClassifier
from structkit_torch_training.settings import TrainingSettings

if TYPE_CHECKING:
    from torch import Tensor, nn

FILTERS = 8


@component
class SmallCnn(TorchClassifier):
    """Two convolutions and a linear layer. Offers `gradients` and `convolutions`.

    Args:
        settings: the words of `TrainingSettings`.
    """

    @configured(TrainingSettings)
    def __init__(self, settings: TrainingSettings) -> None:
        super().__init__(settings)

    def facts_of(self, train: Table) -> dict[str, Any]:
        """The shape of the images."""
        return {"image": list(train.item("image", 0).shape)}

    def new_network(self) -> nn.Module:
        """`features` and `head`, one after the other."""
        from torch import nn

        channels, height, width = self.facts["image"]
        features = nn.Sequential(
            nn.Conv2d(channels, FILTERS, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(FILTERS, FILTERS, 3, padding=1),
            nn.ReLU(),
        )
        flat = FILTERS * (height // 2) * (width // 2)
        head = nn.Sequential(nn.Flatten(), nn.Linear(flat, len(self.classes)))
        return nn.Sequential(OrderedDict(features=features, head=head))

    def collate(self, table: Table, rows: Sequence[int]) -> Tensor:
        """Rows of a table as the network's input."""
        import torch

        return torch.from_numpy(table.stack("image", rows).astype(np.float32))


def small_cnn(table: Table, randomised: bool = False) -> SmallCnn:
    """Train the model on a table of images; with `randomised` give a copy that has learnt nothing."""
    model = SmallCnn(epochs=30, batch_size=len(table), learning_rate=0.01)
    with TemporaryDirectory() as folder:
        context = RunContext(3, np.random.default_rng(3), Path(folder), log=lambda text: None)
        for _ in model.fit(table, table.select([]), context):
            pass
    return model.with_random_weights(3) if randomised else model
