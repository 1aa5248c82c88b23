"""The suite for descriptors."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest

from structkit.components import Descriptor
from structkit.discovery.declarations import settings_class
from structkit.discovery.plugin import import_string
from structkit.errors import DataError
from structkit.pictures import Curve, Picture
from structkit.showing import drawer
from structkit.testing.base import ComponentContract
from structkit.testing.materials import hard_structures, same_arrays

if TYPE_CHECKING:
    from ase import Atoms


class DescriptorContract(ComponentContract):
    """A descriptor is pure, gives the arrays it declares, and keeps the symmetries it promises.

    Attributes:
        symmetries: of `translation`, `permutation`, `rotation`, `supercell`: changes that leave the
            arrays as they are.
        tolerance: largest difference that counts as none, relative to the largest value.
        refuses: names of the `hard_structures` that it may refuse with a DataError.
    """

    kind: ClassVar[str] = "descriptor"
    symmetries: ClassVar[tuple[str, ...]] = ("translation", "permutation")
    tolerance: ClassVar[float] = 1e-4
    refuses: ClassVar[tuple[str, ...]] = ()

    def _described(self) -> Iterator[tuple[str, Atoms, Mapping[str, Any]]]:
        descriptor = self.build()
        for name, atoms in hard_structures().items():
            try:
                yield name, atoms, dict(descriptor(atoms.copy()))
            except DataError:
                assert name in self.refuses, (
                    f"'{name}' was refused; if that is right, list it in `refuses`"
                )

    def test_input_is_not_changed(self) -> None:
        descriptor = self.build()
        for name, atoms in hard_structures().items():
            before = atoms.copy()
            with contextlib.suppress(DataError):
                descriptor(atoms)
            assert before == atoms, f"'{name}' was changed: work on a copy"

    def test_is_pure(self) -> None:
        first, second = (list(self._described()) for _ in range(2))
        for (name, _, a), (_, _, b) in zip(first, second, strict=True):
            assert same_arrays(dict(a), dict(b)), (
                f"'{name}' gives two results: a descriptor has no state and no chance"
            )

    def test_arrays_are_as_declared(self) -> None:
        declaration = self.declaration()
        assert isinstance(declaration, Descriptor)
        shapes: dict[str, tuple[int, ...]] = {}
        for name, _, arrays in self._described():
            for key, value in arrays.items():
                assert np.isfinite(value).all(), f"'{key}' of '{name}' is not finite"
                if key not in declaration.ragged:
                    first = shapes.setdefault(key, np.shape(value))
                    assert np.shape(value) == first, (
                        f"the shape of '{key}' differs: declare it in `ragged`"
                    )

    def test_rows_can_be_shown(self) -> None:
        declaration = self.declaration()
        settings = settings_class(declaration)(**self.settings).model_dump(mode="json")
        names = import_string(declaration.labels)(settings) if declaration.labels else None
        draw = drawer(declaration.picture, settings) if declaration.picture else None
        for name, _, arrays in self._described():
            if names is not None:
                count = len(arrays["vector"])
                assert len(names) == count, (
                    f"{len(names)} names for the {count} numbers of '{name}'"
                )
            if draw is not None:
                shown = draw(arrays)
                assert isinstance(shown, Picture | Curve | np.ndarray), (
                    f"the picture of '{name}' is a {type(shown).__name__}"
                )

    def test_batch_is_the_same(self) -> None:
        descriptor = self.build()
        if not hasattr(descriptor, "batch"):
            pytest.skip("this descriptor offers no batch")
        described = list(self._described())
        together = descriptor.batch([atoms for _, atoms, _ in described])
        for index, (name, _, alone) in enumerate(described):
            for key, value in alone.items():
                assert np.array_equal(together[key][index], value), (
                    f"batch changes '{key}' of '{name}'"
                )

    def test_promised_symmetries_hold(self) -> None:
        descriptor = self.build()
        for name, atoms, arrays in self._described():
            for symmetry in self.symmetries:
                turned = descriptor(_CHANGES[symmetry](atoms))
                for key, value in arrays.items():
                    assert np.shape(turned[key]) == np.shape(value), (
                        f"{symmetry} of '{name}' changes the shape of '{key}'"
                    )
                    if np.size(value) == 0 or not np.isfinite(value).all():
                        continue  # nothing to compare, or told of by another test
                    error = np.abs(np.asarray(turned[key], float) - value).max()
                    bound = self.tolerance * max(np.abs(value).max(), 1e-12)
                    assert error <= bound, f"{symmetry} of '{name}' changes '{key}' by {error:.3g}"


def _translated(atoms: Atoms) -> Atoms:
    moved = atoms.copy()
    moved.positions += [0.37, -0.21, 0.93]
    return moved


def _permuted(atoms: Atoms) -> Atoms:
    return atoms[np.random.default_rng(3).permutation(len(atoms))]


def _rotated(atoms: Atoms) -> Atoms:
    turned = atoms.copy()
    turned.rotate(40, (1, 2, 3), rotate_cell=True)
    return turned


def _repeated(atoms: Atoms) -> Atoms:
    return atoms.repeat(2) if atoms.pbc.all() else atoms


_CHANGES = {
    "translation": _translated,
    "permutation": _permuted,
    "rotation": _rotated,
    "supercell": _repeated,
}
