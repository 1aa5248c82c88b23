"""A trained model as it lies on the disk: its files, and how it is read."""

from __future__ import annotations

import contextlib
import functools
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from structkit.engine.blame import called, refuse
from structkit.engine.building import build_anew
from structkit.engine.recipe import Recipe
from structkit.errors import IntegrityError, Problem, quoted
from structkit.kinds.committee import assembled, members_in
from structkit.store.contents import checked
from structkit.store.reading import made_sense_of, read_json
from structkit.store.result_contents import (
    FactsContents,
    LearntContents,
    SplitContents,
    UnitsContents,
)

SPLIT, UNITS, LEARNT, HISTORY, FACTS, MODEL = (
    "split.json",
    "units.json",
    "learnt.json",
    "history.json",
    "target.json",
    "model",
)


def load_model(recipe: Recipe, folder: Path, device: str = "cpu") -> Any:
    """A trained model from its entry, on a device where it can be moved to one."""
    model = assembled(functools.partial(build_anew, recipe), members_in(folder))
    # what has been loaded before, when it was trained, is no fault of the plugin if it fails now
    was_whole = (folder / FACTS).exists()
    with (
        called(recipe, "loading the trained model"),
        made_sense_of(folder / MODEL) if was_whole else contextlib.nullcontext(),
    ):
        model.load(folder / MODEL)
        if hasattr(model, "to"):
            model.to(device)
    _check_known(classes_of(recipe, model, "loading the trained model"), folder)
    return model


def classes_of(recipe: Recipe, model: Any, doing: str) -> tuple[str, ...]:
    """The classes of a model, in the order of its probabilities; none of one that predicts no classes.

    Raises:
        StepError: P011, they are no words that differ.
    """
    if not hasattr(model, "classes"):
        return ()
    classes = model.classes
    if isinstance(classes, str | bytes) or not isinstance(classes, Sequence | np.ndarray):
        raise refuse(recipe, doing, f"has the classes {quoted(classes)}, expected several words")
    for name in classes:
        if not isinstance(name, str) or not name.strip():
            raise refuse(recipe, doing, f"has the class {quoted(name)}, expected a word")
    names = tuple(map(str, classes))
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise refuse(recipe, doing, f"has the class {quoted(twice[0])} twice")
    return names


def _check_known(classes: tuple[str, ...], folder: Path) -> None:
    """Refuse a model whose classes are not those that were noted when it learnt.

    Raises:
        IntegrityError: I002.
    """
    if (folder / FACTS).exists():  # not yet, while it is tried at the end of its training
        noted = facts_of(folder).get("classes")
        if noted is not None and list(classes) != noted:
            message = f"the model has the classes {list(classes)}, it learnt {noted}"
            raise IntegrityError(Problem("I002", message, str(folder)))


def parts_in(folder: Path) -> dict[str, str]:
    """The part of the split that each group (with `split.by`: each unit) is in, of a trained model's entry."""
    return dict(checked(read_json(folder / SPLIT), SplitContents, folder / SPLIT))


def units_in(folder: Path) -> dict[str, str]:
    """The unit of each group, of a trained model's entry; nothing where groups were dealt out."""
    path = folder / UNITS
    return dict(checked(read_json(path), UnitsContents, path)) if path.exists() else {}


def facts_of(folder: Path) -> dict[str, Any]:
    """What must be known to read the predictions of a trained model, or of an entry of predictions."""
    return dict(checked(read_json(folder / FACTS), FactsContents, folder / FACTS))


def learnt_of(folder: Path) -> dict[str, Any]:
    """What a trained model has seen, of its entry."""
    return dict(checked(read_json(folder / LEARNT), LearntContents, folder / LEARNT))
