"""Settings of the configurations: what they are of, how hot and how many they are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from structkit import Settings

Positive = Annotated[float, Field(gt=0)]
EMT_METALS = ("Al", "Cu", "Ag", "Au", "Ni", "Pd", "Pt")


class ConfigurationSettings(Settings):
    """Trajectories at a temperature, each from a perfect crystal, each of them one group."""

    potential: Literal["lennard-jones", "emt"] = "lennard-jones"
    """of ase: pairs of Lennard-Jones, or effective-medium theory for seven metals"""
    element: str = "Ar"
    """symbol of the atoms; one of Al, Cu, Ag, Au, Ni, Pd, Pt for `emt`"""
    epsilon: Positive = 0.01032
    """well depth of `lennard-jones`, in eV (argon: 119.8 K)"""
    sigma: Positive = 3.405
    """diameter of `lennard-jones`, in Å (argon)"""
    cutoff: float = Field(2.5, gt=1.2, le=10)
    """of `lennard-jones`, in `sigma`; the pair energy is moved to zero there"""
    lattice_constant: float | None = Field(None, gt=0)
    """of the face-centred cubic crystal that a trajectory begins with, in Å: it fixes the density; null: that of liquid
    argon (1.689 sigma) for `lennard-jones`, the measured one for `emt`"""
    repeats: int = Field(3, ge=2, le=50)
    """conventional cells of four atoms along each edge of the box"""
    temperature: Positive = 120.0
    """of the thermostat, in K; `vary` it for several"""
    trajectories: int = Field(6, ge=1, le=100_000)
    """independent ones"""
    frames: int = Field(5, ge=1, le=100_000)
    """kept of each trajectory"""
    steps: int = Field(100, ge=0, le=100_000_000)
    """time steps before the first frame"""
    every: int = Field(25, ge=1, le=100_000_000)
    """time steps between frames"""
    time_step: float = Field(8.0, gt=0, le=100)
    """in fs"""
    damping: float = Field(100.0, gt=0)
    """time in which the thermostat (Langevin) brings velocities back, in fs"""

    @field_validator("element")
    @classmethod
    def _an_element(cls, value: str) -> str:
        from ase.data import atomic_numbers

        if atomic_numbers.get(value, 0) == 0:
            raise ValueError(f"'{value}' is no element symbol")
        return value

    @model_validator(mode="after")
    def _has_a_potential(self) -> ConfigurationSettings:
        if self.potential == "emt" and self.element not in EMT_METALS:
            raise ValueError(f"emt knows {', '.join(EMT_METALS)}, not {self.element}")
        return self

    @model_validator(mode="after")
    def _wide_enough(self) -> ConfigurationSettings:
        if self.potential == "emt":
            return self
        edge = self.repeats * self.first_constant
        if edge < 2 * self.cutoff * self.sigma:
            raise ValueError(
                f"a box of {edge:.3g} Å is narrower than two cutoffs of {self.cutoff * self.sigma:.3g} Å; "
                "take more repeats or a smaller cutoff"
            )
        return self

    @property
    def first_constant(self) -> float:
        """Lattice constant of the crystal that a trajectory begins with, in Å."""
        if self.lattice_constant is not None:
            return self.lattice_constant
        if self.potential == "lennard-jones":
            return 1.689 * self.sigma
        from ase.data import atomic_numbers, reference_states

        return float(reference_states[atomic_numbers[self.element]]["a"])
