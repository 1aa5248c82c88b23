"""The linear path of numbers: from pair distributions straight to the number, fitted before the messages learn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from structkit_attention_mpnn.batch import Batch

PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""of the squared weights, for standardised features and a number of variance one: the validation part chooses"""
TINY = 1e-9
STEEPNESS = (5.0, 8.0, 12.0, 20.0)
"""smallest distance of the training data over the lengths by which repulsions decay: of ions, rare gases and metals it
is between eight and fifteen"""
Batches = Iterable[
    tuple[Tensor, Tensor]
]  # features (n, bins) and what is known (n,), NaN where nothing is


class NumberPath(nn.Module):
    """Partial pair distributions around each particle, standardised by the training part, then a linear layer.

    The energy of particles that attract each other in pairs is exactly linear in the distribution
    of their distances, and steep where they come near: a bin that few graphs fill decides. Steps of
    a gradient hardly find such weights; a ridge regression finds them at once.

    Beside the Gaussians over the distances that training has seen stand exp(-(r - s) / ρ), s the
    smallest of them: atoms repel each other nearly as exponentials (M. Born and J. E. Mayer, Z.
    Phys. 75, 1 (1932)), so that it can be said what happens when they come nearer than ever before.

    Args:
        basis: Gaussians that a distance is spread over.
        species: how many kinds of particles there are.
        nearest: the smallest distance of the training data.
    """

    def __init__(self, basis: int, species: int, nearest: float) -> None:
        super().__init__()
        self.species, self.nearest = species, nearest
        self.lengths: Tensor
        self.register_buffer("lengths", nearest / torch.tensor(STEEPNESS))
        bins = (basis + len(STEEPNESS)) * species**2
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", torch.zeros(bins))
        self.register_buffer("deviation", torch.ones(bins))
        self.weigh = nn.Linear(bins, 1)
        nn.init.zeros_(self.weigh.weight)
        nn.init.zeros_(self.weigh.bias)

    def forward(self, around: Tensor) -> Tensor:
        """From pair distributions (n, bins), of particles or their mean over graphs: numbers (n, 1)."""
        numbers: Tensor = self.weigh((around - self.mean) / self.deviation)
        return numbers

    def around(self, batch: Batch, spread: Tensor) -> Tensor:
        """Sums over the edges that come in at each particle, by pair of species: (particles, bins).

        Args:
            batch: the graphs.
            spread: their distances over Gaussians, (edges, basis).
        """
        pairs = self.species**2
        kinds = batch.kinds[batch.senders] * self.species + batch.kinds[batch.receivers]
        seen = torch.cat([spread, self._repulsions(batch.distances)], dim=1)
        sums = seen.new_zeros(len(batch.kinds) * pairs, seen.shape[1])
        summed = sums.index_add(0, batch.receivers * pairs + kinds, seen)
        return summed.view(len(batch.kinds), -1)

    def _repulsions(self, distances: Tensor) -> Tensor:
        """exp(-(r - s) / ρ) of every distance, (edges, lengths)."""
        return torch.exp((self.nearest - distances[:, None]) / self.lengths)

    def start(self, train: Batches, valid: Batches) -> None:
        """Fit it to the training part; of several penalties the one with the least error on the validation part."""
        x, y = _known(train)
        self.mean, self.deviation = (part.float() for part in _scale(x))
        x = (x - self.mean) / self.deviation
        held, truth = _known(valid)
        held = (held - self.mean) / self.deviation if len(held) else held
        fits = [_ridge(x, y, penalty) for penalty in PENALTIES]
        errors = [float(((held @ w + b - truth) ** 2).mean()) for w, b in fits] if len(held) else []
        weights, bias = fits[errors.index(min(errors))] if errors else fits[len(fits) // 2]
        with torch.no_grad():
            self.weigh.weight.copy_(weights[None, :])
            self.weigh.bias.fill_(float(bias))


def _known(batches: Batches) -> tuple[Tensor, Tensor]:
    """All rows of which something is known, in double precision."""
    features: Sequence[Tensor]
    features, numbers = [torch.zeros(0, 0, dtype=torch.float64)], [torch.zeros(0).double()]
    for x, y in batches:
        there = y.isfinite()
        if there.any():
            features = [part for part in features if part.numel()] + [x[there].double()]
            numbers.append(y[there].double())
    return torch.cat(features), torch.cat(numbers)


def _scale(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each feature; one for a feature that is constant."""
    deviation = x.std(dim=0, correction=0)
    constant = deviation <= TINY * x.abs().amax(dim=0).clamp(min=TINY)
    return x.mean(dim=0), torch.where(constant, torch.ones_like(deviation), deviation)


def _ridge(x: Tensor, y: Tensor, penalty: float) -> tuple[Tensor, Tensor]:
    """Weights and bias of a ridge regression on features of mean zero, by the normal equations."""
    square = x.T @ x + penalty * torch.eye(x.shape[1], dtype=x.dtype)
    centre = x.mean(dim=0)
    weights = torch.linalg.solve(square, x.T @ (y - y.mean()))
    return weights, y.mean() - centre @ weights
