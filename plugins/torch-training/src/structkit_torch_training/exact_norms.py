"""Batch norms that know the mean of all training rows, and no running average of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import nn

Rows = NDArray[np.int64]


def take_norms(network: nn.Module, batches: Sequence[Rows], see: Callable[[Rows], object]) -> None:
    """Give every batch norm the mean over all training rows, batch by batch.

    A running average lags behind weights that still move; where classes differ by less than the
    lag, predictions are then far worse than the training loss says.

    Args:
        network: is in evaluation afterwards, its batch norms alone in training.
        batches: the rows of each batch.
        see: shows the rows of a batch to the network.
    """
    import torch
    from torch.nn.modules.batchnorm import _BatchNorm

    norms = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    usual = [norm.momentum for norm in norms]
    network.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.train()
    seen = 0
    with torch.no_grad():
        for rows in batches if norms else []:
            seen += len(rows)
            for norm in norms:
                # every row counts alike, also those of a short last batch
                norm.momentum = len(rows) / seen
            see(rows)
    for norm, momentum in zip(norms, usual, strict=True):
        norm.momentum = momentum
