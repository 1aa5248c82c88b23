"""A linear path from distances to logits, beside the messages: wide and deep (Cheng et al., arXiv:1606.07792)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from structkit_attention_mpnn.batch import Batch

FLOOR = 1e-5
"""added to the variance of a bin (squared numbers of bonds per particle): a bin that varies by less than 0.003, as
those of rare distances do, counts for less; without it their noise is what few graphs teach"""


class PairPath(nn.Module):
    """Logits (graphs, classes), linear in the partial pair distributions of each graph, each bin normalised.

    What tells two kinds of configurations apart may be a percent of a mean over all bonds. A few
    dozen graphs teach a linear function of such means sooner than anything richer; the messages add
    what is not linear.

    Args:
        basis: numbers that a distance is spread over.
        species: how many kinds of particles there are.
        classes: how many logits.
    """

    def __init__(self, basis: int, species: int, classes: int) -> None:
        super().__init__()
        self.species = species
        bins = basis * species**2
        # a step of the optimiser then moves the logits alike, however many bins there are
        self.scale = bins**-0.5
        self.normal = nn.BatchNorm1d(bins, eps=FLOOR, affine=False)
        self.weigh = nn.Linear(bins, classes)
        nn.init.zeros_(self.weigh.weight)

    def forward(self, batch: Batch, spread: Tensor) -> Tensor:
        """From the spread distances of the edges, (edges, basis)."""
        logits: Tensor = self.weigh(self.scale * self.normal(self.distributions(batch, spread)))
        return logits

    def distributions(self, batch: Batch, spread: Tensor) -> Tensor:
        """Spread distances of each pair (sender, receiver) of species, summed in each graph, per particle."""
        graphs, pairs = len(batch.particles), self.species**2
        graph = torch.repeat_interleave(
            torch.arange(graphs, device=batch.edges.device), batch.edges
        )
        kinds = batch.kinds[batch.senders] * self.species + batch.kinds[batch.receivers]
        sums = spread.new_zeros(graphs * pairs, spread.shape[1]).index_add(
            0, graph * pairs + kinds, spread
        )
        return sums.view(graphs, -1) / batch.particles[:, None]
