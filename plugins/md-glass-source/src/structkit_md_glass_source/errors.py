"""What can go wrong in a simulation, said with the trajectory, the step and LAMMPS's own words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from structkit import Problem
from structkit.errors import StepError
from structkit_md_glass_source.engine import EngineDied, EngineError
from structkit_md_glass_source.schedule import Leg
from structkit_md_glass_source.settings import CoolingSettings, PotentialSettings


@contextlib.contextmanager
def blamed_on(name: str) -> Iterator[None]:
    """Turn an error of LAMMPS into one that names the trajectory and the step."""
    try:
        yield
    except EngineDied as error:
        fix = "see whether memory or /dev/shm is full; the same command goes on from here"
        raise StepError(Problem("M004", error.message, name, fix)) from error
    except EngineError as error:
        fix = "lower time_step, or look at the potential's settings"
        raise StepError(
            Problem("M001", f"LAMMPS at step {error.step}: {error.message}", name, fix)
        ) from error


def not_converged(name: str, step: int, force: float, settings: PotentialSettings) -> StepError:
    """A minimisation that ended before its tolerance."""
    message = f"step {step}: largest force {force:.2g} after {settings.max_iterations} iterations, "
    fix = "raise max_iterations or force_tolerance"
    return StepError(
        Problem("M002", f"{message}force_tolerance is {settings.force_tolerance:g}", name, fix)
    )


def check_temperature(name: str, leg: Leg, kinetic: float, settings: CoolingSettings) -> None:
    """Refuse a trajectory that the thermostat does not hold: its frames would be of another temperature.

    In two dimensions the kinetic temperature of N particles fluctuates by T/√N; while it is cooled
    it lags behind, by what the thermostat is lowered in some of its damping times.

    Raises:
        StepError: M003.
    """
    fluctuation = leg.temperature * (0.15 + 8 / settings.particles**0.5)
    steps = max(leg.end - leg.begin, 1)
    lag = 20 * settings.thermostat_time * (leg.first - leg.last) / (steps * settings.time_step)
    allowed = 0.02 + fluctuation + min(lag, 0.1 + 0.5 * leg.temperature)
    if not abs(kinetic - leg.temperature) <= allowed:
        message = f"step {leg.until}: the particles have temperature {kinetic:.3g}, the thermostat {leg.temperature:.3g}"
        fix = "lower time_step or thermostat_time, or cool more slowly"
        raise StepError(Problem("M003", message, name, fix))
