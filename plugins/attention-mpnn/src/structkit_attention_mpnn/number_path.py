"""The linear path of numbers: from pair distributions straight to the number, fitted before the messages learn."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from structkit_attention_mpnn.batch import Batch

PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""of the squared weights, for standardised features and a number of variance one: the validation part chooses"""
TINY = 1e-9
STEEPNESS = (8.0, 12.0, 16.0)
"""smallest distance of the training data over the length by which the repulsion decays: of ions, rare gases and metals
it is between eight and sixteen; the validation part chooses"""
Batches = Iterable[
    tuple[Tensor, Tensor]
]  # features (n, bins) and what is known (n,), NaN where nothing is


class NumberPath(nn.Module):
    """Partial pair distributions around each particle, standardised by the training part, then a linear layer.

    The energy of particles that attract each other in pairs is exactly linear in the distribution
    of their distances, and steep where they come near: a bin that few graphs fill decides. Steps of
    a gradient hardly find such weights; a ridge regression finds them at once.

    Beside the Gaussians over the distances that training has seen stands exp(-(r - s) / ρ), s the
    smallest of them: atoms repel each other nearly so (M. Born and J. E. Mayer, Z. Phys. 75, 1
    (1932)). It goes on where atoms come nearer than ever before, and is one for each pair of
    species, so that what is said there rises or falls steadily.

    Args:
        basis: Gaussians that a distance is spread over.
        species: how many kinds of particles there are.
        nearest: the smallest distance of the training data.
    """

    def __init__(self, basis: int, species: int, nearest: float) -> None:
        super().__init__()
        self.species, self.nearest = species, max(nearest, TINY)
        self.basis, self.pairs = basis, species**2
        bins = (basis + len(STEEPNESS)) * self.pairs
        self.mean: Tensor
        self.deviation: Tensor
        self.used: Tensor
        self.register_buffer("mean", torch.zeros(bins))
        self.register_buffer("deviation", torch.ones(bins))
        self.register_buffer("used", self._with_length(0))
        self.weigh = nn.Linear(bins, 1)
        nn.init.zeros_(self.weigh.weight)
        nn.init.zeros_(self.weigh.bias)

    def _with_length(self, chosen: int) -> Tensor:
        """Which numbers count where one of the lengths is chosen: one or zero, (bins,)."""
        of_a_pair = torch.ones(self.basis + len(STEEPNESS))
        of_a_pair[self.basis :] = 0.0
        of_a_pair[self.basis + chosen] = 1.0
        return of_a_pair.repeat(self.pairs)

    def forward(self, around: Tensor) -> Tensor:
        """From pair distributions (n, bins), of particles or their mean over graphs: numbers (n, 1)."""
        numbers: Tensor = self.weigh((around - self.mean) / self.deviation * self.used)
        return numbers

    def around(self, batch: Batch, spread: Tensor) -> Tensor:
        """Sums over the edges that come in at each particle, by pair of species: (particles, bins).

        Args:
            batch: the graphs.
            spread: their distances over Gaussians, (edges, basis).
        """
        kinds = batch.kinds[batch.senders] * self.species + batch.kinds[batch.receivers]
        seen = torch.cat([spread, self._repulsions(batch.distances)], dim=1)
        sums = seen.new_zeros(len(batch.kinds) * self.pairs, seen.shape[1])
        summed = sums.index_add(0, batch.receivers * self.pairs + kinds, seen)
        return summed.view(len(batch.kinds), -1)

    def _repulsions(self, distances: Tensor) -> Tensor:
        """exp(-(r - s) / ρ) of every distance, for each length that may be chosen: (edges, lengths)."""
        steepness = distances.new_tensor(STEEPNESS)
        return torch.exp((1 - distances[:, None] / self.nearest) * steepness)

    def start(self, train: Batches, valid: Batches) -> None:
        """Fit it to the training part; of lengths and penalties those with the least error on the validation part."""
        x, y = _known(train)
        self.mean, self.deviation = (part.float() for part in _scale(x))
        x = (x - self.mean) / self.deviation
        held, truth = _known(valid)
        held = (held - self.mean) / self.deviation if len(held) else held
        usual = (len(STEEPNESS) // 2, PENALTIES[len(PENALTIES) // 2])
        best = torch.inf
        for length, penalty in itertools.product(range(len(STEEPNESS)), PENALTIES):
            if len(held) == 0 and (length, penalty) != usual:
                continue
            used = self._with_length(length)
            weights, bias = _ridge(x * used, y, penalty)
            error = float(((held @ weights + bias - truth) ** 2).mean()) if len(held) else 0.0
            if error < best:
                best = error
                self._set(weights, bias, used)

    def _set(self, weights: Tensor, bias: Tensor, used: Tensor) -> None:
        """Take what was fitted."""
        with torch.no_grad():
            self.used.copy_(used)
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
