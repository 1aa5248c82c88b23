"""The suite for sources."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from structkit.data.items.base import Item
from structkit.discovery.loading import discover
from structkit.discovery.plugin import import_string
from structkit.testing.base import ComponentContract
from structkit.testing.materials import same_arrays


class SourceContract(ComponentContract):
    """A source repeats itself for a seed, task by task in any order, and gives sound rows with groups.

    Rows are structures, or measurements of the representation that the source `makes`.

    Attributes:
        tasks_tried: so many tasks are run.
    """

    kind: ClassVar[str] = "source"
    tasks_tried: ClassVar[int] = 3

    def _samples(self, source: Any, index: int, seed: int = 1) -> list[Any]:
        return list(source.samples(source.tasks()[index], np.random.default_rng([seed, index])))

    def _tried(self) -> range:
        return range(min(self.tasks_tried, len(self.build().tasks())))

    def _item(self) -> Item:
        """What the rows hold."""
        declaration = self.declaration()
        build = import_string(discover().item(declaration.makes).build)
        item: Item = build(declaration.makes, declaration.ragged)
        return item

    def _equal(self, first: list[Any], second: list[Any]) -> bool:
        """Whether two lists of samples are equal to the last bit."""
        item = self._item()
        rows, others = ([item.to_row(sample) for sample in samples] for samples in (first, second))
        if [row for row, _ in rows] != [row for row, _ in others]:
            return False
        pairs = zip(rows, others, strict=True)
        return all(same_arrays(one, other) for (_, one), (_, other) in pairs)

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
            told = "take every random number from the generator that samples() is given"
            assert self._equal(first, second), told

    def test_tasks_do_not_depend_on_each_other(self) -> None:
        source = self.build()
        forward = {index: self._samples(source, index) for index in self._tried()}
        for index in reversed(self._tried()):
            again = self._samples(self.build(), index)
            told = (
                "a task must not change with what was run before it: workers run them in any order"
            )
            assert self._equal(forward[index], again), told

    def test_samples_are_sound(self) -> None:
        source, item = self.build(), self._item()
        samples = [sample for index in self._tried() for sample in self._samples(source, index)]
        assert samples, "the source gave no sample"
        assert len({s.id for s in samples}) == len(samples), (
            "ids of samples must be unique in the whole source"
        )
        for sample in samples:
            told = f"{sample.id} is a {type(sample).__name__}, expected a {item.sample.__name__}"
            assert isinstance(sample, item.sample), told
            fault = item.fault(item.to_row(sample)[1])
            assert not fault, f"{sample.id} {fault}"
            assert sample.group, (
                f"{sample.id}: set group, so that what belongs together is never split"
            )
