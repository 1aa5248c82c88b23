"""What a page shows of a run: which model, the features that it reads, and which rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from structkit.data.table import Row, Table
from structkit.errors import Problem, SpecError, did_you_mean
from structkit.randomness import generator
from structkit.records import ROWS, SCORES, TRUST, RowIndex, StepRecord
from structkit.run import Run

MOST_COLOURS = 10  # of atoms in the 3-D view
STRUCTURE = "structure"  # what rows hold that are no features


@dataclass(frozen=True)
class Subject:
    """Some rows of a run, with the model that says something of them.

    Args:
        run: the run.
        model: the step whose predictions are shown; None where the run has none.
        features: the steps whose rows the map is made of.
        rows: those that are shown.
        count: of all rows.
    """

    run: Run
    model: StepRecord | None
    features: Sequence[StepRecord]
    rows: Sequence[Row]
    count: int

    @property
    def seed(self) -> int:
        """The seed of the run."""
        return int(self.run.resolved["seed"])

    @cached_property
    def predictions(self) -> RowIndex | None:
        """What the model said, found by row."""
        return None if self.model is None else RowIndex(self.run.predictions(self.model.id))

    @cached_property
    def classes(self) -> list[str]:
        """The classes of the model, in the order of its probabilities; none of one for numbers."""
        facts = {} if self.model is None else self.run.metrics(self.model.id)
        return [str(name) for name in facts.get("classes", ())]

    @cached_property
    def unit(self) -> str:
        """The unit of the numbers that the model predicts; nothing where it predicts none, or they have none."""
        facts = {} if self.model is None else self.run.metrics(self.model.id)
        return str(facts.get("unit", ""))

    @property
    def atom_classes(self) -> list[str]:
        """The classes by which atoms are coloured; none of a model of whole structures, or of too many classes."""
        per_atom = self.model is not None and self.model.per == "atom"
        return self.classes if per_atom and len(self.classes) <= MOST_COLOURS else []

    @property
    def guards(self) -> list[str]:
        """The guards of the model."""
        model = None if self.model is None else self.model.id
        return [step for step in self.run.steps_with(TRUST) if model in self.run.step(step).inputs]

    @property
    def words(self) -> str:
        """One sentence: how many rows are shown of how many."""
        whose = "rows" if self.model is None else f"rows that '{self.model.id}' speaks of"
        if len(self.rows) == self.count:
            return f"all {self.count} {whose}"
        chosen = f"{len(self.rows)} of {self.count} {whose}"
        return f"{chosen}, drawn at random with the seed {self.seed}"


def subject_of(run: Run, model: str | None, most: int) -> Subject:
    """Choose what is shown.

    Args:
        run: the run.
        model: a step; the first model unless given.
        most: how many rows.

    Raises:
        SpecError: R006, no such model, or a run that has neither a model nor features.
    """
    record = _model(run, model)
    features = [_features(run)] if record is None else [run.step(name) for name in record.inputs]
    table = run.table(features[0].id) if record is None else run.predictions(record.id)
    return Subject(run, record, features, _drawn(run, table, most), len(table))


def _model(run: Run, wanted: str | None) -> StepRecord | None:
    models = run.steps_with(SCORES)
    if wanted is not None and wanted not in models:
        fix = did_you_mean(wanted, models)
        raise SpecError(Problem("R006", f"no model '{wanted}' in {run.folder}", "--model", fix))
    chosen = wanted or next(iter(models), None)
    return None if chosen is None else run.step(chosen)


def _features(run: Run) -> StepRecord:
    """The last step that makes features."""
    steps = [run.step(step) for step in run.steps_with(ROWS)]
    described = [step for step in steps if step.passes not in (STRUCTURE, "")]
    if not described:
        message = f"the steps of {run.folder} make no features: there is nothing to make a map of"
        raise SpecError(Problem("R006", message, fix="add a descriptor to the pipeline"))
    return described[-1]


def _drawn(run: Run, table: Table, most: int) -> list[Row]:
    """All rows, or so many of them, in their order."""
    places = np.arange(len(table))
    if len(table) > most:
        numbers = generator(int(run.resolved["seed"]), "structkit-explorer", "rows")
        places = np.sort(numbers.choice(len(table), most, replace=False))
    return [table[place] for place in places.tolist()]
