"""Settings of the loop that the torch plugins share."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from structkit.components import Settings


class TrainingSettings(Settings):
    """Settings of the shared loop; a model's own settings inherit from it."""

    epochs: int = Field(5, ge=1, le=1_000_000)
    """passes over the training part"""
    batch_size: int = Field(32, ge=2, le=1_000_000)
    """rows per step"""
    learning_rate: float = Field(1e-3, gt=0)
    """of Adam"""
    processes: int = Field(1, ge=1, le=64)
    """that train together, each on its part of every batch with its share of the threads, or on a GPU of its own"""
    patience: int | None = Field(None, ge=1)
    """stop after this many epochs without a better validation loss; null: never"""
    schedule: Literal["constant", "cosine"] = "constant"
    """of the learning rate: as it is, or falling from it to nothing along half a cosine over all epochs"""
    exact_norms: bool = False
    """whether batch norms are given the statistics of the whole training part after each epoch, not running averages"""
