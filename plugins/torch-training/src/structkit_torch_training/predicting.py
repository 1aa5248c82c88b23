"""What a network says of the rows of a table, and a twin of it that has learnt nothing."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Table
from structkit_torch_training.learner import TOGETHER, Collate
from structkit_torch_training.memory import keep_memory

if TYPE_CHECKING:
    from torch import Tensor, nn


class HasNetwork(Protocol):
    """A model by a torch network."""

    network: Any


Model = TypeVar("Model", bound=HasNetwork)


def probabilities(
    network: nn.Module, collate: Collate, table: Table, batch: int = TOGETHER
) -> NDArray[np.float32]:
    """Softmax of the network's logits for every row of a table, shape (rows, classes)."""
    import torch

    parts = [torch.softmax(part, 1) for part in outputs(network, collate, table, batch)]
    result: NDArray[np.float32] = (
        torch.cat(parts).cpu().numpy() if parts else np.zeros((0, 0), np.float32)
    )
    return result


def outputs(
    network: nn.Module, collate: Collate, table: Table, batch: int = TOGETHER
) -> Iterator[Tensor]:
    """What the network gives for the rows of a table, batch by batch."""
    import torch

    keep_memory()
    network.eval()
    device = next(network.parameters()).device
    for start in range(0, len(table), batch):
        rows = range(start, min(start + batch, len(table)))
        with torch.no_grad():
            yield network(collate(table, rows).to(device))


class Inputs:
    """What comes into some layers of a network while it is run inside a `with`.

    Args:
        layers: of the network, each called once a batch with (rows, numbers).
    """

    def __init__(self, layers: Sequence[nn.Module]) -> None:
        self.layers = layers
        self.seen: list[list[Tensor]] = [[] for _ in layers]
        self.hooks = ExitStack()

    def __enter__(self) -> Inputs:
        for layer, kept in zip(self.layers, self.seen, strict=True):
            keep = functools.partial(_keep, kept)
            self.hooks.callback(layer.register_forward_pre_hook(keep).remove)
        return self

    def __exit__(self, *error: object) -> None:
        self.hooks.close()

    def side_by_side(self) -> NDArray[np.float32]:
        """Of all rows that were run, (rows, numbers)."""
        import torch

        several = [torch.cat(kept) for kept in self.seen]
        result: NDArray[np.float32] = torch.cat(several, 1).numpy()
        return result


def _keep(kept: list[Tensor], layer: nn.Module, given: tuple[Tensor, ...]) -> None:
    kept.append(given[0].detach().flatten(1).cpu())


def with_random_weights(model: Model, seed: int) -> Model:
    """Copy a trained model and let its `network` forget: every layer is drawn anew.

    A model that does not inherit from `TorchClassifier` makes its method of this name by this
    function.
    """
    import torch

    twin = copy.deepcopy(model)
    torch.manual_seed(seed % 2**63)
    for module in twin.network.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
    twin.network.eval()
    return twin
