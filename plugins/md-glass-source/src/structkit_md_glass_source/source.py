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
    """Liquids and glasses of the Kob-Andersen mixture, in two dimensions or three.

    Potential and protocol: K. Swanson et al., Soft Matter 16, 435 (2020), after W. Kob and H. C.
    Andersen, Phys. Rev. E 51, 4626 (1995) and R. Brüning et al., J. Phys.: Condens. Matter 21,
    035117 (2009). Reduced units throughout.

    Args:
        settings: the words of `GlassSettings`.
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
