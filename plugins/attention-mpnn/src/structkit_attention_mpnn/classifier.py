"""The model `attention-mpnn`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit import DataError, Problem, Table
from structkit.library import component, configured
from structkit_attention_mpnn.batch import Batch, batch
from structkit_attention_mpnn.network import Network
from structkit_attention_mpnn.operations import engine
from structkit_attention_mpnn.settings import MpnnSettings
from structkit_torch_training import TorchClassifier

if TYPE_CHECKING:
    from torch import nn


@component
class AttentionMpnn(TorchClassifier):
    """Classifies graphs by message passing with self-attention (Swanson et al., Soft Matter 16, 435 (2020)).

    Reads the arrays of `neighbour-graph`. A prediction does not depend on the graphs it is made
    with. Trained by Adam on the cross-entropy; the epoch with the lowest validation loss is kept.

    Args:
        settings: the words of `MpnnSettings`.
    """

    settings: MpnnSettings

    @configured(MpnnSettings)
    def __init__(self, settings: MpnnSettings) -> None:
        super().__init__(settings)

    def facts_of(self, train: Table) -> dict[str, Any]:
        """Species (atomic numbers), span of the distances, and how many numbers there are of angles on an edge."""
        species = sorted(
            {int(z) for row in range(len(train)) for z in np.unique(train.item("numbers", row))}
        )
        angles = train.item("angles", 0).shape[1] if "angles" in train.arrays else 0
        return {"species": species, "span": list(_span(train)), "angles": angles}

    def new_network(self) -> Network:
        """Fresh weights, for the species and distances of the training data."""
        chosen, (low, high) = engine(self.settings.backend), self.facts["span"]
        species, angles = len(self.facts["species"]), self.facts["angles"]
        return Network(self.settings, species, (low, high), angles, len(self.classes), chosen)

    def last_layers(self, network: nn.Module) -> Sequence[nn.Module]:
        """The head's last layer, and the pair path where there is one: the logits are their sum."""
        assert isinstance(network, Network)  # noqa: S101  (`new_network` made it)
        path = [] if network.pair_path is None else [network.pair_path.weigh]
        return [network.head[-1], *path]

    def collate(self, table: Table, rows: Sequence[int]) -> Batch:
        """Rows of a table as the network's input.

        Raises:
            DataError: M021, a species that training has not seen.
        """
        known = self.facts["species"]
        for row in rows:
            if strange := set(np.unique(table.item("numbers", row)).tolist()) - set(known):
                message = f"row '{table.rows[row].id}' holds atomic number {min(strange)}, which training has not seen"
                raise DataError(
                    Problem("M021", message, fix="set species: false in neighbour-graph")
                )
        return batch(table, rows, known)


def _span(train: Table) -> tuple[float, float]:
    """The range that nearly all distances of the training data lie in."""
    distances = np.concatenate([train.item("distances", row) for row in range(len(train))])
    if len(distances) == 0:
        return 0.0, 1.0
    low, high = np.quantile(distances.astype(np.float64), [0.001, 0.999])
    return float(low), float(max(high, low + 1e-3))
