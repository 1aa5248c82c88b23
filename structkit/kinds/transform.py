"""Transforms: steps that turn each row into none, one or several of the same sort."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from structkit.components import Declaration, Transform
from structkit.engine.calling import checked_row, children
from structkit.engine.context import Context
from structkit.engine.jobs import Before, Job
from structkit.engine.pieces import Piece, opened
from structkit.kinds.rows import RowsKind, options_of
from structkit.kinds.wiring import Asked, Wired, origins_made, rows_hold
from structkit.pipeline.checked import CheckedStep
from structkit.records import ORIGINS, ROWS


class TransformKind(RowsKind):
    """Makes rows of rows: a job for each origin that comes in."""

    name = "transform"
    inputs = (1, 0)
    reads = "a source or transform step"
    owns = ("vary",)
    shows = (ROWS, ORIGINS)

    def can_read(self, given: CheckedStep, declaration: Declaration) -> bool:
        """Rows that hold what the transform takes."""
        return given.passes == _declared(declaration).reads

    def wants(self, declaration: Declaration) -> str:
        """What the transform takes."""
        return rows_hold(_declared(declaration).reads)

    def wire(self, asked: Asked) -> Wired:
        """An origin for each that comes in, and for each point of `vary`."""
        made = origins_made(asked)
        return Wired(
            tuple(origin.name for origin in made), _declared(asked.declaration).reads, made
        )

    def jobs(self, step: CheckedStep, before: Before) -> list[Job]:
        """A job for each origin."""
        parents = {job.origin: job for job in before.rows(step)}
        options = options_of(before.pipeline.registry, step.passes)
        jobs = []
        for origin in step.made:
            recipe, parent = before.recipe(step, origin.settings), parents[str(origin.parent)]
            ingredients = {**before.base(step, [parent], origin.settings), "seed": recipe.seed}
            jobs.append(
                self.job(
                    step, "transform", ingredients, (parent.need,), origin.name, recipe, options
                )
            )
        return jobs

    def do(self, piece: Piece, draft: Path, context: Context) -> None:
        """The children of some rows."""
        recipe, item = piece.job.component, self.item(piece.job)
        table = opened(piece.inputs[0].folder)
        with self.writer(piece, draft) as write:
            for index in range(*piece.content):
                row, arrays = table.rows[index], item.arrays(table, index)
                where = f"row '{row.id}'"
                for child in children(recipe, where, row, item, arrays):
                    new, made = checked_row(recipe, where, item, child)
                    write(replace(new, content=row.content), made, where)


def _declared(declaration: Declaration) -> Transform:
    assert isinstance(declaration, Transform)  # noqa: S101  (the registry admits nothing else)
    return declaration
