"""The model `attention-mpnn`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from structkit import Table
from structkit.library import component, configured
from structkit_attention_mpnn.batch import Batch
from structkit_attention_mpnn.graphs import graph_facts, known_batch
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
        return graph_facts(train)

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
        return known_batch(table, rows, self.facts["species"])
