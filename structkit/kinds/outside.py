"""What sources read from outside: looked at beforehand, and the same once it is read as when it was hashed.

A source that offers `reading(outside)` reads the very bytes that were hashed, or refuses. Any other
is asked again what it reads before a piece is kept. Both are asked again before the result is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from structkit.components import Settings, Source
from structkit.discovery.plugin import import_string
from structkit.discovery.settings import validate
from structkit.engine.blame import called
from structkit.engine.building import build
from structkit.engine.jobs import Job
from structkit.engine.recipe import Recipe, recipe_of
from structkit.errors import DataError, Problem
from structkit.pipeline.checked import CheckedPipeline
from structkit.store.files import canonical


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


def said_outside(recipe: Recipe, declared: str, settings: Settings) -> dict[str, Any]:
    """What a source says that it reads, by the function it declares; nothing where it declares none."""
    if not declared:
        return {}
    with called(recipe, "saying what it reads (`outside`)"):
        return dict(import_string(declared)(settings))


def refuse_changes_unless_bound(job: Job) -> None:
    """`refuse_changes`, for a source of which nothing else says that it has read what was hashed."""
    if job.ingredients["outside"] and not hasattr(build(job.component), "reading"):
        refuse_changes(job)


def bound(job: Job) -> Any:
    """The source of a job, held to what its key says that it reads, where it can be."""
    source, outside = build(job.component), job.ingredients["outside"]
    if not outside or not hasattr(source, "reading"):
        return source
    with called(job.component, "being told what it reads (`reading`)"):
        return source.reading(outside)


def refuse_changes(job: Job) -> None:
    """Refuse to keep what was made of files that are no longer those that the key names.

    Raises:
        DataError: D031, with what was changed, added or taken away.
    """
    before = job.ingredients["outside"]
    now = said_outside(job.component, job.options["outside"], _settings(job.component))
    if changed := _changed(before, now):
        message = "was changed, added or taken away while it was read"
        fix = "leave it as it is while the step is made, and run it again"
        raise DataError(Problem("D031", message, changed, fix))


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The first name of which two sayings differ; empty where they agree."""
    for name in [*before, *now]:
        if name not in before or name not in now or canonical(before[name]) != canonical(now[name]):
            return name
    return ""


def _settings(recipe: Recipe) -> Settings:
    chosen: Settings = validate(import_string(recipe.settings_class), json.loads(recipe.settings))
    return chosen
