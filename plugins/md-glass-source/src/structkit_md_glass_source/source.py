"""The source `md-glass`: independent trajectories of a cooled liquid, each of them a task and a group."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from structkit import Sample, Task
from structkit.library import component, configured
from structkit_md_glass_source.cooling import Trajectory
from structkit_md_glass_source.frame import Frame, to_atoms
from structkit_md_glass_source.matching import matched
from structkit_md_glass_source.settings import GlassSettings

LIQUID, GLASS = "liquid", "glass"


@component
class MdGlass:
    r"""Liquids and glasses of the Kob-Andersen mixture, in two dimensions or three.

    65 % A and 35 % B particles of equal mass in the plane (80 and 20 % with `dimensions: 3`), with
    pairs

    $$
    u_{ab}(r) = 4\varepsilon_{ab}
    \left[\left(\frac{\sigma_{ab}}{r}\right)^{12} - \left(\frac{\sigma_{ab}}{r}\right)^6\right],
    \qquad r < 2.5\,\sigma_{ab}
    $$

    ε = 1, 1.5, 0.5 and σ = 1, 0.8, 0.88 (AA, AB, BB), number density 1.2, time step 0.005,
    Nosé–Hoover thermostat; reduced units throughout. The energy is not shifted at the cutoff
    (`shift: true` does). A random start is pushed apart, equilibrated at `hot` and cooled linearly
    to `cold` by LAMMPS; a frame is kept whenever the thermostat passes one of `temperatures`.
    Frames below `glass_below` are labelled `glass`, the others `liquid`. `frames: quenched` gives
    inherent structures: the nearest minimum of the energy. `pair: equal-energy` matches each glass
    with a liquid of its energy, so that the energy does not tell them apart.

    One trajectory is one task and one group, and resumes after a kill to the last bit. A and B are
    written as Ni and P. Begin hot: a random start that is cooled from 0.6 is no liquid. In three
    dimensions no reference energies are claimed.

    Source: K. Swanson et al., Soft Matter 16, 435 (2020), after W. Kob and H. C. Andersen, Phys.
    Rev. E 51, 4626 (1995) and R. Brüning et al., J. Phys.: Condens. Matter 21, 035117 (2009).

    Args:
        settings: the words of `GlassSettings`.

    Examples:
        >>> from structkit_md_glass_source import cool
        >>> frames = cool(particles=100, cooling_steps=10_000, temperatures=[1.99, 0.05], seed=1)
        >>> [(len(atoms), round(atoms.info["temperature"], 2)) for atoms in frames]
        [(100, 1.99), (100, 0.05)]
        >>> from structkit_md_glass_source import MdGlass
        >>> len(MdGlass(pair="liquid-0.44", trajectories=12).tasks())
        12
    """

    @configured(GlassSettings)
    def __init__(self, settings: GlassSettings) -> None:
        self.settings = settings

    def tasks(self) -> Sequence[Task]:
        """One task per trajectory."""
        return [
            Task(f"trajectory-{number:04d}", {"number": number})
            for number in range(self.settings.trajectories)
        ]

    def samples(self, task: Task, rng: np.random.Generator) -> Iterator[Sample]:
        """The frames of one trajectory, hottest first.

        Raises:
            StepError: M001 LAMMPS failed, M002 a minimisation did not converge, M003 the
                temperature ran away.
        """
        seed = int(rng.integers(1, 2**31 - 1))
        with contextlib.ExitStack() as stack:
            folder = task.scratch or Path(stack.enter_context(tempfile.TemporaryDirectory()))
            trajectory = Trajectory(self.settings, seed, folder, task.id)
            frames = (
                trajectory.run().frames
                if self.settings.matched_at is None
                else matched(trajectory, self.settings)
            )
            curve = [[round(t, 6), e] for t, e in trajectory.done.curve]
            # with the seed: trajectories of another step or run are others, and share no name
            name = f"{task.id}-{seed:08x}"
            for number, frame in enumerate(frames):
                yield self._sample(name, frame, curve if number == 0 else None)

    def _sample(self, group: str, frame: Frame, curve: list[list[float]] | None) -> Sample:
        label = GLASS if frame.temperature < self.settings.glass_below else LIQUID
        meta = {"cooling_curve": curve} if curve else {}
        name = f"{group}-T{frame.temperature:g}"
        return Sample(name, to_atoms(frame, self.settings), label, group, meta)
