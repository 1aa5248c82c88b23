"""Settings of the simulations, in reduced Lennard-Jones units: σ_AA, ε_AA, the mass of a particle and k_B are one."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, field_validator, model_validator

from structkit import Settings

Positive = Annotated[float, Field(gt=0)]
Pair = Literal[
    "liquid-1.99", "liquid-1.76", "liquid-0.96", "liquid-0.55", "liquid-0.44", "equal-energy"
]
# Temperatures of the liquids of Swanson et al. (2020): sets 1 to 5, and set 6, whose energy is that of the fast glass
LIQUIDS: dict[Pair, float] = {
    "liquid-1.99": 1.99,
    "liquid-1.76": 1.76,
    "liquid-0.96": 0.957,
    "liquid-0.55": 0.547,
    "liquid-0.44": 0.44,
    "equal-energy": 0.547,
}
COOLING = {"fast": 200_000, "slow": 20_000_000}  # steps, of the same paper
# by dimension: mixtures that do not crystallise, of Brüning et al. (2009) and of Kob and Andersen (1995)
FRACTION_A = {2: 0.65, 3: 0.8}


class Ramp(NamedTuple):
    """A straight way of the thermostat between two temperatures and two time steps."""

    first: float
    last: float
    begin: int
    end: int


class PotentialSettings(Settings):
    """The pair potential of the two species A and B, and how it is minimised."""

    species: tuple[str, str] = ("Ni", "P")
    """element symbols that stand for A and B (the potential was made after Ni80P20)"""
    epsilon: tuple[Positive, Positive, Positive] = (1.0, 1.5, 0.5)
    """well depth of AA, AB and BB pairs, in ε_AA"""
    sigma: tuple[Positive, Positive, Positive] = (1.0, 0.8, 0.88)
    """diameter of AA, AB and BB pairs, in σ_AA"""
    cutoff: float = Field(2.5, gt=1.2, le=10)
    """of each pair, in its own σ"""
    shift: bool = False
    """whether each pair energy is moved to zero at its cutoff (this raises the energy by 0.17 per particle)"""
    force_tolerance: float = Field(1e-6, gt=0, le=1e-2)
    """largest force component on any particle of an inherent structure, in ε/σ"""
    max_iterations: int = Field(100_000, ge=1, le=200_000_000)
    """of the minimiser; not converged by then is an error"""

    @field_validator("species")
    @classmethod
    def _elements(cls, value: tuple[str, str]) -> tuple[str, str]:
        from ase.data import atomic_numbers

        if bad := [symbol for symbol in value if symbol not in atomic_numbers or symbol == "X"]:
            raise ValueError(f"'{bad[0]}' is no element symbol")
        if value[0] == value[1]:
            raise ValueError(f"A and B are both '{value[0]}'")
        return value

    @property
    def convention(self) -> str:
        """What an energy of this potential means, in words."""
        shifted = "shifted to zero there" if self.shift else "not shifted"
        return f"Lennard-Jones cut at {self.cutoff:g} sigma_ij, {shifted}"


class CoolingSettings(PotentialSettings):
    """A liquid of two species, cooled at constant density, and the frames that are kept."""

    particles: int = Field(1000, ge=20, le=1_000_000)
    """in the periodic box"""
    dimensions: Literal[2, 3] = 2
    """of space: a square box, or a cube"""
    fraction_a: float | None = Field(None, gt=0, lt=1)
    """of the particles that are A; null: 0.65 in two dimensions, 0.8 in three"""
    density: float = Field(1.2, ge=1e-3, le=3)
    """particles in an area of σ_AA², or a volume of σ_AA³"""
    time_step: float = Field(0.005, gt=0, le=0.1)
    """in τ = σ √(m/ε)"""
    thermostat_time: float = Field(0.5, gt=0)
    """damping of the Nosé-Hoover thermostat, in τ"""
    hot: float = Field(2.0, gt=0, le=100)
    """temperature of the equilibrated liquid, in ε/k_B; cooling starts there"""
    cold: float = Field(0.05, gt=0)
    """temperature at which cooling ends, in ε/k_B"""
    equilibration_steps: int = Field(20_000, ge=0, le=1_000_000_000)
    """time steps at the hot temperature, before cooling"""
    cooling_steps: int | Literal["fast", "slow"] = "fast"
    """time steps of the linear cooling; fast: 200 000, slow: 20 000 000"""
    slow_below: Positive | None = None
    """a temperature: `cooling_steps` begin there, and the way to it takes `approach_steps`; null: they begin at `hot`.
    Above it a liquid follows any rate, and most of a slow cooling would be spent there"""
    approach_steps: int = Field(100_000, ge=1, le=1_000_000_000)
    """time steps from `hot` to `slow_below`, where that is given"""
    temperatures: tuple[Positive, ...] | None = Field(None, min_length=1)
    """frames are kept at these temperatures of the thermostat, on the way down, in ε/k_B"""
    frames: Literal["thermal", "quenched"] = "thermal"
    """as they are, or the inherent structure: the nearest minimum of the energy"""

    @field_validator("cooling_steps")
    @classmethod
    def _some_steps(cls, value: int | str) -> int | str:
        if isinstance(value, int) and not 1 <= value <= 1_000_000_000:
            raise ValueError(f"expected 1 to 1 000 000 000 steps, fast or slow, found {value}")
        return value

    @model_validator(mode="after")
    def _way_down(self) -> CoolingSettings:
        if self.cold >= self.hot:
            raise ValueError(f"cold {self.cold:g} is not below hot {self.hot:g}")
        if self.slow_below is not None and not self.cold < self.slow_below < self.hot:
            raise ValueError(
                f"slow_below {self.slow_below:g} is not between cold {self.cold:g} and hot {self.hot:g}"
            )
        for temperature in self.kept:
            if not self.cold <= temperature <= self.hot:
                raise ValueError(
                    f"temperature {temperature:g} is not between cold {self.cold:g} and hot {self.hot:g}"
                )
        steps = [self.step_at(temperature) for temperature in self.kept]
        for (one, first), (two, second) in pairwise(zip(self.kept, steps, strict=True)):
            if first == second or f"{one:g}" == f"{two:g}":
                raise ValueError(
                    f"temperatures {one!r} and {two!r} cannot be told apart: they fall on one time step"
                )
        if not 0 < self.particles_a < self.particles:
            raise ValueError(
                f"fraction_a {self.share_a:g} of {self.particles} particles leaves one species empty"
            )
        reach = 2 * (self.cutoff * max(self.sigma) + 0.3)
        if self.edge < reach:
            least = int(reach**self.dimensions * self.density) + 1
            raise ValueError(
                f"a box of {self.particles} particles is narrower than two cutoffs; take at least {least}"
            )
        return self

    @property
    def matched_at(self) -> float | None:
        """Temperature of the liquid that is to have the inherent-structure energy of the glass, if any."""
        return None

    @property
    def steps(self) -> int:
        """Time steps of the cooling."""
        return (
            COOLING[self.cooling_steps]
            if isinstance(self.cooling_steps, str)
            else self.cooling_steps
        )

    @property
    def kept(self) -> tuple[float, ...]:
        """Temperatures at which frames are kept, highest first."""
        return tuple(sorted(self.temperatures or (), reverse=True))

    @property
    def share_a(self) -> float:
        """Of the particles that are A."""
        return FRACTION_A[self.dimensions] if self.fraction_a is None else self.fraction_a

    @property
    def particles_a(self) -> int:
        """How many of the particles are A."""
        return round(self.share_a * self.particles)

    @property
    def ramps(self) -> tuple[Ramp, ...]:
        """The ways of the thermostat's temperature on the way down, one after the other."""
        start = self.equilibration_steps
        if self.slow_below is None:
            return (Ramp(self.hot, self.cold, start, start + self.steps),)
        middle = start + self.approach_steps
        return (
            Ramp(self.hot, self.slow_below, start, middle),
            Ramp(self.slow_below, self.cold, middle, middle + self.steps),
        )

    def step_at(self, temperature: float) -> int:
        """The time step, from the start of the equilibration, at which the thermostat passes a temperature."""
        ramp = next(ramp for ramp in self.ramps if temperature >= ramp.last)
        way = (ramp.first - temperature) / (ramp.first - ramp.last)
        return ramp.begin + round(way * (ramp.end - ramp.begin))

    @property
    def edge(self) -> float:
        """Edge of the square or cubic box, in σ_AA."""
        return float((self.particles / self.density) ** (1 / self.dimensions))

    @property
    def lengths(self) -> tuple[float, ...]:
        """Edges of the box: two make a plane, three a volume."""
        return (self.edge,) * self.dimensions


class GlassSettings(CoolingSettings):
    """Independent trajectories, each of them one group. Say which frames by `temperatures` or by `pair`."""

    pair: Pair | None = None
    """a pair of the paper: the liquid at that temperature and the glass at the cold one; equal-energy: the liquid at
    0.547 whose inherent structure has the energy of the glass of the same trajectory"""
    trajectories: int = Field(20, ge=1, le=100_000)
    """independent ones, each from its own random start"""
    match: Positive | None = None
    """one of `temperatures`: its liquid is held there until it has the energy of the coldest frame, as in the pair
    equal-energy, whose liquid is at 0.547; slow glasses lie lower and need a colder one"""
    glass_below: float = Field(0.37, gt=0)
    """frames below this temperature are labelled glass, the others liquid, in ε/k_B"""
    match_tolerance: float = Field(0.001, gt=0)
    """matched pairs: largest difference of the inherent-structure energies of a matched pair, in ε per particle"""
    match_every: int = Field(20_000, ge=1, le=1_000_000_000)
    """matched pairs: time steps between the liquid's configurations that are tried"""
    match_candidates: int = Field(40, ge=1)
    """matched pairs: how many are tried; without a match that liquid is left out, of a mere pair the
    glass too, and the run says so"""

    @model_validator(mode="after")
    def _which_frames(self) -> GlassSettings:
        if (self.pair is None) == (self.temperatures is None):
            raise ValueError(
                "give either temperatures, such as [1.99, 0.05], or pair, such as liquid-1.99"
            )
        if self.pair and self.dimensions == 3:
            raise ValueError(
                f"pair {self.pair} names temperatures of the two-dimensional mixture; give temperatures"
            )
        self._check_match()
        return self

    def _check_match(self) -> None:
        if self.match is None:
            return
        if self.match not in self.kept[:-1]:
            liquids = ", ".join(f"{temperature:g}" for temperature in self.kept[:-1])
            raise ValueError(
                f"match {self.match:g} is none of the temperatures above the coldest: {liquids or 'there are none'}"
            )
        if self.match < self.glass_below:
            raise ValueError(
                f"match {self.match:g} is below glass_below {self.glass_below:g}: it would be labelled a glass"
            )

    @property
    def kept(self) -> tuple[float, ...]:
        """Temperatures at which frames are kept, highest first."""
        return (LIQUIDS[self.pair], self.cold) if self.pair else super().kept

    @property
    def matched_at(self) -> float | None:
        """Temperature of the liquid that is to have the inherent-structure energy of the glass, if any."""
        return LIQUIDS[self.pair] if self.pair == "equal-energy" else self.match


class WindowSettings(Settings):
    """Square or cubic cut-outs of a larger periodic configuration."""

    particles: int = Field(200, ge=1)
    """in every cut-out"""
    copies: int = Field(1, ge=1, le=10_000)
    """cut-outs of every configuration, each anywhere in the box; they may overlap"""


class QuenchSettings(PotentialSettings):
    """The potential whose minimum is sought; it must be the one of the frames."""
