"""Training: groups dealt out, a model that learns, and everything that is known of it saved beside it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from structkit.data.table import Table
from structkit.discovery.plugin import import_string
from structkit.engine.blame import blamed
from structkit.engine.context import Context
from structkit.engine.pieces import Input, Piece
from structkit.evaluation.copies import Copy, near_copies
from structkit.evaluation.splits import (
    check_duplicates,
    check_units,
    learnt,
    parts_of,
    untested,
)
from structkit.evaluation.target import Target, Truth
from structkit.kinds import learning
from structkit.kinds.dealing import dealt, own_inputs
from structkit.kinds.trained import FACTS, HISTORY, LEARNT, learnt_of
from structkit.store.files import write_json

PAIRS_TOLD = 5
log = logging.getLogger("structkit")


def train(piece: Piece, draft: Path, context: Context) -> None:
    """Train a model on its train part and save it with its split and its learning curve."""
    recipe, options = piece.job.component, piece.job.options
    target = target_of(options)
    features, truth = read_rows(own_inputs(piece), options["features"], target)
    target.check(truth, features)
    features, parts = dealt(piece, features, truth, draft)
    _check(features, truth, parts, context.tell)
    rows = {part: _rows_in(features, truth, parts, part) for part in ("train", "valid")}
    with blamed(recipe, "training"):
        tables = [target.for_training(features.select(r), truth.select(r)) for r in rows.values()]
    model, history = learning.learnt(piece, draft, context, tables, truth)
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
    features = Table.chain([Table.open(source.folder, source.origin) for source in inputs[:count]])
    made_of = [Table.open(source.folder, source.origin) for source in inputs[count:]]
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
    pairs = ", ".join(f"{copy.row} ≈ {copy.learnt}" for copy in copies[:PAIRS_TOLD])
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


def said(entry: Path) -> str:
    """How many rows were learnt from."""
    rows = learnt_of(entry)["rows"]
    return f"trained on {rows['train']} of {rows['all']} rows"
