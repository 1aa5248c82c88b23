"""What a split of single rows would have claimed: the score when groups are parted, beside the honest ones."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.audit.gathering import Rows, Workshop
from structkit.data.columns import Column
from structkit.data.merging import ungrouped
from structkit.data.table import Table
from structkit.engine.blame import blamed
from structkit.engine.building import build_anew
from structkit.engine.recipe import recipe_of
from structkit.evaluation.splits import deal, parts_of
from structkit.evaluation.target import Headline
from structkit.kinds.committee import assembled
from structkit.kinds.predictions import predicted
from structkit.library import train
from structkit.pipeline.spec import Split
from structkit.records import PARTS

Rowwise = NDArray[np.int64]


def at_random(workshop: Workshop, rows: Rows) -> Iterator[tuple[str, Headline]]:
    """The first of a model's scores on single rows that it has not seen, by origin.

    Nothing is kept of it: it is a number to be warned by. Nothing comes where every row is a group
    of its own, and the split of the file deals out single rows itself.

    Args:
        workshop: of the pipeline.
        rows: of the model.

    Raises:
        DataError: the rows cannot be dealt out.
        StepError: the model fails.
    """
    if len(set(rows.groups)) == len(rows.groups):
        return
    file = workshop.pipeline.spec.pipeline
    recipe = recipe_of(rows.step, file.seed)
    parts = _dealt(rows, file.split.model_copy(update={"by": None}), file.seed)
    model = assembled(functools.partial(build_anew, recipe), rows.step.members)
    learnt, watched = (_for_training(rows, parts[name]) for name in ("train", "valid"))
    with blamed(recipe, "training"):
        train(model, learnt, watched, seed=file.seed, device=workshop.device)
    facts = rows.target.facts(model, rows.truth.select(parts["train"]), rows.features)
    origins = np.array(rows.features.origins)
    for origin in rows.step.train_on:
        chosen = parts["test"][origins[parts["test"]] == origin]
        features, truth = rows.features.select(chosen), rows.truth.select(chosen)
        columns = predicted(recipe, model, features, rows.target, truth)
        scores = rows.target.scores(facts, features.with_arrays(**_arrays(columns)))
        if scores:
            yield origin, rows.target.headlines(scores)[0]


def _dealt(rows: Rows, split: Split, seed: int) -> dict[str, Rowwise]:
    """Rows of which something is known, by part, dealt out one by one."""
    alone = ungrouped(rows.features)
    parts = np.array(parts_of(alone, deal(alone.groups, rows.truth.strata, split, seed)))
    return {name: np.flatnonzero((parts == name) & rows.truth.known) for name in PARTS}


def _for_training(rows: Rows, chosen: Rowwise) -> Table:
    return rows.target.for_training(rows.features.select(chosen), rows.truth.select(chosen))


def _arrays(columns: Mapping[str, Column]) -> dict[str, Any]:
    return {
        name: [column[row] for row in range(len(column))] if column.ragged else column.flat
        for name, column in columns.items()
    }
