"""Which bonds speak for the predicted class: derivatives of its log-odds by how much of each bond is there.

A gate on each edge says how much of it is there, from 0 to 1; with 0 the network says what it says
of the graph without the edge (`Network.explained`). So a derivative at 1 is what a bond is worth to
the last, and the mean of the derivatives on the way from no bonds to all shares the whole rise
among them.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from structkit_attention_mpnn.batch import Batch
from structkit_attention_mpnn.network import Network

Relevance = NDArray[np.float32]


def log_odds(logits: Tensor, target: int) -> Tensor:
    """Log of the odds of a class, from logits (1, classes)."""
    others = torch.cat([logits[:, :target], logits[:, target + 1 :]], dim=1)
    return (logits[:, target] - others.logsumexp(dim=1)).sum()


def gradient(network: Network, graph: Batch, target: int) -> Relevance:
    """Derivative of the log-odds of a class by the gate of each edge, all open.

    Args:
        network: in evaluation mode.
        graph: a batch of one graph.
        target: which class.

    Returns:
        float32 (edges,).
    """
    return _numbers(_slope(network, graph, target, 1.0))


def integrated_gradients(network: Network, graph: Batch, target: int, steps: int) -> Relevance:
    """The mean of these derivatives while all gates open together, from nothing to all (midpoints).

    The map sums to the log-odds less those of the graph without bonds, up to the error of `steps`.
    Source: Sundararajan et al., ICML 2017, equation 1. Arguments and result as `gradient`.
    """
    points = (np.arange(steps) + 0.5) / steps
    slopes = [_slope(network, graph, target, float(point)) for point in points]
    return _numbers(torch.stack(slopes).mean(dim=0))


def gradient_x_attention(network: Network, graph: Batch, target: int) -> Relevance:
    """Attention times the derivative of the log-odds by it, summed over rounds and heads.

    Source: Barkan et al., CIKM 2021 (doi:10.1145/3459637.3482126), without the clipping. Arguments
    and result as `gradient`; zero where the network has no attention in its messages.
    """
    with torch.enable_grad():
        logits, weights = network.explained(graph)
        learnt = [weight for weight in weights if weight.requires_grad]
        if not learnt:
            return np.zeros(len(graph.distances), np.float32)
        slopes = torch.autograd.grad(log_odds(logits, target), learnt)
    parts = [(weight * slope).sum(dim=1) for weight, slope in zip(learnt, slopes, strict=True)]
    return _numbers(torch.stack(parts).sum(dim=0))


def _slope(network: Network, graph: Batch, target: int, opening: float) -> Tensor:
    gates = torch.full_like(graph.distances, opening, requires_grad=True)
    with torch.enable_grad():
        logits, _ = network.explained(graph, gates)
        (slope,) = torch.autograd.grad(log_odds(logits, target), gates)
    return slope


def _numbers(values: Tensor) -> Relevance:
    result: Relevance = values.detach().cpu().numpy().astype(np.float32)
    return result
