"""Descriptors: steps that turn each structure into named arrays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from structkit.components import Declaration, Descriptor
from structkit.data.block import Block, save_part
from structkit.data.items.structure import StructureItem, atoms_of
from structkit.engine.calling import Given, described
from structkit.engine.context import Context
from structkit.engine.jobs import Before, Job
from structkit.engine.pieces import Input, Piece, opened
from structkit.kinds.rows import SHARD, RowsKind, add, join_shards
from structkit.kinds.wiring import STRUCTURE, Asked, Wired
from structkit.pipeline.checked import CheckedStep


class DescriptorKind(RowsKind):
    """Makes features of structures, row by row: who the rows are does not change."""

    name = "descriptor"
    inputs = (1, 0)
    reads = "a source or transform step"

    def can_read(self, given: CheckedStep, declaration: Declaration) -> bool:
        """Rows of structures."""
        return given.passes == STRUCTURE

    def wants(self, declaration: Declaration) -> str:
        """Structures."""
        return "structures"

    def wire(self, asked: Asked) -> Wired:
        """The origins that come in, as what the descriptor produces."""
        declaration = asked.declaration
        assert isinstance(declaration, Descriptor)  # noqa: S101  (the registry admits nothing else)
        return Wired(asked.incoming, declaration.produces)

    def jobs(self, step: CheckedStep, before: Before) -> list[Job]:
        """A job for each origin."""
        recipe = before.recipe(step)
        return [
            self.job(
                step,
                "descriptor",
                before.base(step, [given]),
                (given.need,),
                given.origin,
                recipe,
                {},
            )
            for given in before.rows(step)
        ]

    def do(self, piece: Piece, draft: Path, context: Context) -> None:
        """The features of some rows."""
        recipe, item = piece.job.component, StructureItem()
        table = opened(piece.inputs[0].folder)
        rows = range(*piece.content)
        given = []
        for index, name in zip(rows, table.some_ids(rows), strict=True):
            arrays = item.arrays(table, index)
            given.append(Given(name, atoms_of(arrays), arrays))
        block = Block(recipe.ragged)
        for sample, arrays in zip(given, described(recipe, given), strict=True):
            add(block, piece, f"row '{sample.id}'", None, arrays)
        save_part(draft / SHARD, block.part())

    def join(self, job: Job, pieces: Sequence[Path], inputs: Sequence[Input], draft: Path) -> None:
        """One table of all shards, whose rows are those of the structures."""
        join_shards(job, pieces, draft, like=inputs[0].folder)
