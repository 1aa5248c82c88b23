"""The explainer `attention-maps`: which bonds, and which particles, the network attends to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from structkit import Table
from structkit.library import component

EDGES = ("senders", "receivers", "reverse", "distances", "angles")


@component
class AttentionMaps:
    """Attention per directed bond and head, as the trained network computes it for a graph; one on average.

    `relevance_attention`, the mean over rounds, heads and both directions, is what the core
    deletes: bonds are taken out of the graph in both directions, and particles stay.
    """

    def explain(self, model: Any, features: Table) -> Iterator[dict[str, NDArray[Any]]]:
        """Attention of every row, in order.

        Yields:
            `attention`: float32 (edges, rounds, heads);
            `senders`, `receivers`: int32 (edges,), particle indices;
            `distances`: float32 (edges,); `numbers`: int32 (particles,);
            `particle_attention`: float32 (particles,), mean over the bonds that come in;
            `relevance_attention`: float32 (edges,), the same for both directions of a bond.
        """
        device = next(model.network.parameters()).device
        for row in range(len(features)):
            one = model.collate(features, [row]).to(device)
            with torch.no_grad():
                _, weights = model.network.explained(one)
            attention = weights.permute(1, 0, 2).cpu().numpy().astype(np.float32)
            yield _described(
                {name: np.asarray(features.item(name, row)) for name in features.arrays}, attention
            )

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


def _described(
    inputs: Mapping[str, NDArray[Any]], attention: NDArray[np.float32]
) -> dict[str, NDArray[Any]]:
    directed = attention.mean(axis=(1, 2)) if len(attention) else np.zeros(0, np.float32)
    both = (directed + directed[inputs["reverse"]]) / 2
    count = len(inputs["numbers"])
    neighbours = np.bincount(inputs["receivers"], minlength=count)
    total = np.bincount(inputs["receivers"], directed, minlength=count)
    return {
        "attention": attention,
        "senders": inputs["senders"].astype(np.int32),
        "receivers": inputs["receivers"].astype(np.int32),
        "distances": inputs["distances"].astype(np.float32),
        "numbers": inputs["numbers"].astype(np.int32),
        "particle_attention": (total / np.maximum(neighbours, 1)).astype(np.float32),
        "relevance_attention": both.astype(np.float32),
    }
