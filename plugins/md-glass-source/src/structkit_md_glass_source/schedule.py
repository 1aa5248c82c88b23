"""The plan of a trajectory: legs between time steps, each on a straight way of the thermostat's temperature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from structkit_md_glass_source.settings import CoolingSettings, Ramp

POINTS = 40  # of the energy-against-temperature curve of a cooling
LONGEST = 100_000  # time steps between two restart files


@dataclass(frozen=True)
class Leg:
    """A run to a time step, and the frame kept there.

    Args:
        until: time step at its end.
        first, last: temperatures of the whole ramp it lies on.
        begin, end: time steps of that ramp.
        keep: temperature of the frame kept at its end, if any.
    """

    until: int
    first: float
    last: float
    begin: int
    end: int
    keep: float | None = None

    @property
    def temperature(self) -> float:
        """Of the thermostat at the end."""
        if self.end == self.begin:
            return self.last
        return self.first + (self.last - self.first) * (self.until - self.begin) / (
            self.end - self.begin
        )


def schedule(settings: CoolingSettings) -> list[Leg]:
    """Equilibrate at the hot temperature, then cool; a leg ends wherever a frame is kept."""
    hot, start = settings.hot, settings.equilibration_steps
    keeps = {settings.step_at(temperature): temperature for temperature in settings.kept}
    last = max(keeps, default=settings.ramps[-1].end)  # nothing is simulated that nobody wants
    length = min(max(1, settings.steps // POINTS), LONGEST)
    warm = [Leg(step, hot, hot, 0, start) for step in _cuts(start, length)]
    if start in keeps:  # a frame at the hot temperature itself
        warm = [*warm[:-1], Leg(start, hot, hot, 0, start, keeps[start])]
    cooling = [leg for ramp in settings.ramps for leg in _legs(ramp, length, keeps, last)]
    return [*warm, *(leg for leg in cooling if leg.until <= last)]


def _legs(ramp: Ramp, length: int, keeps: Mapping[int, float], last: int) -> list[Leg]:
    """The legs of a ramp, on a grid and to wherever a frame is kept."""
    end = min(ramp.end, last)
    here = {step for step in keeps if ramp.begin < step <= ramp.end}
    grid = {*range(ramp.begin + length, end, length), end, *here}
    return [Leg(step, *ramp, keeps.get(step)) for step in sorted(grid) if step > ramp.begin]


def _cuts(steps: int, length: int) -> list[int]:
    """Ends of the legs of the equilibration; one of no steps when there is none, so that there is a first leg."""
    return [*range(length, steps, length), steps]


def held(leg: Leg, steps: int) -> Leg:
    """A leg after another one, at its temperature."""
    temperature = leg.keep if leg.keep is not None else leg.temperature
    return Leg(
        leg.until + steps, temperature, temperature, leg.until, leg.until + steps, temperature
    )
