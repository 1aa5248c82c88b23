"""A trained model as it lies on the disk: its files, and how it is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from structkit.engine.blame import blamed
from structkit.engine.building import build_anew
from structkit.engine.recipe import Recipe
from structkit.errors import IntegrityError, Problem

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
    with blamed(recipe, "loading the trained model"):
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
        noted = json.loads((folder / FACTS).read_text(encoding="utf-8")).get("classes")
        if noted is not None and list(classes) != noted:
            message = f"the model has the classes {list(classes)}, it learnt {noted}"
            raise IntegrityError(Problem("I002", message, str(folder)))


def parts_in(folder: Path) -> dict[str, str]:
    """The part of the split that each group is in, of a trained model's entry."""
    return dict(json.loads((folder / SPLIT).read_text(encoding="utf-8")))
