"""What the guards of a model say of new predictions, together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from structkit.components import Model
from structkit.data.columns import Array, Column
from structkit.data.table import Table
from structkit.engine.recipe import recipe_of
from structkit.evidence import Evidence
from structkit.kinds.guarding import STRUCTURE, evidence_of, judgement, load_guard
from structkit.kinds.judged_parts import all_parts, rows_of_parts
from structkit.pipeline.checked import CheckedPipeline
from structkit.run import Run


def judged(
    run: Run,
    pipeline: CheckedPipeline,
    model_step: str,
    model: Any,
    facts: Mapping[str, Any],
    features: Table,
    columns: Mapping[str, Column],
) -> dict[str, Column]:
    """What every guard of a model says of new rows, by name; what two of them say, the first one says.

    Args:
        run: where the guards were fitted.
        pipeline: of the run.
        model_step: which model.
        model: as it was trained.
        facts: what must be known to read the predictions.
        features: the rows.
        columns: what the model says of them.

    Returns:
        One item a row; of a model of parts, such as atoms, one a part of each, ragged.
    """
    said: dict[str, Array] = {}
    guards = run.guards(model_step)
    if len(features) == 0 or not guards:
        return {}
    rows, parts_of = _rows(pipeline, model_step, facts, features, columns)
    for name in guards:
        step = pipeline.steps[name]
        recipe = recipe_of(step, pipeline.spec.pipeline.seed if step.declaration.chance else 0)
        guard = load_guard(recipe, run.entry(f"{name}/fitted").folder)
        said = {**judgement(recipe, guard, model, rows), **said}
    return {name: Column(values, parts_of) for name, values in said.items()}


def _rows(
    pipeline: CheckedPipeline,
    model_step: str,
    facts: Mapping[str, Any],
    features: Table,
    columns: Mapping[str, Column],
) -> tuple[Evidence, Array | None]:
    """What is judged: rows; or all their parts, and where those of each row begin."""
    declared = pipeline.steps[model_step].declaration
    per = declared.per if isinstance(declared, Model) else STRUCTURE
    if per == STRUCTURE:
        arrays = {name: column.whole() for name, column in columns.items()}
        return evidence_of(facts, features, arrays), None
    parts, predicted, owners = rows_of_parts(features, columns, all_parts, per)
    counts = np.bincount(owners, minlength=len(features))
    return evidence_of(facts, parts, predicted), np.concatenate([[0], np.cumsum(counts)])
