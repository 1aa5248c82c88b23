"""Settings of what finds columns and defects."""

from __future__ import annotations

from pydantic import Field

from structkit import Settings
from structkit_torch_training import TrainingSettings


class UNetSettings(TrainingSettings):
    """Shape of the network. Epochs, batch size and learning rate are those of the shared loop."""

    filters: int = Field(8, ge=1, le=1024)
    """of the first block; each halving of the image doubles them"""
    halvings: int = Field(3, ge=1, le=6)
    """how often the image is halved on the way down; its edge must be divisible by two as often"""
    balance: float = Field(0.5, ge=0, le=1)
    """how much a pixel of a rare class counts: 0 as any other, 1 so much more that all classes count alike"""
    separation: float = Field(0.8, gt=0, le=10)
    """columns are at least this far from each other, in Å"""
    threshold: float = Field(0.5, gt=0, lt=1)
    """the least probability of a column where one is found"""
    epochs: int = Field(10, ge=1, le=1_000_000)
    """passes over the training part"""
    batch_size: int = Field(8, ge=2, le=1_000_000)
    """rows per step"""
    learning_rate: float = Field(3e-3, gt=0)
    """of Adam"""
    schedule: str = Field("cosine", pattern="^(constant|cosine)$")  # type: ignore[assignment]
    """of the learning rate: as it is, or falling from it to nothing along half a cosine over all epochs"""


class PeakSettings(Settings):
    """How local maxima are looked for. Widths and thresholds are those that were best on the training part."""

    widths: tuple[float, ...] = Field((0.2, 0.3, 0.4, 0.5), min_length=1)
    """standard deviations of the Gaussian that an image is smoothed by first, in Å; the best is kept"""
    thresholds: tuple[float, ...] = Field((0.05, 0.1, 0.15, 0.2, 0.3, 0.4), min_length=1)
    """how far a maximum must stand above the darkest around it, as a share of the image's range; the best is kept"""
    separation: float = Field(0.8, gt=0, le=10)
    """columns are at least this far from each other, in Å"""
    most: int = Field(40, ge=1)
    """images of the training part that are looked at"""
