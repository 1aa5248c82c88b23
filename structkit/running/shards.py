"""The work of one shard, done in this process or in a worker: each task or row through its component, into a table.

Everything here takes and returns plain data, so that any `concurrent.futures.Executor` can carry it.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from structkit.components import Task
from structkit.files import inventory, published, sealed, write_json
from structkit.running.calling import Recipe, build, children, described, each, refuse, structure
from structkit.structures import RAGGED, to_sample
from structkit.table import CONTENT, Array, Row, Table, TableWriter

Made = Iterator[tuple[Row, Mapping[str, Array], str]]  # rows, and what an error calls them


@dataclass(frozen=True)
class Shard:
    """A piece of a job: tasks of a source, or a range of rows of a table."""

    folder: Path
    work: Literal["source", "transform", "descriptor"]
    tasks: tuple[Task, ...] = ()
    table: Path | None = None
    rows: range = range(0)


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


def _source(recipe: Recipe, shard: Shard) -> Made:
    source = build(recipe)
    for number, known in enumerate(shard.tasks):
        task = replace(known, scratch=_scratch(shard) / str(number))
        item = f"task '{task.id}'"
        for sample in each(recipe, item, functools.partial(source.samples, task, recipe.generator(task.id))):
            row, arrays = structure(recipe, item, sample)
            # what the structure is, passed on to everything made of it: equal ones must not meet across a split
            yield replace(row, meta={**row.meta, CONTENT: _content(arrays)}), arrays, item


def _content(arrays: Mapping[str, Array]) -> str:
    """A digest of the atoms themselves."""
    total = hashlib.sha256()
    for name in ("numbers", "positions", "cell", "pbc"):
        total.update(np.ascontiguousarray(arrays[name]).tobytes())
    return total.hexdigest()[:32]


def _transform(recipe: Recipe, shard: Shard) -> Made:
    table = _input(shard)
    for index in shard.rows:
        parent = to_sample(table, index)
        item = f"row '{parent.id}'"
        for child in children(recipe, item, parent):
            yield *structure(recipe, item, child), item


def _descriptor(recipe: Recipe, shard: Shard) -> Made:
    table = _input(shard)
    samples = [to_sample(table, index) for index in shard.rows]
    for index, arrays in zip(shard.rows, described(recipe, samples), strict=True):
        yield table.rows[index], arrays, f"row '{table.rows[index].id}'"


def _input(shard: Shard) -> Table:
    if shard.table is None:
        raise ValueError("a shard of rows needs a table")
    return Table.open(shard.table)
