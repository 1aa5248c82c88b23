"""Settings of both components."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from structkit import Settings

Degree = Annotated[int, Field(ge=1, le=20)]


class OrderSettings(Settings):
    """Which invariants, of which bonds."""

    degrees: tuple[Degree, ...] = Field((4, 6), min_length=1)
    """degrees of the spherical harmonics"""
    reach: float = Field(1.3, gt=1, le=3)
    """longest bond, in units of the mean distance of nearest neighbours"""


class ThermalSettings(Settings):
    """How hot, and how stiff."""

    temperature: float = Field(300.0, ge=0)
    """in K"""
    debye_temperature: float = Field(300.0, gt=0)
    """in K"""
    copies: int = Field(1, ge=0, le=10_000)
    """displaced structures made of each one"""
