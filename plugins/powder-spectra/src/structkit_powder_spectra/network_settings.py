"""Settings of the network along an axis, and of its maps."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from structkit import Settings
from structkit_torch_training import TrainingSettings


class SpectrumCnnSettings(TrainingSettings):
    """Shape of the network. Epochs, batch size and learning rate are those of the shared loop."""

    filters: tuple[int, ...] = Field((16, 32, 64), min_length=1)
    """convolution filters, block by block; the pattern is pooled after each"""
    kernel_size: int = Field(9, ge=1, le=501)
    """length of a filter, in points; odd, so that patterns keep their length"""
    pool: int = Field(5, ge=1, le=64)
    """points that become one after each block: how far a line may move unnoticed"""
    dense: int = Field(128, ge=1, le=1_000_000)
    """units of the layer before the last"""
    dropout: float = Field(0.3, ge=0, lt=1)
    """fraction of the flattened features that is dropped while training"""

    @field_validator("kernel_size")
    @classmethod
    def _odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError(f"expected an odd number of points, found {value}")
        return value

    @field_validator("filters")
    @classmethod
    def _positive(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if min(value) < 1 or max(value) > 65_536:
            raise ValueError("expected filter counts from 1 to 65536, such as [16, 32, 64]")
        return value


class SpectrumMapSettings(Settings):
    """Which maps, and into how many parts a pattern is cut."""

    methods: tuple[Literal["gradient-x-input", "integrated-gradients", "occlusion"], ...] = Field(
        ("gradient-x-input", "integrated-gradients", "occlusion"), min_length=1
    )
    """how the relevance of each part is found; each is tested"""
    parts: int = Field(140, ge=4, le=20_000)
    """stretches of the axis, of equal length, that have one number each"""
    steps: int = Field(16, ge=2, le=1000)
    """points of the path of integrated gradients"""
    peaks: int = Field(12, ge=0, le=1000)
    """lines that are named, the strongest of the pattern"""
