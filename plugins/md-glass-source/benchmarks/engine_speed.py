"""Particle-steps per second of a trajectory against a bare LAMMPS script with the same settings, side by side.

.venv/bin/python plugins/md-glass-source/benchmarks/engine_speed.py [particles] [steps]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from structkit_md_glass_source import script
from structkit_md_glass_source.cooling import Trajectory, random_start
from structkit_md_glass_source.mpi import load
from structkit_md_glass_source.settings import CoolingSettings
from structkit_md_glass_source.worker import OPTIONS

REPEATS = 3


def bare(settings: CoolingSettings) -> float:
    """Seconds of equilibration and cooling in one LAMMPS, in this process, without a stop."""
    lammps = load()(cmdargs=list(OPTIONS))
    positions, types = random_start(settings, np.random.default_rng(1))
    for line in script.system((settings.edge, settings.edge)):
        lammps.command(line)
    lammps.create_atoms(
        len(types), range(1, len(types) + 1), types.tolist(), positions.ravel().tolist()
    )
    hot, cold, begin = settings.hot, settings.cold, settings.equilibration_steps
    end = begin + settings.steps
    started = time.perf_counter()
    for line in [
        *script.start(settings, 1),
        f"timestep {settings.time_step}",
        *script.ramp(settings, hot, hot, 0, begin, begin),
        *script.ramp(settings, hot, cold, begin, end, end),
    ]:
        lammps.command(line)
    seconds = time.perf_counter() - started
    lammps.close()
    return seconds


def ours(settings: CoolingSettings) -> float:
    """Seconds of the same trajectory by the plugin: own process, restart files, frames."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        Trajectory(settings, 1, Path(folder), "benchmark").run()
        return time.perf_counter() - started


def main() -> None:
    """Print both rates and their ratio."""
    particles = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    settings = CoolingSettings(particles=particles, cooling_steps=steps, temperatures=(0.05,))
    work = particles * (settings.equilibration_steps + steps) / 1e6
    pairs = [(bare(settings), ours(settings)) for _ in range(REPEATS)]
    for one, two in pairs:
        print(
            f"bare {work / one:.2f}, plugin {work / two:.2f} million particle-steps per second: {one / two:.3f}"
        )
    print(
        f"median ratio {np.median([one / two for one, two in pairs]):.3f} ({particles} particles, {steps} steps)"
    )


if __name__ == "__main__":
    main()
