"""Settings of the networks and their training: the paper's for crystals, and others for disorder."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from structkit_torch_training import TrainingSettings

Blocks = tuple[tuple[int, ...], ...]


class CnnSettings(TrainingSettings):
    """Shape of the network. Epochs, batch size and learning rate are those of the shared loop."""

    filters: Blocks = Field(((32, 32), (16, 16), (8, 8)), min_length=1)
    """convolution filters, block by block; the image is halved between blocks"""
    kernel_size: int = Field(7, ge=1, le=31)
    """edge of a filter, in pixels; odd, so that images keep their size"""
    kernels: tuple[int, ...] | None = None
    """the same for each convolution, in order; null: `kernel_size` for all"""
    halving: Literal["pool", "stride"] = "pool"
    """between blocks: the largest of four pixels, or a convolution that takes every other pixel"""
    padding: Literal["zeros", "periodic"] = "zeros"
    """what lies around an image: nothing, or the image again, as around a periodic box"""
    norms: Literal["none", "batch"] = "none"
    """after each convolution, and after the mean over positions"""
    pooling: Literal["flatten", "mean"] = "flatten"
    """how positions become one vector: side by side, which knows where a thing is, or their mean, which does not"""
    dense: int | None = Field(128, ge=1, le=1_000_000)
    """units of the layer before the last; null: there is none"""
    dropout: float = Field(0.25, ge=0, lt=1)
    """fraction of the flattened features that is dropped while training"""
    precision: Literal["float32", "bf16"] = "float32"
    """of convolutions: with bf16 three significant digits, in half the time where the processor or GPU has it"""
    augment: tuple[Literal["turn", "mirror", "shift"], ...] = ()
    """how images are shown while training: by quarter turns, as in a mirror, moved around the edge (periodic boxes)"""

    @field_validator("kernel_size")
    @classmethod
    def _odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError(f"expected an odd number of pixels, found {value}")
        return value

    @field_validator("filters")
    @classmethod
    def _positive(cls, value: Blocks) -> Blocks:
        if any(not block or min(block) < 1 or max(block) > 65_536 for block in value):
            raise ValueError(
                "expected blocks of filter counts from 1 to 65536, such as [[32, 32], [16, 16]]"
            )
        return value

    @model_validator(mode="after")
    def _one_kernel_each(self) -> CnnSettings:
        if self.kernels is None:
            return self
        wanted = sum(len(block) for block in self.filters)
        if len(self.kernels) != wanted:
            raise ValueError(f"{len(self.kernels)} kernels for {wanted} convolutions")
        if bad := [size for size in self.kernels if size % 2 == 0 or not 1 <= size <= 31]:
            raise ValueError(f"kernels: expected odd numbers from 1 to 31, found {bad[0]}")
        return self

    @property
    def edges(self) -> tuple[int, ...]:
        """Edge of the filters of each convolution, in order."""
        if self.kernels is not None:
            return self.kernels
        return (self.kernel_size,) * sum(len(block) for block in self.filters)


class DisorderSettings(CnnSettings):
    """The same words, with defaults for what has no orientation and no place: liquids, glasses, grains."""

    filters: Blocks = Field(((16,), (24,), (32, 32)), min_length=1)
    """convolution filters, block by block; the image is halved between blocks"""
    kernels: tuple[int, ...] | None = (7, 5, 3, 3)
    """edge of the filters of each convolution, in order; null: `kernel_size` for all"""
    halving: Literal["pool", "stride"] = "stride"
    """between blocks: the largest of four pixels, or a convolution that takes every other pixel"""
    norms: Literal["none", "batch"] = "batch"
    """after each convolution, and after the mean over positions"""
    pooling: Literal["flatten", "mean"] = "mean"
    """how positions become one vector: side by side, which knows where a thing is, or their mean, which does not"""
    dense: int | None = Field(None, ge=1, le=1_000_000)
    """units of the layer before the last; null: there is none"""
    dropout: float = Field(0.0, ge=0, lt=1)
    """fraction of the features that is dropped while training"""
    augment: tuple[Literal["turn", "mirror", "shift"], ...] = ("turn", "mirror")
    """how images are shown while training: by quarter turns, as in a mirror, moved around the edge (periodic boxes)"""
    epochs: int = Field(20, ge=1, le=1_000_000)
    """passes over the training part"""
    batch_size: int = Field(16, ge=2, le=1_000_000)
    """rows per step"""
    learning_rate: float = Field(0.01, gt=0)
    """of Adam"""
    schedule: Literal["constant", "cosine"] = "cosine"
    """of the learning rate: as it is, or falling from it to nothing along half a cosine over all epochs"""
    keep: Literal["best", "last"] = "last"
    """the epoch whose weights are kept: that of the lowest validation loss, or the last"""
    exact_norms: bool = True
    """whether batch norms are given the statistics of the whole training part after each epoch, not running averages"""

    @model_validator(mode="after")
    def _patient(self) -> DisorderSettings:
        if self.patience is not None and self.keep == "last":
            raise ValueError("patience stops after epochs that are worse: keep: best goes with it")
        return self
