"""Training: groups dealt out, a model that learns, and everything that is known of it saved beside it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from structkit.data.table import Table
from structkit.discovery.plugin import import_string
from structkit.engine.blame import blamed, refuse
from structkit.engine.building import build_anew
from structkit.engine.calling import mapping
from structkit.engine.context import Context
from structkit.engine.pieces import Input, Piece
from structkit.engine.recipe import Recipe
from structkit.errors import Problem, StepError
from structkit.evaluation.copies import Copy, near_copies
from structkit.evaluation.splits import (
    check_duplicates,
    check_units,
    deal,
    learnt,
    parts_of,
    untested,
)
from structkit.evaluation.target import Target, Truth
from structkit.kinds.pace import Pace, describe
from structkit.kinds.trained import FACTS, HISTORY, LEARNT, MODEL, SPLIT, load_model
from structkit.pipeline.spec import Split
from structkit.randomness import generator, seed_for
from structkit.samples import RunContext
from structkit.store.files import write_json
from structkit.store.inside import make_folder
from structkit.workers import News, tell

PAIRS_TOLD = 5
log = logging.getLogger("structkit")


def train(piece: Piece, draft: Path, context: Context) -> None:
    """Train a model on its train part and save it with its split and its learning curve."""
    recipe, options = piece.job.component, piece.job.options
    target = target_of(options)
    features, truth = read_rows(piece.inputs, options["features"], target)
    target.check(truth, features)
    parts = deal(features.groups, truth.strata, Split(**options["split"]), options["seed"])
    _check(features, truth, parts, context.tell)
    rows = {part: _rows_in(features, truth, parts, part) for part in ("train", "valid")}
    model = build_anew(recipe)
    history: list[dict[str, float]] = []
    with blamed(recipe, "training"):
        tables = [target.for_training(features.select(r), truth.select(r)) for r in rows.values()]
        pace = Pace(json.loads(recipe.settings).get("epochs"))
        for record in model.fit(*tables, _run_context(piece, context)):
            history.append(_finite(recipe, record, len(history) + 1))
            text = f"{describe(history[-1])}{pace.left(history[-1]['epoch'])}"
            tell(News(text, history[-1]))
        model.save(make_folder(draft / MODEL, new=True))
    _check_classes(recipe, model, draft, truth)
    write_json(draft / SPLIT, parts)
    counts = {"train": len(rows["train"]), "valid": len(rows["valid"]), "all": len(features)}
    write_json(draft / LEARNT, {**learnt(features, truth.known.tolist(), parts), "rows": counts})
    write_json(draft / HISTORY, history)
    write_json(draft / FACTS, target.facts(model, truth.select(rows["train"]), features))


def target_of(options: Mapping[str, Any]) -> Target:
    """The target that a job's options name."""
    target: Target = import_string(options["build"])(options["target"])
    return target


def read_rows(inputs: Sequence[Input], count: int, target: Target) -> tuple[Table, Truth]:
    """The first `count` inputs as one table of features, and what is known of its rows.

    Further inputs are the structures that the features were made of.
    """
    features = Table.chain([Table.open(one.folder, one.origin) for one in inputs[:count]])
    made_of = [Table.open(one.folder, one.origin) for one in inputs[count:]]
    return features, target.truth(features, Table.chain(made_of) if made_of else None)


def _check(
    features: Table, truth: Truth, parts: Mapping[str, str], tell: Callable[[str], None]
) -> None:
    check_duplicates(features, parts)
    check_units(features)
    if missing := untested(features, truth.strata, parts):
        tell(f"never tested, for want of groups: {', '.join(missing)}")
    if copies := near_copies(features, parts):
        told = _told_of(copies)
        log.warning("%s", told)
        tell(told)


def _told_of(copies: Sequence[Copy]) -> str:
    pairs = ", ".join(f"{one.row} ≈ {one.learnt}" for one in copies[:PAIRS_TOLD])
    several = f"{len(copies)} rows" if len(copies) > 1 else "1 row"
    return (
        f"warning D015 {several} of the test much nearer to the training part than any two of its groups "
        f"are to each other ({pairs}{', …' if len(copies) > PAIRS_TOLD else ''}): give copies one group"
    )


def _rows_in(
    features: Table, truth: Truth, parts: Mapping[str, str], part: str
) -> np.ndarray[Any, np.dtype[np.int64]]:
    inside = np.array([subset == part for subset in parts_of(features, parts)], dtype=bool)
    return np.flatnonzero(inside & truth.known)


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
    had = tuple(model.classes)
    if not _shown(truth) & set(had):
        raise refuse(
            recipe, "training", f"learnt the classes {list(had)}, none of which is a label"
        )
    loaded = tuple(load_model(recipe, draft).classes)
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


def said(entry: Path) -> str:
    """How many rows were learnt from."""
    rows = json.loads((entry / LEARNT).read_text(encoding="utf-8"))["rows"]
    return f"trained on {rows['train']} of {rows['all']} rows"
