"""How a model learns: epoch by epoch, alone or as one of a committee, and saved so that it is found to load."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from structkit.data.table import Table
from structkit.engine.blame import called, refuse
from structkit.engine.building import build_anew
from structkit.engine.calling import each, mapping
from structkit.engine.context import Context
from structkit.engine.pieces import Piece
from structkit.engine.recipe import Recipe
from structkit.errors import Problem, StepError
from structkit.evaluation.target import Truth
from structkit.kinds.committee import assembled, note_members
from structkit.kinds.pace import Pace, describe
from structkit.kinds.trained import MODEL, classes_of, load_model
from structkit.randomness import generator, seed_for
from structkit.samples import RunContext
from structkit.store.files import check_regular
from structkit.store.inside import make_folder
from structkit.workers import News, tell


def learnt(
    piece: Piece, draft: Path, context: Context, tables: Sequence[Table], truth: Truth
) -> tuple[Any, list[dict[str, float]]]:
    """A model that has learnt, saved in a draft folder, and its learning curve.

    Args:
        piece: of the training.
        draft: where it is saved.
        context: where it is done.
        tables: the rows to learn from, and to stop by.
        truth: what is known of all rows.
    """
    recipe, members = piece.job.component, piece.job.options.get("members", 1)
    model = assembled(functools.partial(build_anew, recipe), members)
    history: list[dict[str, float]] = []
    epochs = json.loads(recipe.settings).get("epochs")
    pace = Pace(epochs * members if epochs else None)
    asked = _run_context(piece, context)
    for record in each(recipe, "training", lambda: model.fit(*tables, asked)):
        history.append(_finite(recipe, record, len(history) + 1))
        text = f"{describe(history[-1])}{pace.left(history[-1]['epoch'])}"
        tell(News(text, history[-1]))
    classes_of(recipe, model, "training")
    note_members(draft, members)
    with called(recipe, "saving what it learnt"):
        model.save(make_folder(draft / MODEL, new=True))
    check_regular(draft)  # before it is loaded: a pipe would be waited for
    _check_classes(recipe, model, draft, truth)
    return model, history


def _run_context(piece: Piece, context: Context) -> RunContext:
    recipe = piece.job.component
    purpose = seed_for(
        piece.job.options["seed"], recipe.component, json.loads(recipe.settings), "fit"
    )
    make_folder(context.scratch)
    return RunContext(
        purpose, generator(purpose), context.scratch, context.device, context.threads, context.tell
    )


def _finite(recipe: Recipe, record: Mapping[str, float], number: int) -> dict[str, float]:
    """A record of an epoch as numbers; one that does not say its epoch gets its place in the list."""
    values = {
        str(name): float(value) for name, value in mapping(recipe, "training", record).items()
    }
    values = {"epoch": float(number), **values}
    if bad := [name for name, value in values.items() if not np.isfinite(value)]:
        epoch = f" in epoch {values['epoch']:g}" if np.isfinite(values["epoch"]) else ""
        message = f"{recipe.who}: {bad[0]} is {values[bad[0]]}{epoch}"
        rate = "learning_rate" in json.loads(recipe.settings)
        raise StepError(
            Problem(
                "P012", message, fix="lower the learning rate" if rate else "look at its settings"
            )
        )
    return values


def _check_classes(recipe: Recipe, model: Any, draft: Path, truth: Truth) -> None:
    """A model of classes must know some of those it was shown, and the same ones after it was loaded."""
    if not hasattr(model, "classes"):
        load_model(recipe, draft)
        return
    had = classes_of(recipe, model, "training")
    if not _shown(truth) & set(had):
        raise refuse(
            recipe, "training", f"learnt the classes {list(had)}, none of which is a label"
        )
    loaded = classes_of(recipe, load_model(recipe, draft), "loading what it saved")
    if loaded != had:
        raise refuse(
            recipe,
            "loading what it saved",
            f"has the classes {list(loaded)}, it learnt {list(had)}",
        )


def _shown(truth: Truth) -> set[str]:
    """The classes that were shown, as words."""
    shown: set[str] = set()
    for value in truth.values:
        shown |= (
            set(map(str, np.unique(value).tolist()))
            if isinstance(value, np.ndarray)
            else {str(value)}
        )
    return shown
