"""The models `attention-mpnn-numbers` and `attention-mpnn-atoms`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from structkit import Table
from structkit.library import component, configured
from structkit_attention_mpnn.batch import Batch
from structkit_attention_mpnn.graphs import graph_facts, known_batch
from structkit_attention_mpnn.number_network import NumberNetwork
from structkit_attention_mpnn.operations import engine
from structkit_attention_mpnn.settings import AtomNumberSettings, NumberSettings
from structkit_torch_training import TorchRegressor

if TYPE_CHECKING:
    from torch import Tensor


class GraphRegressor(TorchRegressor):
    """What both share: numbers of graphs by message passing."""

    settings: NumberSettings
    per_atom: ClassVar[bool]

    def facts_of(self, train: Table) -> dict[str, Any]:
        """Species (atomic numbers), span of the distances, and how many numbers there are of angles on an edge."""
        return graph_facts(train, outermost=True)

    def prepare(self, train: Table, valid: Table) -> None:
        """Fit the linear path, where there is one, before the messages learn."""
        network = self.trained()
        assert isinstance(network, NumberNetwork)  # noqa: S101  (`new_network` made it)
        if network.path is not None:
            network.path.start(self._pairs(network, train), self._pairs(network, valid))

    def _pairs(self, network: NumberNetwork, table: Table) -> Iterator[tuple[Tensor, Tensor]]:
        """What the linear path sees, and what is to be said of it, batch by batch."""
        import torch

        numbers = self.scaled(table)
        for start in range(0, len(table), self.together):
            rows = range(start, min(start + self.together, len(table)))
            known = np.concatenate([numbers[row] for row in rows])
            with torch.no_grad():
                yield network.pairs(self.collate(table, rows)), torch.from_numpy(known)

    def new_network(self) -> NumberNetwork:
        """Fresh weights, for the species and distances of the training data."""
        chosen, (low, high) = engine(self.settings.backend), self.facts["span"]
        species, angles = len(self.facts["species"]), self.facts["angles"]
        return NumberNetwork(self.settings, species, (low, high), angles, chosen, self.per_atom)

    def collate(self, table: Table, rows: Sequence[int]) -> Batch:
        """Rows of a table as the network's input.

        Raises:
            DataError: M021, a species that training has not seen.
        """
        return known_batch(table, rows, self.facts["species"])

    def predict_with_features(self, table: Table) -> tuple[Any, NDArray[np.float32]]:
        """What `predict` says of every row, and its `features`.

        Raises:
            ValueError: the model is not trained.
        """
        return self.predict(table), self.features(table)

    def features(self, table: Table) -> NDArray[np.float32]:
        """Where the network sees rows: its particles before the head, averaged, (rows, numbers).

        Raises:
            ValueError: the model is not trained.
        """
        import torch

        network = self.trained()
        assert isinstance(network, NumberNetwork)  # noqa: S101  (`new_network` made it)
        device = next(network.parameters()).device
        parts = []
        for start in range(0, len(table), self.together):
            rows = range(start, min(start + self.together, len(table)))
            graphs = self.collate(table, rows).to(device)
            with torch.no_grad():
                particles = network.messages(graphs)[0]
                parts.append(network.mean(graphs, particles).cpu().numpy())
        result: NDArray[np.float32] = np.concatenate(parts) if parts else np.zeros((0, 0), "f4")
        return result


@component
class AttentionMpnnNumbers(GraphRegressor):
    r"""Says a number of every graph, such as its energy per particle, by message passing.

    Every particle v has a share

    $$
    s_v = f(h_v) + w \cdot \frac{g_v - \mu}{\sigma}
    $$

    of what the messages of `attention-mpnn` make of it, and of a linear path from the distribution
    g of its distances over Gaussians and an exponential, by pair of species, which is exact for
    particles that attract each other in pairs. The number is the mean of the shares, so that a
    larger box of the same material has the same one; with `extensive` it is their sum. A ridge
    regression on the training part sets the linear path before the first epoch.

    It learns no forces. Nearer than any distance that was learnt from only the exponential exp(-(r
    - s)/ρ) goes on, with s the smallest of them and ρ = s/8, s/12 or s/16 (Born and Mayer): what
    many atoms do together there is not known.

    Args:
        settings: the words of `NumberSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import bulk
        >>> from structkit import Row, Table, train
        >>> from structkit_attention_mpnn import AttentionMpnnNumbers
        >>> from structkit_particle_descriptors import NeighbourGraph
        >>> edges = [3.5, 3.6, 3.7, 3.8]
        >>> graphs = [NeighbourGraph(k=8)(bulk("Cu", "fcc", a=edge, cubic=True)) for edge in edges]
        >>> arrays = {name: [graph[name] for graph in graphs] for name in graphs[0]}
        >>> table = Table.of([Row(str(edge)) for edge in edges], **arrays, target=np.array(edges))
        >>> model = AttentionMpnnNumbers(hidden=8, epochs=2, batch_size=4, backend="torch")
        >>> records = train(model, table)
        >>> np.asarray(model.predict(table)["value"]).shape
        (4,)
    """

    per_atom = False

    @configured(NumberSettings)
    def __init__(self, settings: NumberSettings) -> None:
        super().__init__(settings)

    def amounts(self, table: Table) -> NDArray[np.float64]:
        """The number of particles where the number is extensive, else one, (rows,)."""
        if not self.settings.extensive:
            return super().amounts(table)
        sizes = [len(table.item("numbers", row)) for row in range(len(table))]
        return np.array(sizes, dtype=np.float64)


@component
class AttentionMpnnAtoms(GraphRegressor):
    """Says a number of every atom, such as its part of the energy, by message passing.

    The number is the share of each particle as `attention-mpnn-numbers` has it, learnt from a
    per-atom array. It reads the arrays of `neighbour-graph`, whose particles are the atoms. How a
    whole is parted among atoms is a convention of whoever made the data, and that convention is
    what is learnt.

    Args:
        settings: the words of `AtomNumberSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import bulk
        >>> from structkit import Row, Table, train
        >>> from structkit_attention_mpnn import AttentionMpnnAtoms
        >>> from structkit_particle_descriptors import NeighbourGraph
        >>> edges = [3.5, 3.6, 3.7, 3.8]
        >>> graphs = [NeighbourGraph(k=8)(bulk("Cu", "fcc", a=edge, cubic=True)) for edge in edges]
        >>> arrays = {name: [graph[name] for graph in graphs] for name in graphs[0]}
        >>> truth = [np.full(4, edge) for edge in edges]
        >>> table = Table.of([Row(str(edge)) for edge in edges], **arrays, target=truth)
        >>> model = AttentionMpnnAtoms(hidden=8, epochs=2, batch_size=4, backend="torch")
        >>> records = train(model, table)
        >>> [len(one) for one in model.predict(table)]
        [4, 4, 4, 4]
    """

    per_atom = True

    @configured(AtomNumberSettings)
    def __init__(self, settings: AtomNumberSettings) -> None:
        super().__init__(settings)

    def predict(self, features: Table) -> list[NDArray[np.float64]]:
        """Numbers of the atoms of every row, float64 (atoms,), in the unit that was learnt.

        Raises:
            ValueError: the model is not trained.
        """
        sizes = [len(features.item("numbers", row)) for row in range(len(features))]
        flat = self.unscaled(self.said(features))
        return np.split(flat, np.cumsum(sizes)[:-1]) if sizes else []
