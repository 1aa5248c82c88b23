"""The work of one shard, done in this process or in a worker: build the component, call it, check what it gives.

Everything here takes and returns plain data, so that any `concurrent.futures.Executor` can carry it.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from structkit.components import Sample, Task
from structkit.errors import Problem, StepError, Stopped, StructkitError, quoted
from structkit.files import inventory, published, sealed, write_json
from structkit.plugins.loading import import_string, load_loose
from structkit.plugins.settings import validate
from structkit.randomness import generator
from structkit.structures import RAGGED, to_row, to_sample
from structkit.table import CONTENT, Array, Table, TableWriter

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
    ragged: tuple[str, ...] = ()
    loose: Path | None = None
    produces: str = ""

    def generator(self, item: str) -> np.random.Generator:
        """The random numbers of one task or sample."""
        return generator(self.seed, self.component, json.loads(self.settings), item)


@dataclass(frozen=True)
class Shard:
    """A piece of a job: tasks of a source, or a range of rows of a table."""

    folder: Path
    work: Literal["source", "transform", "descriptor"]
    tasks: tuple[Task, ...] = ()
    table: Path | None = None
    rows: range = range(0)


@functools.lru_cache(maxsize=32)
def build(recipe: Recipe) -> Any:
    """The component of a recipe, built once per process."""
    return build_anew(recipe)


def build_anew(recipe: Recipe) -> Any:
    """A fresh component, for a model that is to learn or to be loaded."""
    if recipe.loose and f"structkit_loose_{recipe.loose.stem}" not in sys.modules:
        load_loose(recipe.loose)
    with blamed(recipe, f"importing {recipe.build}"):
        kind, target = import_string(recipe.settings_class), import_string(recipe.build)
    with blamed(recipe, "its settings"):
        return target(**dict(validate(kind, json.loads(recipe.settings))))


@contextlib.contextmanager
def blamed(recipe: Recipe, item: str) -> Iterator[None]:
    """Turn whatever a component raises into an error that names it and the row; even `sys.exit`."""
    try:
        yield
    except (StructkitError, KeyboardInterrupt, MemoryError, Stopped):
        raise
    except BaseException as error:
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            raise  # the disk is full or read-only: nobody's fault but the disk's
        message = f"{recipe.who} failed on {item}: {type(error).__name__}: {quoted(str(error), 300)[1:-1]}"
        raise StepError(Problem("P010", message, fix="see run.log for the traceback")) from error


def refuse(recipe: Recipe, item: str, what: str) -> StepError:
    """An error about what a component returned."""
    return StepError(Problem("P011", f"{recipe.who} on {item}: {what}", fix="this is a defect of the plugin"))


@contextlib.contextmanager
def single_threaded() -> Iterator[None]:
    """One thread for numerical libraries, so that the number of workers changes no bit."""
    from threadpoolctl import threadpool_limits

    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 1
    with threadpool_limits(1):
        try:
            if torch:
                torch.set_num_threads(1)
            yield
        finally:
            if torch:
                torch.set_num_threads(before)


def run_shard(recipe: Recipe, shard: Shard) -> int:
    """Compute one shard and publish it as a finished table; returns its number of rows."""
    ragged = recipe.ragged if shard.work == "descriptor" else RAGGED
    make = {"source": _source, "transform": _transform, "descriptor": _descriptor}[shard.work]
    with single_threaded(), published(shard.folder) as draft:
        with TableWriter(draft, ragged) as writer:
            for row, arrays, item in make(recipe, shard):
                try:
                    writer.append(row, arrays)
                except (TypeError, ValueError) as error:
                    raise refuse(recipe, item, str(error)) from error
        write_json(draft / "shard.json", sealed({"files": inventory(draft)}))
    shutil.rmtree(_scratch(shard), ignore_errors=True)
    return writer.count


def _scratch(shard: Shard) -> Path:
    """Where the tasks of a shard keep unfinished work."""
    return shard.folder.with_name(f"scratch-{shard.folder.name}")


def _source(recipe: Recipe, shard: Shard) -> Iterator[tuple[Any, Mapping[str, Array], str]]:
    source = build(recipe)
    for number, known in enumerate(shard.tasks):
        task = replace(known, scratch=_scratch(shard) / str(number))
        item = f"task '{task.id}'"
        for sample in _each(recipe, item, lambda task=task: source.samples(task, recipe.generator(task.id))):
            row, arrays = _structure(recipe, item, sample)
            # what the structure is, passed on to everything made of it: equal ones must not meet across a split
            yield replace(row, meta={**row.meta, CONTENT: _content(arrays)}), arrays, item


def _content(arrays: Mapping[str, Array]) -> str:
    """A digest of the atoms themselves."""
    total = hashlib.sha256()
    for name in ("numbers", "positions", "cell", "pbc"):
        total.update(np.ascontiguousarray(arrays[name]).tobytes())
    return total.hexdigest()[:32]


def _transform(recipe: Recipe, shard: Shard) -> Iterator[tuple[Any, Mapping[str, Array], str]]:
    transform, table = build(recipe), _input(shard)
    for index in shard.rows:
        parent = to_sample(table, index)
        item, before = f"row '{parent.id}'", parent.atoms.copy()
        rng = recipe.generator(parent.id)
        children = list(_each(recipe, item, lambda p=parent, r=rng: transform(p, r)))
        _check_unchanged(recipe, item, before, parent.atoms)
        for number, child in enumerate(children):
            yield *_structure(recipe, item, _inherit(recipe, item, parent, child, number, len(children))), item


def _inherit(recipe: Recipe, item: str, parent: Sample, child: Any, number: int, siblings: int) -> Sample:
    """A child keeps its parent's id (numbered when it has siblings), group and, when it has none, label."""
    if not isinstance(child, Sample):
        raise refuse(recipe, item, f"gave a {type(child).__name__}, expected a Sample")
    name = parent.id if siblings == 1 else f"{parent.id}#{number}"
    label = parent.label if child.label is None else child.label
    return Sample(name, child.atoms, label, parent.group, {**parent.meta, **child.meta})


def _descriptor(recipe: Recipe, shard: Shard) -> Iterator[tuple[Any, Mapping[str, Array], str]]:
    descriptor, table = build(recipe), _input(shard)
    samples = [to_sample(table, index) for index in shard.rows]
    before = [sample.atoms.copy() for sample in samples]
    for index, arrays in zip(shard.rows, _describe(recipe, descriptor, samples), strict=True):
        sample, item = samples[index - shard.rows.start], f"row '{table.rows[index].id}'"
        _check_unchanged(recipe, item, before[index - shard.rows.start], sample.atoms)
        _check_representation(recipe, item, arrays)
        for name, value in arrays.items():
            check_finite(recipe, item, name, value)
        yield table.rows[index], arrays, item


def _check_representation(recipe: Recipe, item: str, arrays: Mapping[str, Array]) -> None:
    """What says that it is an image or a vector is one."""
    if (wanted := AXES.get(recipe.produces)) is None:
        return
    found = arrays.get(recipe.produces)
    if found is None:
        raise refuse(recipe, item, f"gave no array '{recipe.produces}', only {', '.join(arrays) or 'nothing'}")
    if found.ndim != len(wanted):
        raise refuse(recipe, item, f"'{recipe.produces}' has shape {found.shape}, expected ({', '.join(wanted)})")


def _describe(recipe: Recipe, descriptor: Any, samples: Sequence[Sample]) -> Iterator[Mapping[str, Array]]:
    """Features of several samples: by `batch` where the descriptor has one, else one by one."""
    if hasattr(descriptor, "batch") and samples:
        with blamed(recipe, f"rows '{samples[0].id}' to '{samples[-1].id}'"):
            arrays = _mapping(recipe, "batch", descriptor.batch([sample.atoms for sample in samples]))
        if wrong := [name for name, value in arrays.items() if len(value) != len(samples)]:
            found = f"'{wrong[0]}' has {len(arrays[wrong[0]])} items for {len(samples)} structures"
            raise refuse(recipe, "batch", found)
        yield from ({name: np.asarray(value[i]) for name, value in arrays.items()} for i in range(len(samples)))
        return
    for sample in samples:
        item = f"row '{sample.id}'"
        with blamed(recipe, item):
            arrays = _mapping(recipe, item, descriptor(sample.atoms))
        yield {name: np.asarray(value) for name, value in arrays.items()}


def _mapping(recipe: Recipe, item: str, found: Any) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise refuse(recipe, item, f"gave a {type(found).__name__}, expected a mapping of named arrays")
    return found


def _input(shard: Shard) -> Table:
    if shard.table is None:
        raise ValueError("a shard of rows needs a table")
    return Table.open(shard.table)


def _each(recipe: Recipe, item: str, start: Any) -> Iterator[Any]:
    """Iterate over what a component gives; its exceptions are its own."""
    with blamed(recipe, item):
        iterator = iter(start())
    while True:
        with blamed(recipe, item):
            try:
                value = next(iterator)
            except StopIteration:
                return
        yield value


def _structure(recipe: Recipe, item: str, sample: Any) -> tuple[Any, Mapping[str, Array]]:
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
