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
    r"""Classifies graphs by message passing with self-attention (Swanson et al., Soft Matter 16, 435 (2020)).

    With x the species of a particle and e a distance spread over Gaussians, messages h live on the
    directed edges:

    $$
    h^0_{vw} = \mathrm{ReLU}(W [x_v; e_{vw}]), \qquad
    m_{vw} = \sum_k h_{kv} - h_{wv}, \qquad
    h \leftarrow \mathrm{ReLU}(h^0 + W m)
    $$

    After each round a softmax over the bonds of the same graph scales them, head by head; the mean
    over particles of ReLU(W[x_v; Σ_k h_kv]) goes to two layers. `pair_path` adds a linear path
    from the partial pair distributions to the logits, the surer part where graphs are few and
    differences faint.

    It reads the arrays of `neighbour-graph`: distances and species, no coordinates, so that
    turning or moving a structure changes nothing. A prediction does not depend on the graphs it is
    made with (the paper's softmax runs over the batch). Trained by Adam on the cross-entropy; the
    epoch with the lowest validation loss is kept. Attention is no explanation by itself:
    `attention-maps` are tested like any other.

    Args:
        settings: the words of `MpnnSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import bulk
        >>> from structkit import Row, Table, train
        >>> from structkit_attention_mpnn import AttentionMpnn
        >>> from structkit_particle_descriptors import NeighbourGraph
        >>> describe = NeighbourGraph(k=8, scale="mean", species=False)
        >>> names = ["Cu", "Fe", "Al", "W"]
        >>> graphs = [describe(bulk(name, cubic=True)) for name in names]
        >>> rows = [Row(name, label=["fcc", "bcc"][i % 2]) for i, name in enumerate(names)]
        >>> arrays = {name: [graph[name] for graph in graphs] for name in graphs[0]}
        >>> table = Table.of(rows, **arrays)
        >>> model = AttentionMpnn(hidden=8, epochs=2, batch_size=4, backend="torch")
        >>> records = train(model, table)
        >>> model.classes, model.predict(table).shape
        (('bcc', 'fcc'), (4, 2))
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
