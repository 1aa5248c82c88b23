"""Batch norms of several processes that train together: each takes the mean over all parts of a batch."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import batch_norm
from torch.nn.modules.batchnorm import _BatchNorm

Add = Callable[[Tensor], None]  # replaces a tensor by its sum over all processes


@contextlib.contextmanager
def shared_norms(network: nn.Module, add: Add) -> Iterator[None]:
    """Let the batch norms of a network know whole batches, for the length of a block.

    Args:
        network: of which this process sees a part of each batch.
        add: called by all processes in the same order.
    """
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    for norm in norms:
        norm.forward = functools.partial(_normalised, norm, add)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for norm in norms:
            del norm.forward


def _normalised(norm: _BatchNorm, add: Add, values: Tensor) -> Tensor:
    """Values less the mean of all parts, over their standard deviation: (rows, channels, …)."""
    if not norm.training:
        own = norm.running_mean, norm.running_var
        return batch_norm(values, *own, norm.weight, norm.bias, False, 0.0, norm.eps)
    mean, variance, count = _moments(values, add)
    _remember(norm, mean.detach(), variance.detach() * count / max(count - 1, 1))
    shape = [1, -1] + [1] * (values.dim() - 2)
    scale = (variance + norm.eps).rsqrt()
    shift = -mean * scale
    if norm.affine:
        scale, shift = scale * norm.weight, shift * norm.weight + norm.bias
    return values * scale.to(values.dtype).view(shape) + shift.to(values.dtype).view(shape)


def _moments(values: Tensor, add: Add) -> tuple[Tensor, Tensor, float]:
    """Mean and variance of each channel over all parts, float64 (channels,), and of how many numbers."""
    others = [axis for axis in range(values.dim()) if axis != 1]
    double = values.double()
    count = double.new_full((1,), values.numel() / values.shape[1])
    sums = torch.cat([double.sum(others), double.square().sum(others), count])
    total: Tensor = _Sum.apply(sums, add)  # type: ignore[no-untyped-call]
    first, second = total[:-1].chunk(2)
    n = total[-1].detach()
    mean = first / n
    return mean, (second / n - mean.square()).clamp_min(0.0), float(n)


def _remember(norm: _BatchNorm, mean: Tensor, variance: Tensor) -> None:
    """Take over what was seen into the running statistics, as torch's own norms do."""
    if norm.running_mean is None or norm.running_var is None or norm.num_batches_tracked is None:
        return
    norm.num_batches_tracked.add_(1)
    share = norm.momentum if norm.momentum is not None else 1 / float(norm.num_batches_tracked)
    norm.running_mean.lerp_(mean.to(norm.running_mean.dtype), share)
    norm.running_var.lerp_(variance.to(norm.running_var.dtype), share)


class _Sum(torch.autograd.Function):
    """The sum over all processes; so is that of the gradients that come back."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, add: Add) -> Tensor:
        ctx.add = add
        total = values.clone()
        add(total)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        total = gradient.clone()
        ctx.add(total)
        return total, None
