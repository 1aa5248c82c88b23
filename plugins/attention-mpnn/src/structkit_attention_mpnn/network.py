"""The network: messages on directed edges, an attention over the bonds of each graph, a classification head.

Equations: K. Yang et al., J. Chem. Inf. Model. 59, 3370 (2019) for the directed messages; K.
Swanson et al., Soft Matter 16, 435 (2020) for the attention, with one difference: here the softmax
runs over the bonds of one graph, there over those of the whole batch, so that a prediction depended
on the graphs beside it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from structkit_attention_mpnn.batch import Batch
from structkit_attention_mpnn.operations import Operations, operations
from structkit_attention_mpnn.pair_path import PairPath
from structkit_attention_mpnn.settings import MpnnSettings

FAR = -40.0
"""smallest exponent of a Gaussian: e^-40 is nothing beside one, but further out lie the subnormal numbers, which
processors multiply far more slowly (benchmarks/message_passing_speed.py)"""
TINY = 1e-30
"""instead of a sum of nothing, where every edge is shut"""


class Network(nn.Module):
    """Maps a `Batch` to logits (graphs, classes).

    Args:
        settings: shape.
        species: how many kinds of particles there are.
        span: smallest and largest distance of the training data.
        angles: numbers beside the distance of each edge.
        classes: how many logits.
        engine: `dgl`, `torch`, or `auto`: DGL on the CPU.
    """

    def __init__(
        self,
        settings: MpnnSettings,
        species: int,
        span: tuple[float, float],
        angles: int,
        classes: int,
        engine: str,
    ) -> None:
        super().__init__()
        self.settings, self.engine = settings, engine
        hidden = settings.hidden
        self.centres: Tensor
        self.register_buffer("centres", torch.linspace(span[0], span[1], settings.basis))
        self.width = max((span[1] - span[0]) / (settings.basis - 1), 1e-3)
        self.species = nn.Embedding(species, hidden)
        edge = settings.basis + angles
        self.enter = nn.Linear(hidden + edge, hidden)
        self.rounds = nn.ModuleList(_round(settings, edge) for _ in range(settings.depth))
        self.leave = nn.Linear(2 * hidden, hidden)
        self.pool = nn.Linear(hidden, settings.heads) if settings.pooling == "attention" else None
        self.dropout = nn.Dropout(settings.dropout)
        # means over hundreds of particles differ by a percent between classes: normalised, that is what is seen
        normal, last = nn.BatchNorm1d(hidden), nn.Linear(hidden, classes)
        self.head = nn.Sequential(normal, nn.Linear(hidden, hidden), nn.ReLU(), self.dropout, last)
        self.pair_path = PairPath(settings.basis, species, classes) if settings.pair_path else None
        if self.pair_path is not None:
            # both paths start from nothing: a head drawn at random drowns the other
            nn.init.zeros_(last.weight)

    def forward(self, batch: Batch) -> Tensor:
        """Logits (graphs, classes)."""
        return self.explained(batch)[0]

    def explained(self, batch: Batch, gates: Tensor | None = None) -> tuple[Tensor, list[Tensor]]:
        """Logits, and for each round the attention of each edge and head, (edges, heads), one on average.

        Without an attention in the messages all of it is one.

        Args:
            batch: the graphs.
            gates: how much of each edge is there, (edges,), from 0 to 1: with 0 the logits are those
                of the graph without it. None: all of all.
        """
        particles, spread, weights = self.messages(batch, gates)
        engine = operations(self.engine, batch)
        logits = self.head(self._pooled(engine, batch, particles))
        if self.pair_path is not None:
            logits = logits + self.pair_path(batch, spread)
        return logits, weights

    def messages(
        self, batch: Batch, gates: Tensor | None = None
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """What comes of the messages: particles (particles, hidden), spread distances, attention of each round.

        Args:
            batch: the graphs.
            gates: how much of each edge is there, (edges,).
        """
        engine = operations(self.engine, batch)
        x = self.species(batch.kinds)
        spread = self._spread(batch.distances)
        edges = torch.cat([spread, batch.angles], dim=1)
        start = self._enter(engine, x, edges)
        gate = None if gates is None else gates[:, None]
        h, weights = _through(torch.relu(start), gate), []
        for round_ in self.rounds:
            h, weight = round_(engine, batch, start, h, edges, gate)
            h = self.dropout(h)
            weights.append(weight)
        spread = _through(spread, gate)
        particles = torch.relu(self.leave(torch.cat([x, engine.to_receivers(h)], dim=1)))
        return particles, spread, weights

    def _spread(self, distances: Tensor) -> Tensor:
        """Distances over Gaussians, (edges, basis)."""
        square = ((distances[:, None] - self.centres) / self.width) ** 2
        return torch.exp((-0.5 * square).clamp(min=FAR))

    def _enter(self, engine: Operations, particles: Tensor, edges: Tensor) -> Tensor:
        """W [x_v; e_vw] of each edge; the sender's part is multiplied at the particle, before its edges copy it."""
        weight, width = self.enter.weight, particles.shape[1]
        at_senders = linear(particles, weight[:, :width], self.enter.bias)
        return engine.from_senders(at_senders) + linear(edges, weight[:, width:])

    def _pooled(self, engine: Operations, batch: Batch, particles: Tensor) -> Tensor:
        if self.pool is None:
            return engine.sum_in_graphs(particles, batch.particles) / batch.particles[:, None]
        weight = engine.softmax_in_graphs(self.pool(particles), batch.particles)
        return engine.sum_in_graphs(_by_head(particles, weight), batch.particles)


def _round(settings: MpnnSettings, edge: int) -> nn.Module:
    return DotRound(settings, edge) if settings.attention == "dot" else BondRound(settings)


def _through(values: Tensor, gate: Tensor | None) -> Tensor:
    """Values of edges (edges, n), as far as their gates (edges, 1) let them."""
    return values if gate is None else values * gate


def _by_head(values: Tensor, weight: Tensor) -> Tensor:
    """Values (n, hidden), every head's share times its weight (n, heads)."""
    heads = weight.shape[1]
    parts = values.view(len(values), heads, values.shape[1] // heads) * weight[:, :, None]
    return parts.reshape(values.shape)


class BondRound(nn.Module):
    """m_vw = Σ_{k∈N(v)} h_kv − h_wv; h_vw = ReLU(z_vw + W m_vw), times the attention of the bond in its graph."""

    def __init__(self, settings: MpnnSettings) -> None:
        super().__init__()
        self.heads = settings.heads
        self.pass_on = nn.Linear(settings.hidden, settings.hidden, bias=False)
        self.attend = (
            nn.Linear(settings.hidden, settings.hidden) if settings.attention == "bonds" else None
        )
        self.score = nn.Linear(settings.hidden, settings.heads, bias=False) if self.attend else None
        if self.score is not None:
            # all bonds alike at first: an attention drawn at random drowns the rest
            nn.init.zeros_(self.score.weight)

    def forward(
        self,
        engine: Operations,
        batch: Batch,
        start: Tensor,
        h: Tensor,
        edges: Tensor,
        gate: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        """Messages after the round, (edges, hidden), and the attention (edges, heads)."""
        message = engine.from_senders(engine.to_receivers(h)) - h.index_select(0, batch.reverse)
        h = torch.relu(start + self.pass_on(message))
        if self.attend is None or self.score is None:
            return _through(h, gate), h.new_ones(len(h), self.heads)
        share = engine.softmax_in_graphs(self.score(torch.relu(self.attend(h))), batch.edges)
        # times the number of bonds: one on average, so that messages do not fade in large graphs
        weight = share * torch.repeat_interleave(batch.edges, batch.edges)[:, None]
        if gate is not None:
            weight = _renewed(engine, batch, share * gate, gate)
        return _by_head(h, weight), weight


def _renewed(engine: Operations, batch: Batch, share: Tensor, gate: Tensor) -> Tensor:
    """Attention as if only the open part of each edge were there: one on average over that."""
    graph = torch.repeat_interleave(torch.arange(len(batch), device=share.device), batch.edges)
    total = engine.sum_in_graphs(share, batch.edges).index_select(0, graph)
    count = engine.sum_in_graphs(gate, batch.edges).index_select(0, graph)
    return share * count / total.clamp(min=TINY)


class DotRound(nn.Module):
    """Each particle attends to its neighbours by scalar products and a bias from the edge; what it finds goes out."""

    def __init__(self, settings: MpnnSettings, edge: int) -> None:
        super().__init__()
        self.heads, self.size = settings.heads, settings.hidden // settings.heads
        self.query, self.key, self.value = (
            nn.Linear(settings.hidden, settings.hidden) for _ in range(3)
        )
        self.bias = nn.Linear(edge, settings.heads)
        self.pass_on = nn.Linear(settings.hidden, settings.hidden, bias=False)

    def forward(
        self,
        engine: Operations,
        batch: Batch,
        start: Tensor,
        h: Tensor,
        edges: Tensor,
        gate: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        """Messages after the round, (edges, hidden), and the attention (edges, heads), one on average."""
        x = engine.to_receivers(h)
        query, key, value = (
            part(x).view(len(x), self.heads, self.size)
            for part in (self.query, self.key, self.value)
        )
        score = engine.dot(query, key) / self.size**0.5 + self.bias(edges)[:, :, None]
        share = engine.softmax_at_receivers(score)
        there = h.new_ones(len(h), 1) if gate is None else gate
        if gate is not None:
            opened = share * gate[:, :, None]
            total = engine.to_receivers(opened).index_select(0, batch.receivers)
            share = opened / total.clamp(min=TINY)
        attended = engine.weighted(share, value).reshape(len(x), -1)
        degree = engine.to_receivers(there).index_select(0, batch.receivers)
        # multiplied at the particle, before its edges copy it: six times fewer products, the same bits
        sent = torch.relu(start + engine.from_senders(self.pass_on(attended)))
        return _through(sent, gate), share[:, :, 0] * degree
