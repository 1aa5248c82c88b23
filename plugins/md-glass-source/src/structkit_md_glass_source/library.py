"""One trajectory as a function call."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from ase import Atoms

from structkit_md_glass_source.cooling import Trajectory
from structkit_md_glass_source.frame import to_atoms
from structkit_md_glass_source.settings import CoolingSettings


def cool(
    *, seed: int = 1, quench: bool = False, scratch: Path | str | None = None, **settings: Any
) -> list[Atoms]:
    """Cool one liquid and keep frames on the way.

    >>> frames = cool(particles=1000, cooling_steps=200_000, temperatures=[1.99, 0.957, 0.05], quench=True, seed=1)
    >>> frames[0].info["temperature"], frames[0].info["energy_per_particle"], frames[0].info["max_force"]

    Args:
        seed: of positions, species and velocities.
        quench: give inherent structures; the same as `frames="quenched"`.
        scratch: a folder for unfinished work: the same call goes on from there after a kill.
            Default: a temporary one.
        **settings: the words of `CoolingSettings`, in reduced units.

    Returns:
        One `ase.Atoms` for each of `temperatures`, hottest first; periodic, flat in two dimensions. `info`
        holds, in reduced units, `temperature`, `energy_per_particle` (of these positions),
        `thermal_energy`, `max_force`, and in words `units` and `energy_convention`.

    Raises:
        ValueError: a setting is wrong, or no temperature is named.
        StepError: M001 LAMMPS failed, M002 a minimisation did not converge, M003 the temperature
            ran away.
    """
    if quench:
        settings["frames"] = "quenched"
    if not 1 <= seed < 2**31:
        raise ValueError(f"seed {seed}: expected 1 to {2**31 - 1}")
    known = CoolingSettings(**settings)
    if not known.kept:
        raise ValueError(
            "cool keeps frames at `temperatures`: name at least one, such as temperatures=[1.99, 0.05]"
        )
    with tempfile.TemporaryDirectory() as folder:
        trajectory = Trajectory(known, seed, Path(scratch or folder), f"seed {seed}")
        return [to_atoms(frame, known) for frame in trajectory.run().frames]
