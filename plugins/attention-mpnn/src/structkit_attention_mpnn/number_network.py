"""The network that says numbers: every particle has a share, and a graph's number is the mean of its shares."""

from __future__ import annotations

from torch import Tensor, nn

from structkit_attention_mpnn.batch import Batch
from structkit_attention_mpnn.network import Network
from structkit_attention_mpnn.number_path import NumberPath
from structkit_attention_mpnn.operations import operations
from structkit_attention_mpnn.settings import MpnnSettings


class NumberNetwork(Network):
    """Maps a `Batch` to one number a graph, (graphs,), or with `per_atom` one a particle, (particles,).

    The head sees single particles; a graph's number is the mean over them, so that two boxes of one
    material have one number, whatever their size.

    Args:
        settings: shape.
        species: how many kinds of particles there are.
        span: smallest and largest distance of the training data.
        angles: numbers beside the distance of each edge.
        engine: `dgl`, `torch`, or `auto`.
        per_atom: whether numbers are said of particles.
    """

    def __init__(
        self,
        settings: MpnnSettings,
        species: int,
        span: tuple[float, float],
        angles: int,
        engine: str,
        per_atom: bool,
    ) -> None:
        bare = settings.model_copy(update={"pair_path": False})
        super().__init__(bare, species, span, angles, 1, engine)
        self.per_atom = per_atom
        hidden, last = settings.hidden, nn.Linear(settings.hidden, 1)
        nn.init.zeros_(last.weight)  # it begins with what the linear path says
        nn.init.zeros_(last.bias)
        # no statistics of a batch: those of a few graphs are noise, which a number cannot bear
        normal = nn.LayerNorm(hidden)
        self.head = nn.Sequential(normal, nn.Linear(hidden, hidden), nn.ReLU(), self.dropout, last)
        self.path = NumberPath(settings.basis, species, span[0]) if settings.pair_path else None

    def forward(self, batch: Batch) -> Tensor:
        """Scaled numbers, (graphs,) or (particles,)."""
        particles, spread, _ = self.messages(batch)
        numbers = self._told(batch, self.head(particles))
        if self.path is not None:
            numbers = numbers + self.path(self._told(batch, self.path.around(batch, spread)))
        return numbers[:, 0]

    def pairs(self, batch: Batch) -> Tensor:
        """What the linear path sees of a batch, (graphs, bins) or (particles, bins)."""
        assert self.path is not None  # noqa: S101  (who asks has looked)
        return self._told(batch, self.path.around(batch, self._spread(batch.distances)))

    def _told(self, batch: Batch, values: Tensor) -> Tensor:
        """Values of particles, or their mean over each graph where numbers are said of graphs."""
        return values if self.per_atom else self.mean(batch, values)

    def mean(self, batch: Batch, values: Tensor) -> Tensor:
        """The mean over the particles of each graph, (graphs, numbers)."""
        engine = operations(self.engine, batch)
        mean: Tensor = engine.sum_in_graphs(values, batch.particles) / batch.particles[:, None]
        return mean
