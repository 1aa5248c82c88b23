"""Settings of the network and its training; the defaults are the paper's."""

from __future__ import annotations

from pydantic import Field, field_validator

from structkit_torch_training import TrainingSettings


class CnnSettings(TrainingSettings):
    """Shape of the network. Epochs, batch size and learning rate are those of the shared loop."""

    filters: tuple[tuple[int, ...], ...] = Field(((32, 32), (16, 16), (8, 8)), min_length=1)
    """convolution filters, block by block; the image is halved between blocks"""
    kernel_size: int = Field(7, ge=1, le=31)
    """edge of a filter, in pixels; odd, so that images keep their size"""
    dense: int = Field(128, ge=1, le=1_000_000)
    """units of the layer before the last"""
    dropout: float = Field(0.25, ge=0, lt=1)
    """fraction of the flattened features that is dropped while training"""

    @field_validator("kernel_size")
    @classmethod
    def _odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError(f"expected an odd number of pixels, found {value}")
        return value

    @field_validator("filters")
    @classmethod
    def _positive(cls, value: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
        if any(not block or min(block) < 1 or max(block) > 65_536 for block in value):
            raise ValueError(
                "expected blocks of filter counts from 1 to 65536, such as [[32, 32], [16, 16]]"
            )
        return value
