"""Settings of the response maps; the defaults are the paper's."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from structkit import Settings


class ResponseMapSettings(Settings):
    """What is mapped."""

    filters: int = Field(4, ge=1)
    """filters of a layer that are followed: those with the largest summed activation"""
    layers: tuple[int, ...] | None = Field(None, min_length=1)
    """convolution layers, 0 being the first; null: all"""
    per_filter: bool = False
    """keep the map of every filter too, not only the sum of each layer"""
    methods: tuple[
        Literal["response", "gradient-x-input", "integrated-gradients", "grad-cam"], ...
    ] = (
        "response",
        "gradient-x-input",
        "integrated-gradients",
        "grad-cam",
    )
    """maps with one number a pixel; each gets a faithfulness score; all but `response` are for the predicted class"""
    steps: int = Field(16, ge=1, le=10_000)
    """points on the way from an empty image, of integrated gradients"""


class PixelMapSettings(Settings):
    """How single pixels are explained."""

    methods: tuple[Literal["gradient-x-input", "integrated-gradients", "nearness"], ...] = Field(
        ("gradient-x-input", "integrated-gradients"), min_length=1
    )
    """maps of what speaks for the class that was said of a pixel; `nearness` asks no network"""
    steps: int = Field(16, ge=1, le=10_000)
    """points on the way from a grey image, of integrated gradients"""
