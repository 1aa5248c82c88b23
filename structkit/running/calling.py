"""Calling a component: built from its recipe, its result checked, its faults named with the step, the row and the line.

Runs and predictions both go this way, so that what one of them refuses the other does too.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import json
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit.components import Descriptor, Explainer, Sample
from structkit.errors import DataError, Problem, StepError, Stopped, StructkitError, quoted
from structkit.pipeline.check import CheckedStep
from structkit.plugins.loading import import_string, load_loose, loose_name, without_digest
from structkit.plugins.settings import validate
from structkit.randomness import generator
from structkit.structures import to_row
from structkit.table import Array, Row

if TYPE_CHECKING:
    from ase import Atoms


AXES = {"vector": ("features",), "image": ("channels", "height", "width")}
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


@dataclass(frozen=True)
class Recipe:
    """All that is needed to build a component anywhere: picklable, and equal for equal components."""

    build: str
    settings: str  # JSON with every default
    settings_class: str
    who: str  # what an error calls it: component, distribution and version
    seed: int
    component: str
    step: str = ""
    code: str = ""  # its digest: an edited component is another one
    ragged: tuple[str, ...] = ()
    loose: Path | None = None
    produces: str = ""

    def generator(self, item: str) -> np.random.Generator:
        """The random numbers of one task or sample."""
        return generator(self.seed, self.component, json.loads(self.settings), item)


def recipe_of(step: CheckedStep, seed: int) -> Recipe:
    """All that a worker needs to build a step's component."""
    declaration, plugin = step.declaration, step.component.plugin
    kind = type(step.settings)
    ragged = declaration.ragged if isinstance(declaration, Descriptor | Explainer) else ()
    return Recipe(
        build=declaration.build,
        settings=json.dumps(step.settings.model_dump(mode="json"), sort_keys=True),
        settings_class=f"{kind.__module__}:{kind.__qualname__}",
        who=f"{declaration.name} ({plugin.distribution} {plugin.version})",
        seed=seed,
        component=step.component.qualified,
        step=step.id,
        code=plugin.code_digest,
        ragged=ragged,
        loose=plugin.file,
        produces=declaration.produces if isinstance(declaration, Descriptor) else "",
    )


@functools.lru_cache(maxsize=32)
def build(recipe: Recipe) -> Any:
    """The component of a recipe, built once per process."""
    return build_anew(recipe)


def build_anew(recipe: Recipe) -> Any:
    """A fresh component, for a model that is to learn or to be loaded."""
    if recipe.loose and loose_name(recipe.loose) not in sys.modules:
        load_loose(recipe.loose)
    with blamed(recipe, f"importing {without_digest(recipe.build)}"):
        kind, target = import_string(recipe.settings_class), import_string(recipe.build)
    with blamed(recipe, "its settings"):
        return target(**dict(validate(kind, json.loads(recipe.settings))))


@contextlib.contextmanager
def blamed(recipe: Recipe, item: str) -> Iterator[None]:
    """Turn whatever a component raises into an error that names it, the row and the line; even `sys.exit`.

    A DataError is the component's own word on the user's data; where it names no place, it gets the step and the row.
    """
    try:
        yield
    except DataError as error:
        place = f"step '{recipe.step}', {item}" if recipe.step else item
        raise DataError(*(p if p.where else replace(p, where=place) for p in error.problems)) from error
    except (StructkitError, KeyboardInterrupt, MemoryError, Stopped):
        raise
    except BaseException as error:
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            raise  # the disk is full or read-only: nobody's fault but the disk's
        words = quoted(str(error), 300)[1:-1]
        cause = f"{type(error).__name__}{f': {words}' if words else ''}"
        message = f"{recipe.who} failed on {item}{_line(recipe, error)}: {cause}"
        raise StepError(Problem("P010", message, fix="see run.log for the traceback")) from error


def _line(recipe: Recipe, error: BaseException) -> str:
    """The innermost line of the plugin that an exception came through."""
    top = sys.modules.get(recipe.build.partition(":")[0].partition(".")[0])
    home = Path(file) if (file := getattr(top, "__file__", None)) else None
    if home is None:
        return ""
    home = home.parent if home.name == "__init__.py" else home
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(home)]
    return f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""


def refuse(recipe: Recipe, item: str, what: str) -> StepError:
    """An error about what a component returned."""
    return StepError(Problem("P011", f"{recipe.who} on {item}: {what}", fix="this is a defect of the plugin"))


def each(recipe: Recipe, item: str, start: Callable[[], Iterable[Any]]) -> Iterator[Any]:
    """Iterate over what a component gives; its exceptions are its own."""
    with blamed(recipe, item):
        found = start()
    if not isinstance(found, Iterable):
        raise refuse(recipe, item, f"gave a {type(found).__name__}, expected several: yield them")
    iterator = iter(found)
    while True:
        with blamed(recipe, item):
            try:
                value = next(iterator)
            except StopIteration:
                return
        yield value


def children(recipe: Recipe, item: str, parent: Sample) -> list[Sample]:
    """What a transform makes of a sample: each keeps the id (numbered when it has siblings) and the group."""
    transform, before = build(recipe), parent.atoms.copy()
    rng = recipe.generator(parent.id)
    found = list(each(recipe, item, lambda: transform(parent, rng)))
    _check_unchanged(recipe, item, before, parent.atoms)
    return [_inherit(recipe, item, parent, child, number, len(found)) for number, child in enumerate(found)]


def _inherit(recipe: Recipe, item: str, parent: Sample, child: Any, number: int, siblings: int) -> Sample:
    """A child keeps its parent's id (numbered when it has siblings), group and, when it has none, label."""
    if not isinstance(child, Sample):
        raise refuse(recipe, item, f"gave a {type(child).__name__}, expected a Sample")
    if not isinstance(child.meta, Mapping):
        raise refuse(recipe, item, f"gave a sample whose meta is a {type(child.meta).__name__}, expected a mapping")
    name = parent.id if siblings == 1 else f"{parent.id}#{number}"
    label = parent.label if child.label is None else child.label
    return Sample(name, child.atoms, label, parent.group, {**parent.meta, **child.meta})


def structure(recipe: Recipe, item: str, sample: Any) -> tuple[Row, Mapping[str, Array]]:
    """A sample as a row and arrays, refused when it is none."""
    if not isinstance(sample, Sample):
        raise refuse(recipe, item, f"gave a {type(sample).__name__}, expected a Sample")
    for name, value in (("id", sample.id), ("label", sample.label), ("group", sample.group)):
        if not (isinstance(value, str) and value) and not (value is None and name != "id"):
            raise refuse(recipe, item, f"gave a sample whose {name} is {quoted(value)}, expected a word")
    with blamed(recipe, item):
        row, arrays = to_row(sample)
    if len(arrays["numbers"]) == 0:
        raise refuse(recipe, f"{item}, sample '{sample.id}'", "gave a structure without atoms")
    for name in ("positions", "cell"):
        check_finite(recipe, f"{item}, sample '{sample.id}'", name, arrays[name])
    return row, arrays


def described(recipe: Recipe, samples: Sequence[Sample]) -> Iterator[dict[str, Array]]:
    """Features of several samples, each checked: by `batch` where the descriptor has one, else one by one."""
    before = [sample.atoms.copy() for sample in samples]
    for sample, atoms, found in zip(samples, before, _features(recipe, samples), strict=True):
        item = f"row '{sample.id}'"
        with blamed(recipe, item):
            arrays = {str(name): np.asarray(value) for name, value in found.items()}
        _check_unchanged(recipe, item, atoms, sample.atoms)
        _check_representation(recipe, item, arrays)
        for name, value in arrays.items():
            check_finite(recipe, item, name, value)
        yield arrays


def _features(recipe: Recipe, samples: Sequence[Sample]) -> Iterator[Mapping[str, Any]]:
    descriptor = build(recipe)
    if not hasattr(descriptor, "batch"):
        for sample in samples:
            item = f"row '{sample.id}'"
            with blamed(recipe, item):
                found = descriptor(sample.atoms)
            yield mapping(recipe, item, found)
    elif samples:
        item = f"rows '{samples[0].id}' to '{samples[-1].id}'"
        with blamed(recipe, item):
            found = descriptor.batch([sample.atoms for sample in samples])
        together = mapping(recipe, item, found)
        for name, value in together.items():
            if np.ndim(value) == 0 or len(value) != len(samples):
                shape = f"has {len(value)} items" if np.ndim(value) else "is one number"
                raise refuse(recipe, "batch", f"'{name}' {shape} for {len(samples)} structures")
        yield from ({name: value[i] for name, value in together.items()} for i in range(len(samples)))


def mapping(recipe: Recipe, item: str, found: Any) -> Mapping[str, Any]:
    """What should be named arrays, refused when it is no mapping."""
    if not isinstance(found, Mapping):
        raise refuse(recipe, item, f"gave a {type(found).__name__}, expected a mapping of named arrays")
    return found


def _check_representation(recipe: Recipe, item: str, arrays: Mapping[str, Array]) -> None:
    """What says that it is an image or a vector is one."""
    if (wanted := AXES.get(recipe.produces)) is None:
        return
    found = arrays.get(recipe.produces)
    if found is None:
        raise refuse(recipe, item, f"gave no array '{recipe.produces}', only {', '.join(arrays) or 'nothing'}")
    if found.dtype.kind not in "fiub":
        raise refuse(recipe, item, f"'{recipe.produces}' holds {found.dtype}, expected numbers")
    if found.ndim != len(wanted) or found.size == 0:
        raise refuse(recipe, item, f"'{recipe.produces}' has shape {found.shape}, expected ({', '.join(wanted)})")


def check_finite(recipe: Recipe, item: str, name: str, value: Array) -> None:
    """Refuse NaN and infinities that a component made."""
    array = np.asarray(value)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        place = list(map(int, np.argwhere(~np.isfinite(array))[0]))
        raise refuse(recipe, item, f"'{name}' is {array[tuple(place)]} at index {place}")


def _check_unchanged(recipe: Recipe, item: str, before: Atoms, after: Atoms) -> None:
    known, found = before.arrays, after.arrays
    same = known.keys() == found.keys() and all(np.array_equal(known[name], found[name]) for name in known)
    if before != after or not same or before.info.keys() != after.info.keys():
        raise refuse(recipe, item, "changed the structure that it was given")
