"""A model asked once: what it says of rows, how unsure it is, and where it sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from structkit.components import Guard, Model
from structkit.data.columns import Array
from structkit.data.table import Table
from structkit.evidence import FEATURES
from structkit.kinds.committee import Committee, mean_of, uncertainty_of
from structkit.pipeline.checked import CheckedPipeline, CheckedStep


@dataclass(frozen=True)
class Answer:
    """What a model says of rows.

    Args:
        predicted: what its `predict` returns.
        beside: arrays of one item a row: how unsure several models are that speak as one
            (`epistemic`, `aleatoric`), and where the model sees the rows (`features`), if that was
            asked for: an array, or of a model of parts one for each row, (parts, numbers).
    """

    predicted: Any
    beside: Mapping[str, Array | list[Array]] = field(default_factory=dict)


def ask(model: Any, table: Table, features: bool = False) -> Answer:
    """Let a model predict rows.

    Args:
        model: trained.
        table: the rows as it reads them.
        features: whether it is to say where it sees them too, in the same pass where it can
            (`predict_with_features`). A model without the capability `features` says nothing.
    """
    if isinstance(model, Committee):
        return _of_several([ask(member, table, features) for member in model.members])
    if not features or not callable(getattr(model, "features", None)):
        return Answer(model.predict(table))
    if callable(getattr(model, "predict_with_features", None)):
        predicted, seen = model.predict_with_features(table)
    else:
        predicted, seen = model.predict(table), model.features(table)
    return Answer(predicted, {FEATURES: seen if _of_parts(seen) else np.asarray(seen)})


def _of_parts(seen: Any) -> bool:
    """Whether features are those of the parts of rows: an array (parts, numbers) for each."""
    return isinstance(seen, list) and len(seen) > 0 and np.ndim(seen[0]) == 2


def _of_several(answers: list[Answer]) -> Answer:
    """The answer of models that speak as one; their features stand side by side."""
    said = [answer.predicted for answer in answers]
    beside = uncertainty_of(said)
    if all(FEATURES in answer.beside for answer in answers):
        beside[FEATURES] = np.concatenate([a.beside[FEATURES] for a in answers], axis=1)
    return Answer(mean_of(said), beside)


def is_compared(step: CheckedStep, pipeline: CheckedPipeline) -> bool:
    """Whether a guard of the pipeline compares where a model sees rows; of atoms it asks for those that it judges."""
    model = step.declaration
    if not isinstance(model, Model) or FEATURES not in model.offers or model.per == "atom":
        return False
    guards = [guard.declaration for guard in pipeline.steps.values() if step.id in guard.inputs]
    return any(isinstance(guard, Guard) and guard.looks_at_features for guard in guards)
