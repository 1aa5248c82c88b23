"""What the kinds share whose results are rows: shards written and joined, ids that occur once."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from structkit.data.block import Block, load_part, save_part
from structkit.data.columns import Array
from structkit.data.merging import stored, write_table
from structkit.data.rows import Row
from structkit.data.table import Table
from structkit.discovery.plugin import import_string
from structkit.discovery.registry import Registry
from structkit.engine.blame import refuse
from structkit.engine.jobs import Job, Need
from structkit.engine.pieces import Input, Piece
from structkit.engine.recipe import Recipe
from structkit.errors import DataError, Problem
from structkit.kinds.base import Kind
from structkit.kinds.wiring import rows_hold
from structkit.pipeline.checked import CheckedStep

if TYPE_CHECKING:
    from structkit.data.items.base import Item

SHARD = "rows.npys"  # the one file of a shard
Write = Callable[[Row, Mapping[str, Array], str], None]


class RowsKind(Kind):
    """A kind whose jobs make the rows of one origin each, in shards."""

    def gives(self, step: CheckedStep) -> str:
        """Structures, or features."""
        return rows_hold(step.passes)

    def job(
        self,
        step: CheckedStep,
        work: str,
        ingredients: Mapping[str, Any],
        inputs: tuple[Need, ...],
        origin: str,
        recipe: Recipe,
        options: Mapping[str, Any],
    ) -> Job:
        """A job of this kind that is done in shards."""
        kind = f"{type(self).__module__}:{type(self).__qualname__}"
        shard = step.declaration.shard
        return Job(
            kind, step.id, work, ingredients, inputs, origin, recipe, options, shard, spread=True
        )

    def item(self, job: Job) -> Item:
        """What the rows of a job hold."""
        item: Item = import_string(job.options["item"])(job.options["holds"], job.component.ragged)
        return item

    def contents(self, job: Job, inputs: Sequence[Input]) -> Sequence[Any]:
        """A range of rows for each piece."""
        count = len(Table.open(inputs[0].folder))
        return [(start, min(start + job.shard, count)) for start in range(0, count, job.shard)]

    @contextlib.contextmanager
    def writer(self, piece: Piece, draft: Path) -> Iterator[Write]:
        """Writes the rows of a shard; what does not fit together is the component's fault."""
        block = Block(self.item(piece.job).ragged)

        def write(row: Row, arrays: Mapping[str, Array], item: str) -> None:
            add(block, piece, item, row, arrays)

        yield write
        save_part(draft / SHARD, block.part())

    def join(self, job: Job, pieces: Sequence[Path], inputs: Sequence[Input], draft: Path) -> None:
        """One table of all shards."""
        join_shards(job, pieces, draft)
        check_ids(job, Table.open(draft))

    def said(self, job: Job, entry: Path) -> str:
        """How many rows were made."""
        return f"{len(Table.open(entry))} rows"


def options_of(registry: Registry, holds: str) -> dict[str, Any]:
    """What a job must know of its rows: what they hold, and which item that is."""
    return {"holds": holds, "item": registry.item(holds).build}


def add(
    block: Block, piece: Piece, item: str, row: Row | None, arrays: Mapping[str, Array]
) -> None:
    """Add a row to a shard; what does not fit is the component's fault."""
    try:
        block.append(row, arrays)
    except (TypeError, ValueError) as error:
        raise refuse(piece.job.component, item, str(error)) from error


def join_shards(job: Job, pieces: Sequence[Path], draft: Path, like: Path | None = None) -> None:
    """Shards as one table; shards that do not fit together are the component's fault.

    Args:
        job: whose shards they are.
        pieces: their folders, in order.
        draft: where the table is written.
        like: a table whose rows these are, where the shards do not say.
    """
    parts = (load_part(folder / SHARD) for folder in pieces)
    try:
        write_table(parts, draft, None if like is None else stored(Table.open(like)))
    except ValueError as error:
        raise refuse(job.component, "its rows", str(error)) from error


def check_ids(job: Job, table: Table) -> None:
    """Refuse a step that makes nothing, or one id twice.

    Raises:
        DataError: D022; D021.
    """
    if len(table) == 0:
        message = f"{job.component.component.rpartition('/')[2]} made no structures"
        raise DataError(Problem("D022", message, fix="look at the settings of this step"))
    ids = table.ids
    if len(set(ids)) < len(ids):
        twice = [name for name, count in Counter(ids).items() if count > 1]
        message = f"{len(twice)} ids occur twice (first: '{twice[0]}')"
        raise DataError(Problem("D021", message, fix="make ids unique"))
