"""Predictions of one origin's rows, and the scores of those of all origins."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from structkit.data.columns import Array, Column
from structkit.data.masks import check_unmasked
from structkit.data.merging import derive
from structkit.data.table import Table
from structkit.engine.blame import called, refuse
from structkit.engine.context import Context
from structkit.engine.pieces import Piece
from structkit.engine.recipe import Recipe
from structkit.evaluation.splits import check_asked, parts_of
from structkit.evaluation.target import Target, Truth, fixed, ragged
from structkit.kinds.asking import ask
from structkit.kinds.committee import UNCERTAINTIES
from structkit.kinds.dealing import in_units
from structkit.kinds.spreadsheet import harmless
from structkit.kinds.trained import FACTS, classes_of, facts_of, learnt_of, load_model, parts_in
from structkit.kinds.training import read_rows, target_of
from structkit.records import PARTS
from structkit.store.files import write_bytes, write_json, write_text
from structkit.store.reading import bytes_of

PREDICTIONS_VERSION = 2  # raised when an equal model and equal features now give other predictions
SCORES_VERSION = 9  # raised when equal predictions now give other scores


def predict(piece: Piece, draft: Path, context: Context) -> None:
    """Predictions of one origin's rows, each with the part of the split it belongs to."""
    recipe, options, trained = piece.job.component, piece.job.options, piece.inputs[0].folder
    target = target_of(options)
    features, truth = read_rows(piece.inputs[1:], 1, target)
    features, parts = in_units(trained, features), parts_in(trained)
    check_asked(
        features,
        truth.known.tolist(),
        parts,
        learnt_of(trained),
    )
    model = load_model(recipe, trained, context.device)
    columns = predicted(recipe, model, features, target, truth, options["features"])
    derive(features, draft, columns, parts_of(features, parts))
    write_bytes(draft / FACTS, bytes_of(trained / FACTS))


def predicted(
    recipe: Recipe, model: Any, table: Table, target: Target, truth: Truth, features: bool = False
) -> dict[str, Column]:
    """What a model says of rows, refused when it is not what the target asks for; `features`: where it sees them too."""
    before = classes_of(recipe, model, "predict")
    with called(recipe, "predicting"):
        answer = ask(model, table, features)
        check_unmasked("what it predicts", answer.predicted)
    if (classes := classes_of(recipe, model, "predict")) != before:
        changed = f"had the classes {list(before)}, has {list(classes)} now"
        raise refuse(recipe, "predict", f"{changed}: which of them are meant?")
    try:
        arrays = target.arrays(answer.predicted, model, table, truth)
    except (TypeError, ValueError) as error:
        raise refuse(recipe, "predict", str(error)) from error
    return {**arrays, **{name: _column(values) for name, values in answer.beside.items()}}


def _column(values: Array | list[Array]) -> Column:
    """One item a row, or an array of different length for each."""
    return ragged(values) if isinstance(values, list) else fixed(values)


def said(entry: Path) -> str:
    """How many rows were predicted."""
    return f"{len(Table.open(entry))} rows"


def score(piece: Piece, draft: Path, context: Context) -> None:
    """Scores per origin and subset, and all predictions as a CSV."""
    target = target_of(piece.job.options)
    tables = [Table.open(source.folder, source.origin) for source in piece.inputs]
    facts = facts_of(piece.inputs[0].folder)
    write_text(draft / "predictions.csv", _predictions_csv(target, facts, Table.chain(tables)))
    origins = {
        source.origin: _score_origin(target, facts, table)
        for source, table in zip(piece.inputs, tables, strict=True)
    }
    scored = {origin: scores for origin, scores in origins.items() if scores}
    write_json(draft / "metrics.json", {**facts, "origins": scored})


def _score_origin(target: Target, facts: Mapping[str, Any], table: Table) -> dict[str, Any]:
    subsets = np.array(table.values("subset"))
    known = target.scored(table)
    scores = {}
    for subset in PARTS:
        rows = np.flatnonzero((subsets == subset) & known)
        found = target.scores(facts, table.select(rows)) if len(rows) else {}
        if found:
            scores[subset] = found
    return scores


def _predictions_csv(target: Target, facts: Mapping[str, Any], table: Table) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    further = [name for name in UNCERTAINTIES if name in table.arrays]
    writer.writerow(["id", "origin", "group", "subset", *target.columns(facts), *further])
    for index, row in enumerate(table.rows):
        words = [row.id, row.origin, row.group, row.subset]
        doubts = [f"{float(table.item(name, index)):.6g}" for name in further]
        writer.writerow(map(harmless, [*words, *target.cells(facts, table, index), *doubts]))
    return text.getvalue()
