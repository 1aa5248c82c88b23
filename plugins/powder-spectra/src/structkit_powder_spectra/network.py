"""A network along one axis: blocks of filters with pooling after each, a dense layer, one number a class."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn

from structkit_powder_spectra.network_settings import SpectrumCnnSettings


class SpectrumNetwork(nn.Module):
    """`features` maps (batch, 1, points) to (batch, filters, places), `head` those to logits (batch, classes).

    The places are not averaged: where a line lies is what tells structures apart.
    """

    def __init__(self, settings: SpectrumCnnSettings, points: int, classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(*_blocks(settings))
        places = points
        for _ in settings.filters:
            places //= settings.pool
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(settings.dropout),
            nn.Linear(settings.filters[-1] * places, settings.dense),
            nn.ReLU(),
            nn.Linear(settings.dense, classes),
        )

    def forward(self, spectra: Tensor) -> Tensor:
        """Logits of a batch of spectra."""
        logits: Tensor = self.head(self.features(spectra))
        return logits


def _blocks(settings: SpectrumCnnSettings) -> Iterator[nn.Module]:
    before = 1
    for filters in settings.filters:
        yield nn.Conv1d(before, filters, settings.kernel_size, padding=settings.kernel_size // 2)
        yield nn.ReLU()
        yield nn.MaxPool1d(settings.pool)
        before = filters
