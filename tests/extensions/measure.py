"""A kind of step in one file: a measure reads features and makes one table of numbers of each origin."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from structkit import Kind, hookimpl
from structkit.components import Declaration
from structkit.data.rows import Row
from structkit.data.table import Table
from structkit.data.writing import TableWriter
from structkit.engine.building import build
from structkit.engine.jobs import Job
from structkit.kinds.base import Kind as BaseKind
from structkit.kinds.wiring import STRUCTURE, Wired

STRUCTKIT_API = 1
HERE = __name__


@dataclass(frozen=True, kw_only=True)
class Measure(Declaration):
    """One number of the rows of an origin: `build` is called with a table."""

    kind: ClassVar[str] = "measure"


class MeasureKind(BaseKind):
    name = "measure"
    inputs = (1, 0)
    reads = "a descriptor step"

    def can_read(self, given, declaration):
        return bool(given.passes) and given.passes != STRUCTURE

    def wants(self, declaration):
        return "features"

    def gives(self, step):
        return "a measure"

    def wire(self, asked):
        return Wired(asked.incoming)

    def jobs(self, step, before):
        return [self._job(step, before, given) for given in before.rows(step)]

    def _job(self, step, before, given):
        path = f"{HERE}:MeasureKind"
        recipe = before.recipe(step)
        return Job(
            path,
            step.id,
            "measure",
            before.base(step, [given]),
            (given.need,),
            given.origin,
            recipe,
        )

    def do(self, piece, draft, context):
        value = build(piece.job.component)(Table.open(piece.inputs[0].folder))
        with TableWriter(draft) as writer:
            writer.append(Row("measure"), {"value": np.array(float(value))})


class Spread:
    """The standard deviation of everything."""

    def __call__(self, table):
        return table.stack("vector").std()


@hookimpl
def structkit_kinds():
    yield Kind(name="measure", declares=Measure, hook="structkit_measures", build=f"{HERE}:MeasureKind",
               verbs=("__call__",), summary="one number of a whole table")  # fmt: skip


@hookimpl
def structkit_measures():
    yield Measure(name="spread", build=f"{HERE}:Spread", summary="standard deviation")
