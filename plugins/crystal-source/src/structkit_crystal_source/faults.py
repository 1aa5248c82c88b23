"""The source `stacking-faults`: close-packed crystals whose atoms know their surroundings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from structkit import Sample, Task
from structkit.library import component, configured
from structkit_crystal_source.settings import HCP_METALS, StackingSettings
from structkit_crystal_source.stacking import Steps, close_packed, letters_of, nearest_distance


@component
class StackingFaults:
    """Crystals of close-packed metals with intrinsic faults and twins at random places.

    Close-packed layers lie one upon the other, A, B or C, with the c/a of equal spheres and the
    density of the element: ABC in fcc metals, AB in hcp metals. Each fault turns two layers into
    the other kind. The truth of each atom stands in the per-atom array `lattice`: 1 where the
    layers above and below differ (a local fcc stack), 2 where they are equal (hcp). The structures
    have no label. One task is one element, which is also the group.

    Displacements are in units of the nearest-neighbour distance, so that they mean the same in
    every element. Nothing is relaxed around a fault, and no fault ends within the crystal: there
    are no dislocations.

    Args:
        settings: the words of `StackingSettings`.

    Examples:
        >>> import numpy as np
        >>> from structkit_crystal_source import StackingFaults
        >>> source = StackingFaults(elements=["Cu"])
        >>> sample = next(iter(source.samples(source.tasks()[0], np.random.default_rng(0))))
        >>> np.unique(sample.atoms.arrays["lattice"]).tolist()
        [1, 2]
    """

    @configured(StackingSettings)
    def __init__(self, settings: StackingSettings) -> None:
        self.settings = settings

    def tasks(self) -> Sequence[Task]:
        """One task per element."""
        return [Task(element, {"element": element}) for element in self.settings.elements]

    def samples(self, task: Task, rng: np.random.Generator) -> Iterator[Sample]:
        """The crystals of one element."""
        element = task.params["element"]
        scale = self.settings.displacement * nearest_distance(element)
        for number in range(self.settings.per_element):
            steps = faulted(self._perfect(element), self.settings.faults, rng)
            atoms = close_packed(steps, element, self.settings.repeats)
            atoms.positions += rng.normal(scale=scale, size=atoms.positions.shape)
            meta = {"stacking": letters_of(steps)}
            yield Sample(f"{element}-{number:03d}", atoms, group=element, meta=meta)

    def _perfect(self, element: str) -> Steps:
        """The steps of the stack without faults."""
        parent = self.settings.parent
        if parent == "element":
            parent = "hcp" if element in HCP_METALS else "fcc"
        steps = np.ones(self.settings.layers, dtype=np.int64)
        if parent == "hcp":
            steps[1::2] = -1
        return steps


def faulted(steps: Steps, faults: int, rng: np.random.Generator) -> Steps:
    """Put faults into a periodic stack: each turns a run of steps around, and no two runs touch.

    In fcc, a run of one step is an intrinsic fault (two neighbouring hcp layers), a longer run is
    a lamella between two twin boundaries (one hcp layer each). In hcp, the layers at both ends of
    a run become fcc.

    Args:
        steps: of the perfect stack, int64 (layers); at least three for each fault.
        faults: how many.
        rng: draws the places, whether a fault is intrinsic (one in two) or a twin, and how thick.
    """
    if faults == 0:
        return steps.copy()
    found = steps.copy()
    origin = int(rng.integers(len(steps)))
    for window in np.array_split(np.arange(origin, origin + len(steps)), faults):
        room = len(window) - 1  # the last step stays, so that the next run does not touch this one
        length = 1 if rng.random() < 0.5 else int(rng.integers(2, room + 1))
        start = int(rng.integers(room - length + 1))
        run = window[start : start + length] % len(steps)
        found[run] *= -1
    return found
