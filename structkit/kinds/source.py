"""Sources: steps that make structures, or measured rows, task by task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from structkit.components import Declaration, Source
from structkit.data.merging import set_words
from structkit.data.table import Table
from structkit.engine.blame import called, refuse
from structkit.engine.calling import checked_row, each, mapping
from structkit.engine.context import Context
from structkit.engine.jobs import Before, Job
from structkit.engine.pieces import Input, Piece
from structkit.engine.recipe import Recipe
from structkit.errors import DataError, Problem, StepError
from structkit.kinds import outside
from structkit.kinds.rows import RowsKind, Write, options_of
from structkit.kinds.wiring import Asked, Wired, origins_made
from structkit.pipeline.checked import CheckedStep, Origin
from structkit.records import ORIGINS, ROWS
from structkit.samples import Task


class SourceKind(RowsKind):
    """Makes rows of nothing: one job, whose pieces are its tasks."""

    name = "source"
    inputs = (0, 0)
    reads = "nothing"
    owns = ("vary",)
    shows = (ROWS, ORIGINS)

    def can_read(self, given: CheckedStep, declaration: Declaration) -> bool:
        """Nothing; that `from` is there at all is told once."""
        return True

    def wants(self, declaration: Declaration) -> str:
        """Nothing."""
        return "nothing"

    def wire(self, asked: Asked) -> Wired:
        """One origin of the step's own name, or one for each point of `vary`."""
        made = origins_made(asked)
        return Wired(
            tuple(origin.name for origin in made), _declared(asked.declaration).makes, made
        )

    def jobs(self, step: CheckedStep, before: Before) -> list[Job]:
        """A job for each origin."""
        return [self._job(step, before, origin) for origin in step.made]

    def _job(self, step: CheckedStep, before: Before, origin: Origin) -> Job:
        recipe = before.recipe(step, origin.settings)
        made = before.base(step, (), origin.settings)
        declared = _declared(step.declaration).outside or ""
        said = outside.said_outside(recipe, declared, origin.settings)
        ingredients = {**made, "seed": recipe.seed, "outside": said}
        options = {**options_of(before.pipeline.registry, step.passes), "outside": declared}
        return self.job(step, "source", ingredients, (), origin.name, recipe, options)

    def contents(self, job: Job, inputs: Sequence[Input]) -> Sequence[Any]:
        """Some tasks for each piece."""
        tasks = _tasks(job, job.component)
        return [tuple(tasks[i : i + job.shard]) for i in range(0, len(tasks), job.shard)]

    def goes_on(self, job: Job) -> bool:
        """The other tasks go on when one has failed: nothing that they make is lost."""
        return True

    def do(self, piece: Piece, draft: Path, context: Context) -> None:
        """The samples of some tasks; what is wrong with the data of several is told together."""
        problems: list[Problem] = []
        with self.writer(piece, draft) as write:
            for number, known in enumerate(piece.content):
                task = replace(known, scratch=context.scratch / str(number))
                try:
                    self._do_task(piece.job, task, write)
                except DataError as error:
                    problems.extend(error.problems)
        if problems:
            raise DataError(*problems)
        outside.refuse_changes_unless_bound(piece.job)

    def join(self, job: Job, pieces: Sequence[Path], inputs: Sequence[Input], draft: Path) -> None:
        """One table of all tasks, with what the source says of all rows together."""
        super().join(job, pieces, inputs, draft)
        source = outside.bound(job)
        if hasattr(source, "together"):
            table = Table.open(draft)
            with called(job.component, "saying what depends on all rows (`together`)"):
                columns = source.together(table)
            set_words(draft, _columns(job.component, columns, len(table)))
        outside.refuse_changes(job)

    def _do_task(self, job: Job, task: Task, write: Write) -> None:
        recipe, item, where = job.component, self.item(job), f"task '{task.id}'"
        source = outside.bound(job)
        for sample in each(recipe, where, lambda: source.samples(task, recipe.generator(task.id))):
            row, arrays = checked_row(recipe, where, item, sample)
            # what it is, passed on to everything made of it: equal rows must not meet across a split
            write(replace(row, content=item.content(arrays)), arrays, where)


def _columns(recipe: Recipe, columns_given: Any, rows: int) -> Mapping[str, Sequence[str | None]]:
    """What a source said of all rows together, refused when it is not a word a row."""
    columns = mapping(recipe, "together", columns_given)
    for name, words in columns.items():
        if name not in ("group", "label"):
            raise refuse(recipe, "together", f"gave '{name}', expected 'group' or 'label'")
        if len(words) != rows or not all(
            isinstance(word, str) and word or (word is None and name == "label") for word in words
        ):
            raise refuse(recipe, "together", f"'{name}' is not one word for each of {rows} rows")
    return columns


def _declared(declaration: Declaration) -> Source:
    assert isinstance(declaration, Source)  # noqa: S101  (the registry admits nothing else)
    return declaration


def _tasks(job: Job, recipe: Recipe) -> list[Task]:
    with called(recipe, "listing its tasks"):
        tasks = list(outside.bound(job).tasks())
    if bad := [task for task in tasks if not isinstance(task, Task)]:
        raise StepError(
            Problem(
                "P011", f"{recipe.who}: tasks() gave a {type(bad[0]).__name__}, expected a Task"
            )
        )
    if len({task.id for task in tasks}) < len(tasks):
        raise StepError(Problem("P011", f"{recipe.who} gave two tasks the same id"))
    return tasks
