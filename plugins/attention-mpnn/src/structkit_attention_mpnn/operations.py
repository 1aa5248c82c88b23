"""The few operations of message passing, in DGL and in plain torch: the only module that knows DGL.

Values of edges are (edges, …), of particles (particles, …). Messages go from senders to receivers.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from typing import Any, Protocol

import torch
from torch import Tensor

from structkit import Problem, StructkitError
from structkit_attention_mpnn.batch import Batch

log = logging.getLogger("structkit")


class Operations(Protocol):
    """What the network needs of an engine, on one batch."""

    def from_senders(self, particles: Tensor) -> Tensor:
        """Values of particles at the edges that they send, (edges, ...)."""

    def to_receivers(self, edges: Tensor) -> Tensor:
        """Sums of values of edges at the particles that receive them, (particles, ...)."""

    def dot(self, receivers: Tensor, senders: Tensor) -> Tensor:
        """Products of receivers and senders at each edge, (edges, heads)."""

    def softmax_at_receivers(self, edges: Tensor) -> Tensor:
        """Softmax over the edges that a particle receives."""

    def weighted(self, weights: Tensor, senders: Tensor) -> Tensor:
        """Sums of senders at receivers, weighted at each edge."""

    def softmax_in_graphs(self, values: Tensor, counts: Tensor) -> Tensor:
        """Softmax over the values of each graph."""

    def sum_in_graphs(self, values: Tensor, counts: Tensor) -> Tensor:
        """Sums over the values of each graph."""


def engine(name: str) -> str:
    """The engine that was asked for; `auto` is `torch` where DGL is not installed. The choice is logged.

    Raises:
        StructkitError: P001, DGL was asked for and is not there.
    """
    there = importlib.util.find_spec("dgl") is not None
    if name == "dgl" and not there:
        message = (
            "backend: dgl, but the package dgl is not installed (it exists for Python up to 3.11)"
        )
        raise StructkitError(
            Problem("P001", message, fix="install dgl>=1.1.2,<2, or set backend: torch")
        )
    chosen = name if there else "torch"
    log.info("attention-mpnn: message passing by %s", "dgl" if chosen != "torch" else chosen)
    return chosen


def operations(name: str, batch: Batch) -> Operations:
    """The operations of an engine on one batch; `auto` is DGL on the CPU: its common builds know no other device."""
    dgl = name == "dgl" or (name == "auto" and batch.kinds.device.type == "cpu")
    return DglOperations(batch) if dgl else TorchOperations(batch)


class TorchOperations:
    """Plain torch: for GPUs, newer Pythons and second derivatives."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.count = len(batch.kinds)

    def from_senders(self, particles: Tensor) -> Tensor:
        """The value of each edge's sender."""
        return particles.index_select(0, self.batch.senders)

    def to_receivers(self, edges: Tensor) -> Tensor:
        """The sum of the edges that come in at each particle."""
        return edges.new_zeros(self.count, *edges.shape[1:]).index_add(
            0, self.batch.receivers, edges
        )

    def dot(self, receivers: Tensor, senders: Tensor) -> Tensor:
        """Scalar product of each edge's receiver and sender over the last axis, (edges, heads, 1)."""
        a = receivers.index_select(0, self.batch.receivers)
        return (a * senders.index_select(0, self.batch.senders)).sum(dim=-1, keepdim=True)

    def softmax_at_receivers(self, edges: Tensor) -> Tensor:
        """Softmax over the edges that come in at each particle."""
        return _softmax(edges, self.batch.receivers, self.count)

    def weighted(self, weights: Tensor, senders: Tensor) -> Tensor:
        """The sum at each particle of its senders' values, each times the weight of its edge."""
        return self.to_receivers(weights * self.from_senders(senders))

    def softmax_in_graphs(self, values: Tensor, counts: Tensor) -> Tensor:
        """Softmax over the values of each graph."""
        return _softmax(values, _graphs(counts), len(counts))

    def sum_in_graphs(self, values: Tensor, counts: Tensor) -> Tensor:
        """The sum of the values of each graph, (graphs, …)."""
        return values.new_zeros(len(counts), *values.shape[1:]).index_add(
            0, _graphs(counts), values
        )


def _graphs(counts: Tensor) -> Tensor:
    """The graph of every value."""
    return torch.repeat_interleave(torch.arange(len(counts), device=counts.device), counts)


def _softmax(values: Tensor, groups: Tensor, count: int) -> Tensor:
    """Softmax over groups; the largest of each is subtracted first, so that nothing overflows."""
    places = groups.view(-1, *[1] * (values.dim() - 1)).expand_as(values)
    top = values.new_full((count, *values.shape[1:]), -torch.inf).scatter_reduce(
        0, places, values.detach(), "amax"
    )
    raised = (values - top.index_select(0, groups)).exp()
    total = values.new_zeros(count, *values.shape[1:]).index_add(0, groups, raised)
    return raised / total.index_select(0, groups)


class DglOperations:
    """The same by DGL's kernels, which do not write down the messages that they sum."""

    def __init__(self, batch: Batch) -> None:
        self.dgl = _dgl()
        self.graph: Any = self.dgl.graph(
            (batch.senders, batch.receivers), num_nodes=len(batch.kinds)
        )

    def from_senders(self, particles: Tensor) -> Tensor:
        """The value of each edge's sender."""
        values: Tensor = self.dgl.ops.copy_u(self.graph, particles)
        return values

    def to_receivers(self, edges: Tensor) -> Tensor:
        """The sum of the edges that come in at each particle."""
        sums: Tensor = self.dgl.ops.copy_e_sum(self.graph, edges)
        return sums

    def dot(self, receivers: Tensor, senders: Tensor) -> Tensor:
        """Scalar product of each edge's receiver and sender over the last axis, (edges, heads, 1)."""
        products: Tensor = self.dgl.ops.u_dot_v(self.graph, senders, receivers)
        return products

    def softmax_at_receivers(self, edges: Tensor) -> Tensor:
        """Softmax over the edges that come in at each particle."""
        shares: Tensor = self.dgl.ops.edge_softmax(self.graph, edges)
        return shares

    def weighted(self, weights: Tensor, senders: Tensor) -> Tensor:
        """The sum at each particle of its senders' values, each times the weight of its edge."""
        sums: Tensor = self.dgl.ops.u_mul_e_sum(self.graph, senders, weights)
        return sums

    def softmax_in_graphs(self, values: Tensor, counts: Tensor) -> Tensor:
        """Softmax over the values of each graph."""
        shares: Tensor = self.dgl.ops.segment_softmax(counts, values)
        return shares

    def sum_in_graphs(self, values: Tensor, counts: Tensor) -> Tensor:
        """The sum of the values of each graph, (graphs, …)."""
        sums: Tensor = self.dgl.ops.segment_reduce(counts, values, "sum")
        return sums


def _dgl() -> Any:
    if "dgl" not in sys.modules:
        _import_dgl()
    import dgl

    return dgl


def _import_dgl() -> None:
    """Import DGL with its backend named, and leave the environment as it was."""
    named = "DGLBACKEND" in os.environ
    # else it prints, and writes into the home folder
    os.environ.setdefault("DGLBACKEND", "pytorch")
    try:
        import dgl  # noqa: F401
    finally:
        if not named:
            del os.environ["DGLBACKEND"]
