"""Settings of the functions of pair distances."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from structkit import Settings
from structkit_powder_spectra.grid import Grid
from structkit_powder_spectra.settings import MOST_POINTS


class PairSettings(Settings):
    """Which function of the pair distances, for which radiation, and how it is computed."""

    function: Literal["G(r)", "S(q)"] = "G(r)"
    """the reduced pair distribution function in 1/Å², or the structure factor, which has no unit"""
    method: Literal["histogram", "debye"] = "histogram"
    """S(q) from a histogram of the distances or from each distance; G(r) from the distances themselves or, as a
    measurement has it, from S(q) between `q_start` and `q_stop`"""
    radiation: Literal["xray", "neutron"] = "xray"
    """what is scattered: X-rays by electrons, neutrons by nuclei (coherent lengths of the natural elements)"""
    r_start: float = Field(0.5, ge=0)
    """smallest distance of G(r), in Å"""
    r_stop: float = Field(10.0, gt=0, le=200)
    """largest distance of G(r), in Å"""
    r_step: float = Field(0.02, gt=0)
    """between two distances of G(r), in Å"""
    q_start: float = Field(0.5, gt=0)
    """smallest q, in 1/Å"""
    q_stop: float = Field(20.0, gt=0, le=100)
    """largest q, in 1/Å"""
    q_step: float = Field(0.02, gt=0)
    """between two q, in 1/Å"""
    reach: float = Field(20.0, gt=0, le=200)
    """distances up to which pairs of a periodic structure count in S(q), in Å, under a window of Lorch; all pairs of
    a cluster count"""
    broadening: float = Field(0.1, gt=0, le=2)
    """standard deviation of a pair distance in G(r) and, as exp(−q²σ²/2), in S(q), in Å: vibrations and disorder"""

    @model_validator(mode="after")
    def _ranges(self) -> PairSettings:
        for name, start, stop, step in (
            ("r", self.r_start, self.r_stop, self.r_step),
            ("q", self.q_start, self.q_stop, self.q_step),
        ):
            count = int((stop - start) / step + 1e-6) + 1 if stop > start else 0
            if not 16 <= count <= MOST_POINTS:
                raise ValueError(f"{count} points of {name}, expected 16 to {MOST_POINTS}")
        return self

    @property
    def r_grid(self) -> Grid:
        """The distances of G(r)."""
        count = int((self.r_stop - self.r_start) / self.r_step + 1e-6) + 1
        return Grid("r", self.r_start, self.r_step, count, 0.0)

    @property
    def q_grid(self) -> Grid:
        """The values of q."""
        count = int((self.q_stop - self.q_start) / self.q_step + 1e-6) + 1
        return Grid("q", self.q_start, self.q_step, count, 0.0)
