"""Calling a component: its result checked, its faults named with the step, the row and the line.

Runs and predictions both go this way, so that what one of them refuses the other does too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit.data.columns import Array
from structkit.data.items.base import Item
from structkit.data.items.common import not_finite, not_represented, says_the_same
from structkit.data.items.structure import atoms_of, is_unchanged, to_row
from structkit.data.masks import copied
from structkit.data.rows import Row
from structkit.engine.blame import Call, blamed, called, refuse
from structkit.engine.building import build
from structkit.engine.recipe import Recipe
from structkit.errors import quoted
from structkit.library import one_by_one
from structkit.samples import Sample

if TYPE_CHECKING:
    from ase import Atoms

NO_MORE = object()  # after the last value of an iterator


@dataclass(frozen=True)
class Given:
    """A structure that a descriptor is given, and the arrays that tell whether it changed it.

    Args:
        id: of its row.
        atoms: the structure.
        arrays: as `to_row` makes them, or as they lie on the disk.
    """

    id: str
    atoms: Any
    arrays: Mapping[str, Array]


def given(sample: Sample) -> Given:
    """A sample that is not on the disk, as if it had been: with a structure and arrays of its own."""
    arrays = to_row(sample)[1]
    return Given(sample.id, atoms_of(arrays), arrays)


def each(recipe: Recipe, item: str, start: Callable[[], Iterable[Any]]) -> Iterator[Any]:
    """Iterate over what a component gives; its exceptions are its own."""
    with called(recipe, item):
        results = start()
    if not isinstance(results, Iterable):
        raise refuse(recipe, item, f"gave a {type(results).__name__}, expected several: yield them")
    iterator, call = iter(results), Call()
    while True:
        with called(recipe, item, call):
            value = next(iterator, NO_MORE)
            call.goes_on = value is not NO_MORE
        if value is NO_MORE:
            return
        yield value
        call.number += 1


def children(
    recipe: Recipe, where: str, row: Row, item: Item, arrays: Mapping[str, Array]
) -> list[Any]:
    """What a transform makes of a sample: each keeps the id (numbered when it has siblings) and the group.

    Args:
        recipe: of the transform.
        where: what an error calls the sample.
        row: who the sample is.
        item: what it holds.
        arrays: of which it is made, and which tell whether the transform changed it.
    """
    transform, rng = build(recipe), recipe.generator(row.id)
    parent = item.to_sample(row, arrays)
    made = [
        _own(recipe, where, item, child)
        for child in each(recipe, where, lambda: transform(parent, rng))
    ]
    if not (item.is_unchanged(parent, arrays) and says_the_same(parent, row)):
        raise refuse(recipe, where, f"changed the {item.holds} that it was given")
    return [_inherit(row, child, number, len(made)) for number, child in enumerate(made)]


def _own(recipe: Recipe, where: str, item: Item, child: Any) -> Any:
    """A child whose item is its own: a transform may change one object and give it again."""
    if not isinstance(child, item.sample):
        raise refuse(
            recipe, where, f"gave a {type(child).__name__}, expected a {item.sample.__name__}"
        )
    if not isinstance(child.meta, Mapping):
        raise refuse(
            recipe,
            where,
            f"gave a sample whose meta is a {type(child.meta).__name__}, expected a mapping",
        )
    with blamed(recipe, where):
        return item.own(child)


def _inherit(parent: Row, child: Any, number: int, siblings: int) -> Any:
    """A child keeps its parent's id (numbered when it has siblings), group and, when it has none, label."""
    name = parent.id if siblings == 1 else f"{parent.id}#{number}"
    label = parent.label if child.label is None else child.label
    meta, targets = {**parent.meta, **child.meta}, {**parent.targets, **child.targets}
    return replace(child, id=name, label=label, group=parent.group, meta=meta, targets=targets)


def checked_row(
    recipe: Recipe, where: str, item: Item, sample: Any
) -> tuple[Row, Mapping[str, Array]]:
    """A sample as a row and arrays, refused when it is none."""
    if not isinstance(sample, item.sample):
        raise refuse(
            recipe, where, f"gave a {type(sample).__name__}, expected a {item.sample.__name__}"
        )
    for name, value in (("id", sample.id), ("label", sample.label), ("group", sample.group)):
        if not (isinstance(value, str) and value) and not (value is None and name != "id"):
            raise refuse(
                recipe, where, f"gave a sample whose {name} is {quoted(value)}, expected a word"
            )
    with blamed(recipe, where):
        row, arrays = item.to_row(sample)
    if fault := item.fault(arrays):
        raise refuse(recipe, f"{where}, sample '{sample.id}'", fault)
    return row, arrays


def described(recipe: Recipe, structures: Sequence[Given]) -> Iterator[dict[str, Array]]:
    """Features of several structures, each checked: by `batch` where the descriptor has one, else one by one."""
    for each_given, features in zip(structures, _features(recipe, structures), strict=True):
        item = f"row '{each_given.id}'"
        arrays = plain_arrays(recipe, item, features)
        _check_unchanged(recipe, item, each_given.arrays, each_given.atoms)
        _check_representation(recipe, item, arrays)
        yield arrays


def plain_arrays(recipe: Recipe, item: str, given: Any) -> dict[str, Array]:
    """Named arrays that the component no longer holds: it may use one buffer for every row.

    Raises:
        StepError: P011, it is no mapping, or an array is masked or not finite.
    """
    with blamed(recipe, item):
        named = mapping(recipe, item, given)
        arrays = {str(name): copied(name, value) for name, value in named.items()}
    for name, value in arrays.items():
        check_finite(recipe, item, name, value)
    return arrays


def _features(recipe: Recipe, samples: Sequence[Given]) -> Iterator[Mapping[str, Any]]:
    descriptor = build(recipe)
    if getattr(type(descriptor), "batch", one_by_one) is one_by_one:  # then an error names its row
        for sample in samples:
            item = f"row '{sample.id}'"
            with called(recipe, item):
                result = descriptor(sample.atoms)
            yield mapping(recipe, item, result)
    elif samples:
        item = f"rows '{samples[0].id}' to '{samples[-1].id}'"
        with called(recipe, item):
            result = descriptor.batch([sample.atoms for sample in samples])
        together = mapping(recipe, item, result)
        for name, value in together.items():
            if np.ndim(value) == 0 or len(value) != len(samples):
                shape = f"has {len(value)} items" if np.ndim(value) else "is one number"
                raise refuse(recipe, "batch", f"'{name}' {shape} for {len(samples)} structures")
        yield from (
            {name: value[i] for name, value in together.items()} for i in range(len(samples))
        )


def mapping(recipe: Recipe, item: str, result: Any) -> Mapping[str, Any]:
    """What should be named arrays, refused when it is no mapping."""
    if not isinstance(result, Mapping):
        raise refuse(
            recipe, item, f"gave a {type(result).__name__}, expected a mapping of named arrays"
        )
    return result


def _check_representation(recipe: Recipe, item: str, arrays: Mapping[str, Array]) -> None:
    """What says that it is an image or a vector is one."""
    if fault := not_represented(recipe.produces, arrays):
        raise refuse(recipe, item, fault)


def check_finite(recipe: Recipe, where: str, name: str, value: Array) -> None:
    """Refuse NaN and infinities that a component made."""
    if fault := not_finite(name, value):
        raise refuse(recipe, where, fault)


def _check_unchanged(recipe: Recipe, item: str, arrays: Mapping[str, Array], atoms: Atoms) -> None:
    if not is_unchanged(atoms, arrays):
        raise refuse(recipe, item, "changed the structure that it was given")
