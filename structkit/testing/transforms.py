"""The suite for transforms."""

from __future__ import annotations

import contextlib
from typing import ClassVar

import numpy as np

from structkit.data.items.structure import to_row
from structkit.errors import DataError
from structkit.samples import Sample
from structkit.testing.base import ComponentContract
from structkit.testing.materials import hard_samples, same_arrays


class TransformContract(ComponentContract):
    """A transform leaves its input alone, repeats itself for a seed, and takes hard structures or refuses them well.

    Attributes:
        refuses: names of the `hard_structures` that it may refuse with a DataError.
    """

    kind: ClassVar[str] = "transform"
    refuses: ClassVar[tuple[str, ...]] = ()

    def _apply(self, sample: Sample, seed: int = 1) -> list[Sample]:
        try:
            atoms = sample.atoms.copy()
            given = Sample(sample.id, atoms, sample.label, sample.group, sample.meta)
            return list(self.build()(given, np.random.default_rng(seed)))
        except DataError:
            assert sample.id in self.refuses, (
                f"'{sample.id}' was refused; if that is right, list it in `refuses`"
            )
            return []

    def test_input_is_not_changed(self) -> None:
        for sample in hard_samples():
            before = sample.atoms.copy()
            with contextlib.suppress(DataError):
                list(self.build()(sample, np.random.default_rng(1)))
            assert before == sample.atoms, f"'{sample.id}' was changed: work on atoms.copy()"

    def test_same_seed_same_result(self) -> None:
        for sample in hard_samples():
            first, second = self._apply(sample), self._apply(sample)
            equal = all(
                same_arrays(to_row(a)[1], to_row(b)[1]) for a, b in zip(first, second, strict=False)
            )
            told = "take every random number from the generator that the transform is given"
            assert len(first) == len(second) and equal, f"'{sample.id}' gives two results: {told}"

    def test_something_is_made(self) -> None:
        assert any(self._apply(sample) for sample in hard_samples()), (
            "nothing is made of any structure: yield samples"
        )

    def test_results_are_sound(self) -> None:
        for sample in hard_samples():
            for child in self._apply(sample):
                assert len(child.atoms) > 0, f"'{sample.id}' lost all its atoms"
                assert np.isfinite(child.atoms.positions).all(), (
                    f"'{sample.id}' has positions that are not finite"
                )
                assert child.group in (None, sample.group), "a transform never changes the group"
                assert set(child.atoms.symbols) <= set(sample.atoms.symbols) or child.meta, (
                    "say in meta what was changed"
                )
