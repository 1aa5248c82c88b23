"""The suite for transforms."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from structkit.data.items.base import Item
from structkit.discovery.loading import discover
from structkit.discovery.plugin import import_string
from structkit.errors import DataError
from structkit.samples import Sample
from structkit.testing.base import ComponentContract
from structkit.testing.materials import hard_samples, same_arrays


class TransformContract(ComponentContract):
    """A transform leaves its input alone, repeats itself for a seed, and takes hard rows or refuses them well.

    Attributes:
        refuses: ids of the `samples` that it may refuse with a DataError.
    """

    kind: ClassVar[str] = "transform"
    refuses: ClassVar[tuple[str, ...]] = ()

    def samples(self) -> Sequence[Any]:
        """Rows to try it on: hard structures; override it for a transform that reads a representation."""
        return hard_samples()

    def _item(self) -> Item:
        """What the rows hold."""
        declaration = self.declaration()
        build = import_string(discover().item(declaration.reads).build)
        item: Item = build(declaration.reads, declaration.ragged)
        return item

    def _apply(self, sample: Any, seed: int = 1) -> list[Any]:
        try:
            return list(self.build()(self._item().own(sample), np.random.default_rng(seed)))
        except DataError:
            assert sample.id in self.refuses, (
                f"'{sample.id}' was refused; if that is right, list it in `refuses`"
            )
            return []

    def test_input_is_not_changed(self) -> None:
        item = self._item()
        for sample in self.samples():
            _, before = item.to_row(item.own(sample))
            with contextlib.suppress(DataError):
                list(self.build()(sample, np.random.default_rng(1)))
            assert item.is_unchanged(sample, before), f"'{sample.id}' was changed: work on a copy"

    def test_same_seed_same_result(self) -> None:
        item = self._item()
        for sample in self.samples():
            first, second = self._apply(sample), self._apply(sample)
            equal = all(
                same_arrays(dict(item.to_row(a)[1]), dict(item.to_row(b)[1]))
                for a, b in zip(first, second, strict=False)
            )
            told = "take every random number from the generator that the transform is given"
            assert len(first) == len(second) and equal, f"'{sample.id}' gives two results: {told}"

    def test_something_is_made(self) -> None:
        assert any(self._apply(sample) for sample in self.samples()), (
            "nothing is made of any row: yield samples"
        )

    def test_results_are_sound(self) -> None:
        item = self._item()
        for sample in self.samples():
            for child in self._apply(sample):
                fault = item.fault(item.to_row(child)[1])
                assert not fault, f"of '{sample.id}' it {fault}"
                assert child.group in (None, sample.group), "a transform never changes the group"
                if isinstance(child, Sample):
                    assert set(child.atoms.symbols) <= set(sample.atoms.symbols) or child.meta, (
                        "say in meta what was changed"
                    )
