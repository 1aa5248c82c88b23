"""`Recipe`: all that is needed to build a component anywhere, as plain data; and the component built from it."""

from __future__ import annotations

import functools
import importlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from structkit.components import Settings
from structkit.discovery.plugin import Plugin, import_string, load_loose, loose_name, without_digest
from structkit.discovery.settings import validate
from structkit.engine.blame import blamed
from structkit.errors import Problem, StepError
from structkit.randomness import generator

if TYPE_CHECKING:
    from structkit.pipeline.checked import CheckedStep


@dataclass(frozen=True)
class Recipe:
    """What builds a component: picklable, and equal for equal components.

    Args:
        build: import path of the class.
        settings: JSON with every default.
        settings_class: import path of the settings.
        who: what an error calls it: component, distribution and version.
        seed: of the pipeline; 0 for a component that declares no chance.
        component: `distribution/name`.
        step: the id of the step.
        code: digest of the plugin's source: an edited component is another one.
        plugin: module that declared it.
        loose: file of a loose plugin.
        ragged: arrays whose length differs from row to row.
        produces: the representation that a descriptor makes.
    """

    build: str
    settings: str
    settings_class: str
    who: str
    seed: int
    component: str
    step: str = ""
    code: str = ""
    plugin: str = ""
    loose: Path | None = None
    ragged: tuple[str, ...] = ()
    produces: str = ""

    def generator(self, item: str) -> np.random.Generator:
        """The random numbers of one task or sample."""
        return generator(self.seed, self.component, json.loads(self.settings), item)


def recipe_of(step: CheckedStep, seed: int, settings: Settings | None = None) -> Recipe:
    """All that a worker needs to build a step's component, with other settings than the step's where they are given."""
    declaration, plugin = step.declaration, step.component.plugin
    chosen = step.settings if settings is None else settings
    kind = type(chosen)
    return Recipe(
        build=declaration.build,
        settings=json.dumps(chosen.model_dump(mode="json"), sort_keys=True),
        settings_class=f"{kind.__module__}:{kind.__qualname__}",
        who=f"{declaration.name} ({plugin.distribution} {plugin.version})",
        seed=seed,
        component=step.component.qualified,
        step=step.id,
        code=plugin.code_digest,
        plugin=plugin.module.__name__ if plugin.module else "",
        loose=plugin.file,
        ragged=tuple(getattr(declaration, "ragged", ())),
        produces=getattr(declaration, "produces", ""),
    )


@functools.lru_cache(maxsize=32)
def build(recipe: Recipe) -> Any:
    """The component of a recipe, built once per process."""
    return build_anew(recipe)


def build_anew(recipe: Recipe) -> Any:
    """A fresh component, for a model that is to learn or to be loaded.

    Raises:
        StepError: P017, the code here is not that of the run; P010, it cannot be imported or built.
    """
    _load_code(recipe)
    with blamed(recipe, f"importing {without_digest(recipe.build)}"):
        kind, target = import_string(recipe.settings_class), import_string(recipe.build)
    with blamed(recipe, "its settings"):
        return target(**dict(validate(kind, json.loads(recipe.settings))))


def _load_code(recipe: Recipe) -> None:
    """Import the plugin, and refuse code that is not what the key of the result names.

    A worker may live longer than a run: what it has imported may be older than the files it was started with.
    """
    if recipe.loose:
        module = sys.modules.get(loose_name(recipe.loose))
        if module is None or _digest_of(module, recipe.loose) != recipe.code:
            with blamed(recipe, f"importing {recipe.loose.name}"):
                module = load_loose(recipe.loose)
    elif recipe.plugin:
        with blamed(recipe, f"importing {recipe.plugin}"):
            module = importlib.import_module(recipe.plugin)
    else:
        return
    if _digest_of(module, recipe.loose) != recipe.code:
        message = f"the code of {recipe.who} here is not that of the run"
        raise StepError(Problem("P017", message, fix="run it again; restart workers that live longer than a run"))


def _digest_of(module: Any, loose: Path | None) -> str:
    return Plugin("", "", "", module, file=loose).code_digest
