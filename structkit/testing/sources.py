"""The suite for sources."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from structkit.data.items.structure import to_row
from structkit.samples import Sample
from structkit.testing.base import ComponentContract
from structkit.testing.materials import same_arrays


class SourceContract(ComponentContract):
    """A source repeats itself for a seed, task by task in any order, and gives sound structures with groups.

    Attributes:
        tasks_tried: so many tasks are run.
    """

    kind: ClassVar[str] = "source"
    tasks_tried: ClassVar[int] = 3

    def _samples(self, source: Any, index: int, seed: int = 1) -> list[Sample]:
        return list(source.samples(source.tasks()[index], np.random.default_rng([seed, index])))

    def _tried(self) -> range:
        return range(min(self.tasks_tried, len(self.build().tasks())))

    def test_tasks_have_ids_of_their_own(self) -> None:
        ids = [task.id for task in self.build().tasks()]
        assert ids and len(set(ids)) == len(ids), "every task needs an id, and no two the same"

    def test_tasks_are_the_same_every_time(self) -> None:
        assert [t.id for t in self.build().tasks()] == [t.id for t in self.build().tasks()], (
            "tasks() must not be random"
        )

    def test_same_seed_same_samples(self) -> None:
        for index in self._tried():
            first, second = (self._samples(self.build(), index) for _ in range(2))
            assert [s.id for s in first] == [s.id for s in second]
            equal = all(same_arrays(to_row(a)[1], to_row(b)[1]) for a, b in zip(first, second, strict=True))
            assert equal, "take every random number from the generator that samples() is given"

    def test_tasks_do_not_depend_on_each_other(self) -> None:
        source = self.build()
        forward = {index: self._samples(source, index) for index in self._tried()}
        for index in reversed(self._tried()):
            again = self._samples(self.build(), index)
            equal = all(same_arrays(to_row(a)[1], to_row(b)[1]) for a, b in zip(forward[index], again, strict=True))
            assert equal, "a task must not change with what was run before it: workers run them in any order"

    def test_samples_are_sound(self) -> None:
        source = self.build()
        samples = [sample for index in self._tried() for sample in self._samples(source, index)]
        assert samples, "the source gave no sample"
        assert len({s.id for s in samples}) == len(samples), "ids of samples must be unique in the whole source"
        for sample in samples:
            assert len(sample.atoms) > 0 and np.isfinite(sample.atoms.positions).all(), f"{sample.id} is no structure"
            assert sample.group, f"{sample.id}: set group, so that what belongs together is never split"
