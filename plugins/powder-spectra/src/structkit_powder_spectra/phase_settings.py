"""Settings of the phases of a mixture."""

from __future__ import annotations

from pydantic import Field

from structkit import Settings


class PhaseSettings(Settings):
    """How references are aligned with a measured pattern, and when another phase is taken in."""

    most: int = Field(5, ge=1, le=20)
    """phases that are taken in, at most"""
    gain: float = Field(0.08, gt=0, lt=1)
    """part of the weighted squares left over that another phase must explain"""
    least: float = Field(0.01, ge=0, lt=1)
    """weight fraction below which a phase is left out again"""
    strain: float = Field(0.012, ge=0, le=0.05)
    """each phase's cell may be larger or smaller by at most this fraction"""
    shift: float = Field(0.15, ge=0, le=2)
    """all lines may be displaced by at most this, in degrees of 2θ at small angles, falling as cos θ"""
    sizes: tuple[float, ...] = Field((12.0, 25.0, 50.0, 150.0), min_length=1)
    """sizes of the crystallites that each phase may have, in nm"""
    texture: tuple[float, ...] = (0.6, 0.8, 1.25)
    """parameters of March and Dollase that are tried for each phase beside 1, the limits of what it may have; empty:
    none"""
    caglioti: tuple[float, float, float] = (0.02, -0.01, 0.01)
    """U, V, W of the instrument, in degrees², as of `powder-xrd`"""
    alpha2: float = Field(0.5, ge=0, le=1)
    """intensity of Kα2 over that of Kα1, where the wavelength is that of a tube"""
    monochromator: float = Field(0.0, ge=0, lt=90)
    """2θ of a monochromator in degrees, as of `powder-xrd`"""
    debye_waller: float = Field(0.6, ge=0, le=20)
    """B of every element, in Å²"""
    degree: int = Field(10, ge=0, le=40)
    """of the polynomial of the background"""
    stray: float = Field(0.04, gt=0, lt=1)
    """height of a peak that no phase explains, as a fraction of the strongest, from which something else is there"""
    blocks: int = Field(20, ge=4, le=200)
    """stretches of the pattern that are left out in turn for the intervals of the fractions"""
    systematic: float = Field(0.1, ge=0, le=1)
    """standard uncertainty of each phase's scale that no pattern shows, as a fraction: absorption within grains,
    vibrations, faults of the reference; an assumption, part of the intervals"""
