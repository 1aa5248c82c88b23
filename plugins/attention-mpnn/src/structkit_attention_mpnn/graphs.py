"""What a model must know of graphs: their species, and the distances in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from structkit import DataError, Problem, Table
from structkit_attention_mpnn.batch import Batch, batch


def graph_facts(train: Table, outermost: bool = False) -> dict[str, Any]:
    """Species (atomic numbers), span of the distances, and how many numbers there are of angles on an edge.

    Args:
        train: arrays of `neighbour-graph`.
        outermost: whether the span holds all distances, not nearly all: energies rise where few are.
    """
    species = sorted(
        {int(z) for row in range(len(train)) for z in np.unique(train.item("numbers", row))}
    )
    angles = train.item("angles", 0).shape[1] if "angles" in train.arrays else 0
    return {"species": species, "span": list(_span(train, outermost)), "angles": angles}


def known_batch(table: Table, rows: Sequence[int], species: Sequence[int]) -> Batch:
    """Rows of a table as the network's input.

    Args:
        table: arrays of `neighbour-graph`.
        rows: which.
        species: atomic numbers that the network knows, sorted.

    Raises:
        DataError: M021, a species that training has not seen.
    """
    for row in rows:
        if strange := set(np.unique(table.item("numbers", row)).tolist()) - set(species):
            message = f"row '{table.rows[row].id}' holds atomic number {min(strange)}, which training has not seen"
            raise DataError(Problem("M021", message, fix="set species: false in neighbour-graph"))
    return batch(table, rows, species)


def _span(train: Table, outermost: bool) -> tuple[float, float]:
    """The range that all, or nearly all, distances of the training data lie in."""
    distances = np.concatenate([train.item("distances", row) for row in range(len(train))])
    if len(distances) == 0:
        return 0.0, 1.0
    low, high = np.quantile(
        distances.astype(np.float64), [0.0, 1.0] if outermost else [0.001, 0.999]
    )
    return float(low), float(max(high, low + 1e-3))
