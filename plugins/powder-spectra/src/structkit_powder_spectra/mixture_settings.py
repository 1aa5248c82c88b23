"""Settings of the sources of phases and of their mixtures."""

from __future__ import annotations

from pydantic import Field, field_validator, model_validator

from structkit import Settings
from structkit_powder_spectra.settings import PHASES, GridSettings, Pair, checked_phases


class PhaseSourceSettings(Settings):
    """Which phases."""

    phases: tuple[str, ...] = PHASES
    """of the fourteen that are often met, by formula: Al, Si, NaCl, MgO, CaF2, Fe, Cu, Ni, W, ZnO, SnO2, PbI2, SiO2
    (quartz), Al2O3 (corundum)"""

    _phases = field_validator("phases")(checked_phases)


class MixtureSettings(GridSettings, PhaseSourceSettings):
    """Of which phases mixtures are made, and what the samples and the instrument do to each."""

    mixtures: int = Field(20, ge=1, le=100_000)
    """how many"""
    parts: tuple[int, int] = (2, 3)
    """fewest and most phases of a mixture"""
    least: float = Field(0.05, gt=0, lt=0.5)
    """weight fraction of the lightest phase, at least"""
    shift: float = Field(0.1, ge=0, le=5)
    """all lines are displaced by at most this, in degrees of 2θ at small angles, falling as cos θ; either way"""
    strain: float = Field(0.005, ge=0, le=0.05)
    """each phase's cell is larger or smaller by at most this fraction"""
    size: Pair = (20.0, 100.0)
    """smallest and largest crystallites, in nm, drawn for each phase"""
    texture: Pair = (0.8, 1.25)
    """smallest and largest parameter of March and Dollase, drawn for each phase; 1 is none"""
    debye_waller: float = Field(0.9, ge=0, le=20)
    """B of every element, in Å²"""
    background: float = Field(0.3, ge=0, le=100)
    """of the strongest line, at small angles; a sixth of it everywhere"""
    counts: Pair = (2000.0, 20_000.0)
    """fewest and most counts at the strongest point; every point is then a Poisson number"""

    @field_validator("size", "texture", "counts")
    @classmethod
    def _grows(cls, value: Pair) -> Pair:
        if not 0 < value[0] <= value[1]:
            raise ValueError(f"expected two growing numbers above zero, found {list(value)}")
        return value

    @model_validator(mode="after")
    def _enough_phases(self) -> MixtureSettings:
        low, high = self.parts
        if not 1 <= low <= high <= len(self.phases):
            message = f"parts {list(self.parts)}: expected two growing numbers"
            raise ValueError(f"{message} from 1 to {len(self.phases)}, as many as there are phases")
        if high * self.least >= 1:
            raise ValueError(f"{high} phases of {self.least:g} at least are more than the whole")
        return self
