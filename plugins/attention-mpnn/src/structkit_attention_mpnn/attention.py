"""The explainer `attention-maps`: which bonds, and which particles, the network attends to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from structkit import Table
from structkit.library import component, configured
from structkit_attention_mpnn.batch import Batch
from structkit_attention_mpnn.bond_gradients import (
    gradient,
    gradient_x_attention,
    integrated_gradients,
)
from structkit_attention_mpnn.settings import AttentionMapSettings

EDGES = ("senders", "receivers", "reverse", "distances", "angles")


@component
class AttentionMaps:
    """Attention per directed bond and head, as the trained network computes it, and which bonds speak for its answer.

    Each of `methods` gives a `relevance_…`, the mean over both directions of a bond, which the
    core tests: bonds are taken out of the graph in both directions, and particles stay.

    * `attention`: what the network looks at;
    * `gradient`: what the last of a bond is worth to the log odds of the class that it predicts;
    * `gradient-x-attention`: their product;
    * `integrated-gradients`: the gradient averaged while all bonds come in together, so that the
      shares sum to the whole rise.

    Gates on the edges make this exact: a shut gate is a deleted bond, in messages, attention and
    pair path. What a network looks at need not be what its answer rests on; the test tells.

    Args:
        settings: the words of `AttentionMapSettings`.

    Examples:
        >>> from ase.build import bulk
        >>> from structkit import Row, Table, train
        >>> from structkit_attention_mpnn import AttentionMaps, AttentionMpnn
        >>> from structkit_particle_descriptors import NeighbourGraph
        >>> describe = NeighbourGraph(k=8, scale="mean", species=False)
        >>> names = ["Cu", "Fe", "Al", "W"]
        >>> graphs = [describe(bulk(name, cubic=True)) for name in names]
        >>> rows = [Row(name, label=["fcc", "bcc"][i % 2]) for i, name in enumerate(names)]
        >>> arrays = {name: [graph[name] for graph in graphs] for name in graphs[0]}
        >>> table = Table.of(rows, **arrays)
        >>> model = AttentionMpnn(hidden=8, epochs=2, batch_size=4, backend="torch")
        >>> records = train(model, table)
        >>> maps = next(AttentionMaps().explain(model, table))
        >>> len(maps["relevance_attention"]) == len(graphs[0]["senders"])
        True
    """

    @configured(AttentionMapSettings)
    def __init__(self, settings: AttentionMapSettings) -> None:
        self.settings = settings

    def explain(self, model: Any, features: Table) -> Iterator[dict[str, NDArray[Any]]]:
        """Attention of every row, in order.

        Yields:
            `attention`: float32 (edges, rounds, heads);
            `senders`, `receivers`: int32 (edges,), particle indices;
            `distances`: float32 (edges,); `numbers`: int32 (particles,);
            `particle_attention`: float32 (particles,), mean over the bonds that come in;
            `relevance_attention`, `relevance_gradient` and so on, one for each of `methods`: float32
                (edges,), the same for both directions of a bond.
        """
        device = next(model.network.parameters()).device
        for row in range(len(features)):
            graph = model.collate(features, [row]).to(device)
            inputs = {name: np.asarray(features.item(name, row)) for name in features.arrays}
            with torch.no_grad():
                logits, weights = model.network.explained(graph)
            attention = torch.stack(weights, dim=1).cpu().numpy().astype(np.float32)
            directed = self._directed(model.network, graph, int(logits.argmax()), attention)
            yield {**_described(inputs, attention), **_of_bonds(directed, inputs["reverse"])}

    def _directed(
        self, network: Any, graph: Batch, target: int, attention: NDArray[np.float32]
    ) -> dict[str, NDArray[np.float32]]:
        """One number for each directed edge by every method, (edges,)."""
        methods: dict[str, Callable[[], NDArray[np.float32]]] = {
            "attention": lambda: _mean(attention),
            "gradient": lambda: gradient(network, graph, target),
            "gradient-x-attention": lambda: gradient_x_attention(network, graph, target),
            "integrated-gradients": lambda: integrated_gradients(
                network, graph, target, self.settings.steps
            ),
        }
        return {name: methods[name]() for name in self.settings.methods}

    def strength(self, inputs: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        """One for every directed edge that stands for its bond, zero for its reverse: a bond is deleted as a whole."""
        return (np.arange(len(inputs["reverse"])) <= inputs["reverse"]).astype(float)

    def without(
        self, inputs: Mapping[str, NDArray[Any]], deleted: NDArray[np.bool_]
    ) -> dict[str, NDArray[Any]]:
        """The graph without some bonds."""
        gone = deleted | deleted[inputs["reverse"]]
        place = np.cumsum(~gone) - 1  # where each edge that stays will be
        kept = {name: inputs[name][~gone] for name in EDGES if name in inputs}
        kept["reverse"] = place[kept["reverse"]].astype(inputs["reverse"].dtype)
        return {**inputs, **kept}


def _mean(attention: NDArray[np.float32]) -> NDArray[np.float32]:
    """Attention (edges, rounds, heads) as one number an edge."""
    return attention.mean(axis=(1, 2)) if len(attention) else np.zeros(0, np.float32)


def _of_bonds(
    directed: Mapping[str, NDArray[np.float32]], reverse: NDArray[Any]
) -> dict[str, NDArray[np.float32]]:
    """The mean over both directions of each bond, by the name that the core looks for."""
    return {
        f"relevance_{name.replace('-', '_')}": ((value + value[reverse]) / 2).astype(np.float32)
        for name, value in directed.items()
    }


def _described(
    inputs: Mapping[str, NDArray[Any]], attention: NDArray[np.float32]
) -> dict[str, NDArray[Any]]:
    count = len(inputs["numbers"])
    neighbours = np.bincount(inputs["receivers"], minlength=count)
    total = np.bincount(inputs["receivers"], _mean(attention), minlength=count)
    return {
        "attention": attention,
        "senders": inputs["senders"].astype(np.int32),
        "receivers": inputs["receivers"].astype(np.int32),
        "distances": inputs["distances"].astype(np.float32),
        "numbers": inputs["numbers"].astype(np.int32),
        "particle_attention": (total / np.maximum(neighbours, 1)).astype(np.float32),
    }
