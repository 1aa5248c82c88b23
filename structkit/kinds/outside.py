"""What sources read from outside, looked at before anything runs."""

from __future__ import annotations

from structkit.components import Source
from structkit.discovery.plugin import import_string
from structkit.engine.blame import called
from structkit.engine.recipe import recipe_of
from structkit.errors import DataError, Problem
from structkit.pipeline.checked import CheckedPipeline


def check_outside(pipeline: CheckedPipeline) -> None:
    """Look at all that sources read from outside, as a run does before anything else.

    Raises:
        DataError: everything that is wrong with it.
    """
    problems: list[Problem] = []
    for step in pipeline.steps.values():
        if not isinstance(step.declaration, Source) or not step.declaration.checks:
            continue
        for origin in step.made:
            recipe = recipe_of(step, 0, origin.settings)
            try:
                with called(recipe, "checking what it reads (`checks`)"):
                    import_string(step.declaration.checks)(origin.settings.model_copy(deep=True))
            except DataError as error:
                problems.extend(error.problems)
    if problems:
        raise DataError(*problems)
