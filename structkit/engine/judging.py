"""What the guards of a model say of new predictions, together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from structkit.data.columns import Array, Column
from structkit.data.table import Table
from structkit.engine.recipe import recipe_of
from structkit.kinds.guarding import evidence_of, judgement, load_guard
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
) -> dict[str, Array]:
    """What every guard of a model says of new rows, by name; what two of them say, the first one says.

    Args:
        run: where the guards were fitted.
        pipeline: of the run.
        model_step: which model.
        model: as it was trained.
        facts: what must be known to read the predictions.
        features: the rows.
        columns: what the model says of them.
    """
    said: dict[str, Array] = {}
    guards = run.guards(model_step)
    if len(features) == 0 or not guards:
        return said
    arrays = {name: column.whole() for name, column in columns.items()}
    for name in guards:
        step = pipeline.steps[name]
        recipe = recipe_of(step, pipeline.spec.pipeline.seed if step.declaration.chance else 0)
        guard = load_guard(recipe, run.entry(f"{name}/fitted").folder)
        found = judgement(recipe, guard, model, evidence_of(facts, features, arrays))
        said = {**found, **said}
    return said
