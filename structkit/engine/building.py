"""A component built from its recipe, in any process, of the code that the run names."""

from __future__ import annotations

import functools
import importlib
import json
import sys
from pathlib import Path
from typing import Any

from structkit.discovery.imported import watch
from structkit.discovery.plugin import Plugin, import_string, load_loose, loose_name, without_digest
from structkit.discovery.settings import validate
from structkit.engine.blame import prepared
from structkit.engine.recipe import Recipe
from structkit.errors import Problem, StepError


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
    with prepared(recipe, f"importing {without_digest(recipe.build)}"):
        kind, target = import_string(recipe.settings_class), import_string(recipe.build)
    require_code(recipe)
    with prepared(recipe, "its settings"):
        return target(**dict(validate(kind, json.loads(recipe.settings))))


def _load_code(recipe: Recipe) -> None:
    """Import the plugin."""
    if recipe.loose:
        module = sys.modules.get(loose_name(recipe.loose))
        if module is None or _digest_of(module, recipe.loose) != recipe.code:
            with prepared(recipe, f"importing {recipe.loose.name}"):
                load_loose(recipe.loose, functools.partial(_require_same, recipe))
    elif recipe.plugin:
        watch(recipe.plugin)
        with prepared(recipe, f"importing {recipe.plugin}"):
            importlib.import_module(recipe.plugin)


def require_code(recipe: Recipe | None) -> None:
    """Refuse code that is not what the key of the result names, as far as it has been imported here.

    A worker may live longer than a run: what it has imported may be older than the files it was
    started with, or newer than the key. Modules that a function imports are there when it is done.

    Raises:
        StepError: P017.
    """
    if recipe is None:
        return
    module = sys.modules.get(loose_name(recipe.loose) if recipe.loose else recipe.plugin)
    if module is not None:
        _require_same(recipe, recipe.loose, _digest_of(module, recipe.loose))


def _require_same(recipe: Recipe, file: Path | None, digest: str) -> None:
    if digest != recipe.code:
        message = f"the code of {recipe.who} here is not that of the run"
        raise StepError(
            Problem(
                "P017", message, fix="run it again; restart workers that live longer than a run"
            )
        )


def _digest_of(module: Any, loose: Path | None) -> str:
    return Plugin("", "", "", module, file=loose).code_digest
