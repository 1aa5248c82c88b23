"""A trained model as it lies on the disk: its files, and how it is read."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from structkit.engine.blame import blamed
from structkit.engine.building import build_anew
from structkit.engine.recipe import Recipe
from structkit.errors import IntegrityError, Problem
from structkit.store.contents import checked
from structkit.store.reading import made_sense_of, read_json
from structkit.store.result_contents import FactsContents, LearntContents, SplitContents

SPLIT, LEARNT, HISTORY, FACTS, MODEL = (
    "split.json",
    "learnt.json",
    "history.json",
    "target.json",
    "model",
)


def load_model(recipe: Recipe, folder: Path, device: str = "cpu") -> Any:
    """A trained model from its entry, on a device where it can be moved to one."""
    model = build_anew(recipe)
    # what has been loaded before, when it was trained, is no fault of the plugin if it fails now
    was_whole = (folder / FACTS).exists()
    with (
        blamed(recipe, "loading the trained model"),
        made_sense_of(folder / MODEL) if was_whole else contextlib.nullcontext(),
    ):
        model.load(folder / MODEL)
        classes = tuple(getattr(model, "classes", ()))
        if hasattr(model, "to"):
            model.to(device)
    _check_known(classes, folder)
    return model


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
    """The part of the split that each group is in, of a trained model's entry."""
    return dict(checked(read_json(folder / SPLIT), SplitContents, folder / SPLIT))


def facts_of(folder: Path) -> dict[str, Any]:
    """What must be known to read the predictions of a trained model, or of an entry of predictions."""
    return dict(checked(read_json(folder / FACTS), FactsContents, folder / FACTS))


def learnt_of(folder: Path) -> dict[str, Any]:
    """What a trained model has seen, of its entry."""
    return dict(checked(read_json(folder / LEARNT), LearntContents, folder / LEARNT))
