"""Settings of the fingerprint; the defaults are the paper's."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from structkit import Settings


class FingerprintSettings(Settings):
    """Geometry of the simulated diffraction experiment."""

    size: int = Field(64, ge=8, le=512)
    """pixels along an edge of the square detector"""
    wavelength: float = Field(0.05, gt=0)
    """of the radiation, in units of the mean neighbour distance (the paper: 0.05 Å after scaling to 1 Å)"""
    distance: float = Field(0.1, gt=0)
    """from the sample to the detector, in m"""
    pixel_size: float | None = Field(None, gt=0)
    """edge of a pixel, in m; null: 4e-4 · 64/size, so that every size sees the paper's angles"""
    angle: float = Field(45.0, ge=0, le=180)
    """the crystal is turned by ± this angle about each laboratory axis, in degrees"""
    inner_radius: float | None = Field(None, ge=0)
    """pixels this near to the centre are zero, in pixels; null: 10 · size/64"""
    outer_radius: float | None = Field(None, gt=0)
    """pixels this far from the centre are zero, in pixels; null: 30 · size/64"""
    contrast: Literal["elements", "none"] = "elements"
    """atomic form factors of the elements, or the same unit scatterer for all"""
    scale: Literal["mean", "mode"] = "mean"
    """length that becomes one: the mean nearest-neighbour distance, as in the paper, or the most frequent neighbour
    distance, which hardly changes when atoms are displaced"""
    number_shift: int = Field(2, ge=0, le=10)
    """added to every atomic number before its form factor is looked up (the paper: 2)"""

    @model_validator(mode="after")
    def _ring_is_open(self) -> FingerprintSettings:
        if self.inner >= self.outer:
            raise ValueError(
                f"inner_radius {self.inner:g} px leaves nothing below outer_radius {self.outer:g} px"
            )
        return self

    @property
    def pixel(self) -> float:
        """Edge of a pixel in m."""
        return 4e-4 * 64 / self.size if self.pixel_size is None else self.pixel_size

    @property
    def inner(self) -> float:
        """Inner radius of the ring that is kept, in pixels."""
        return 10 * self.size / 64 if self.inner_radius is None else self.inner_radius

    @property
    def outer(self) -> float:
        """Outer radius of the ring that is kept, in pixels."""
        return 30 * self.size / 64 if self.outer_radius is None else self.outer_radius


class _PowderSettings(Settings):
    """What both powder descriptors share."""

    smallest: float = Field(4.0, gt=0)
    """smallest scattering vector q = 4π sin θ/λ, times the neighbour distance"""
    largest: float = Field(24.0, gt=0)
    """largest scattering vector, times the neighbour distance"""
    reach: float = Field(5.0, gt=1, le=20)
    """pairs farther apart are not counted, in neighbour distances; the cut is smoothed by a Lorch window"""
    scale: Literal["mean", "mode"] = "mode"
    """length that becomes one: the mean nearest-neighbour distance, or the most frequent neighbour distance"""

    @model_validator(mode="after")
    def _range_is_open(self) -> _PowderSettings:
        if self.smallest >= self.largest:
            raise ValueError(f"smallest {self.smallest:g} is not below largest {self.largest:g}")
        return self


class PowderSettings(_PowderSettings):
    """Which scattering vectors the powder pattern is taken at, and how far pairs are counted."""

    points: int = Field(160, ge=2, le=10_000)
    """values of q, equally spaced"""


class PowderImageSettings(_PowderSettings):
    """Which scattering vectors and reaches make the powder image."""

    size: int = Field(64, ge=8, le=512)
    """pixels along an edge: values of q, and of the reach"""
    shortest: float = Field(1.2, gt=0)
    """reach of the first row, in neighbour distances; that of the last is `reach`"""
