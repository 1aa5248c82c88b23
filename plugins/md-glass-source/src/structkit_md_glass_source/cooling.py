"""One trajectory: a random start, an equilibrated liquid, and its way down, leg by leg and frame by frame."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from structkit_md_glass_source import script
from structkit_md_glass_source.checkpoint import Checkpoint
from structkit_md_glass_source.engine import Engine
from structkit_md_glass_source.errors import blamed_on, check_temperature, not_converged
from structkit_md_glass_source.frame import Frame
from structkit_md_glass_source.schedule import Leg, schedule
from structkit_md_glass_source.settings import CoolingSettings

progress = logging.getLogger("structkit.progress")
TELL_EVERY = 5.0  # seconds
LAST, BRANCH = "last", "branch"  # restart files: after the last leg, and where a liquid is held


class Trajectory:
    """A trajectory on its way, resumable to the bit.

    Every leg begins by reading the restart file of the leg before, whether or not the run was
    interrupted there: going on after a kill takes the same path, in the same floating-point order,
    as never having been killed.

    Args:
        settings: what is simulated.
        seed: of the start: positions, species and velocities; 1 to 2³¹ − 1.
        folder: for restart files and finished frames.
        name: what errors and progress call it.
    """

    def __init__(self, settings: CoolingSettings, seed: int, folder: Path, name: str) -> None:
        self.settings, self.seed, self.name = settings, seed, name
        self.legs = schedule(settings)
        self.done = Checkpoint.open(folder, [settings.model_dump(mode="json"), seed])
        self._told = time.monotonic()

    def run(self) -> Checkpoint:
        """Go all the way; returns the frames and the energy curve.

        Raises:
            StepError: M001 LAMMPS failed, M002 a minimisation did not converge, M003 the
                temperature ran away.
        """
        with Engine(self.done.folder) as engine:
            for leg in self.legs[self.done.legs :]:
                self._leg(engine, leg)
        return self.done

    def _leg(self, engine: Engine, leg: Leg) -> None:
        restart = f"leg-{self.done.legs}.restart"
        if self.done.legs == 0:
            with blamed_on(self.name):
                self._begin(engine)
        frame = self.advance(engine, LAST, leg, restart)
        if leg.temperature < self.settings.hot:
            self.done.curve.append((leg.temperature, frame.thermal_energy))
        if leg.keep is not None:
            if leg.keep == self.settings.matched_at:
                self.done.restarts[BRANCH] = restart
            self.done.frames.append(self.finished(engine, frame))
        self.done.legs += 1
        self.done.written(LAST, restart)
        self._tell(leg, frame)

    def _begin(self, engine: Engine) -> None:
        positions, types = random_start(self.settings, np.random.default_rng(self.seed))
        engine.commands(*script.system(self.settings.lengths))
        engine.create(types, positions)
        self.done.free("start.restart")
        engine.commands(*script.start(self.settings, self.seed), "write_restart start.restart")
        self.done.restarts[LAST] = "start.restart"

    def advance(self, engine: Engine, place: str, leg: Leg, restart: str) -> Frame:
        """Run one leg from a restart file to another; returns the configuration at its end."""
        with blamed_on(self.name):
            engine.commands(*script.resume(self.done.restarts[place], self.settings))
            engine.commands(
                *script.ramp(self.settings, leg.first, leg.last, leg.begin, leg.end, leg.until)
            )
            engine.commands(f"write_restart {self.done.free(restart)}")
            kinetic, energy, force = engine.thermo("temp", "pe", "fmax")
            positions, types = engine.state()
        check_temperature(self.name, leg, kinetic, self.settings)
        inside = np.mod(positions[:, : self.settings.dimensions], self.settings.edge)
        keep = leg.temperature if leg.keep is None else leg.keep
        return Frame(
            inside, types, self.settings.edge, keep, kinetic, energy, energy, force, leg.until
        )

    def finished(self, engine: Engine, frame: Frame) -> Frame:
        """The frame that the engine holds, as the settings want it: thermal, or its inherent structure."""
        if self.settings.frames == "thermal" and self.settings.matched_at is None:
            return frame
        with blamed_on(self.name):
            found = inherent(engine, frame, self.settings, self.name)
        thermal = replace(frame, inherent_energy=found.energy_per_particle)
        return thermal if self.settings.frames == "thermal" else found

    def _tell(self, leg: Leg, frame: Frame) -> None:
        if time.monotonic() - self._told > TELL_EVERY:
            self._told = time.monotonic()
            facts = f"T {leg.temperature:.3f}, energy {frame.thermal_energy:.4f} per particle"
            progress.info(f"{self.name}: step {leg.until} of {self.legs[-1].until}, {facts}")


def inherent(engine: Engine, frame: Frame, settings: CoolingSettings, name: str) -> Frame:
    """The inherent structure of the configuration that the engine holds.

    Raises:
        StepError: M002, the force tolerance was not reached.
    """
    engine.commands(*script.minimise(settings))
    energy, force = engine.thermo("pe", "fmax")
    positions, _ = engine.state()
    if not (
        force <= settings.force_tolerance and np.isfinite(positions).all()
    ):  # NaN is no convergence
        raise not_converged(name, frame.step, force, settings)
    inside = np.mod(positions[:, : settings.dimensions], frame.edge)
    return replace(
        frame, positions=inside, energy_per_particle=energy, inherent_energy=energy, max_force=force
    )


def random_start(
    settings: CoolingSettings, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Positions (particles, 3) on a jittered square or cubic grid, so that no two coincide, and shuffled types."""
    count, size = settings.particles, settings.dimensions
    columns = int(np.ceil(round(count ** (1 / size), 9)))  # 1000^(1/3) is a little less than 10
    spacing = settings.edge / columns
    grid = np.stack(np.meshgrid(*[np.arange(columns)] * size), axis=-1).reshape(-1, size)
    places = rng.permutation(grid)[:count] + rng.uniform(0.3, 0.7, size=(count, size))
    positions = np.zeros((count, 3))
    positions[:, :size] = places * spacing
    types = np.where(np.arange(count) < settings.particles_a, 1, 2)
    return positions, rng.permutation(types)
