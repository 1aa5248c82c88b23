"""A small convolutional model that learns planted images in a second, for testing explainers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit.table import Table

if TYPE_CHECKING:
    from torch import Tensor, nn


class SmallCnn:
    """Offers `gradients` and `convolutions`: `network.features` and `network.head`, and `collate`."""

    def __init__(self, network: nn.Module, classes: tuple[str, ...]) -> None:
        self.network, self.classes = network, classes

    def collate(self, table: Table, rows: Sequence[int]) -> Tensor:
        """Rows of a table as the network's input."""
        import torch

        return torch.from_numpy(table.stack("image", rows).astype(np.float32))

    def predict(self, features: Table) -> Any:
        """Class probabilities, (rows, classes)."""
        from structkit.training import probabilities

        return probabilities(self.network, self.collate, features)

    def with_random_weights(self, seed: int) -> SmallCnn:
        """A copy that has learnt nothing: every weight is drawn anew."""
        from structkit.training import with_random_weights

        return with_random_weights(self, seed)


def small_cnn(table: Table, randomised: bool = False) -> SmallCnn:
    """The model, trained on a table of images; with `randomised` a copy of it that has learnt nothing."""
    import torch
    from torch import nn

    torch.manual_seed(3)
    image, classes = table.item("image", 0), tuple(sorted(set(table.labels)))
    features = nn.Sequential(
        nn.Conv2d(image.shape[0], 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU()
    )
    head = nn.Sequential(nn.Flatten(), nn.Linear(8 * (image.shape[1] // 2) * (image.shape[2] // 2), len(classes)))
    network = nn.Sequential()
    network.add_module("features", features)
    network.add_module("head", head)
    model = SmallCnn(network, classes)
    _train(model, table)
    network.eval()
    return model.with_random_weights(3) if randomised else model


def _train(model: SmallCnn, table: Table) -> None:
    import torch
    from torch.nn.functional import cross_entropy

    optimizer = torch.optim.Adam(model.network.parameters(), lr=0.01)
    inputs = model.collate(table, range(len(table)))
    targets = torch.tensor([model.classes.index(label) for label in table.labels])
    for _ in range(60):
        optimizer.zero_grad()
        cross_entropy(model.network(inputs), targets).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
