"""Several graphs as one: the network's input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from structkit import Table


@dataclass(frozen=True)
class Batch:
    """Graphs side by side; particles and edges of one graph are neighbours in the arrays.

    Args:
        kinds: int64 (particles,), species as the network numbers them.
        distances: float32 (edges,).
        angles: float32 (edges, 2), or (edges, 0) without.
        senders, receivers, reverse: int64 (edges,), indices into the whole batch.
        particles, edges: int64 (graphs,), how many each graph has.
    """

    kinds: Tensor
    distances: Tensor
    angles: Tensor
    senders: Tensor
    receivers: Tensor
    reverse: Tensor
    particles: Tensor
    edges: Tensor

    def to(self, device: torch.device | str) -> Batch:
        """The same on a device."""
        return Batch(*(getattr(self, name).to(device) for name in self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.particles)


def batch(table: Table, rows: Sequence[int], species: Sequence[int]) -> Batch:
    """Rows of a table of graphs as one batch.

    Args:
        table: arrays of `neighbour-graph`.
        rows: which.
        species: atomic numbers that the network knows, sorted.
    """
    names = ("numbers", "distances", "senders", "receivers", "reverse")
    found = {name: [np.asarray(table.item(name, row)) for row in rows] for name in names}
    particles = np.array([len(x) for x in found["numbers"]])
    edges = np.array([len(x) for x in found["distances"]])
    first_particle = np.repeat(np.cumsum([0, *particles[:-1]]), edges)
    first_edge = np.repeat(np.cumsum([0, *edges[:-1]]), edges)
    angles = (
        [table.item("angles", row) for row in rows]
        if "angles" in table.arrays
        else [np.zeros((n, 0)) for n in edges]
    )
    flat = {name: np.concatenate(parts) for name, parts in found.items()}
    return Batch(
        kinds=torch.from_numpy(
            np.searchsorted(np.asarray(species), flat["numbers"]).astype(np.int64)
        ),
        distances=torch.from_numpy(flat["distances"].astype(np.float32)),
        angles=torch.from_numpy(np.concatenate(angles).astype(np.float32)),
        senders=torch.from_numpy(flat["senders"] + first_particle),
        receivers=torch.from_numpy(flat["receivers"] + first_particle),
        reverse=torch.from_numpy(flat["reverse"] + first_edge),
        particles=torch.from_numpy(particles.astype(np.int64)),
        edges=torch.from_numpy(edges.astype(np.int64)),
    )
