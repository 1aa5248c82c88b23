"""What guards do: learn from the calibration part, and judge the rows of an origin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from structkit.data.columns import Array
from structkit.data.masks import check_unmasked
from structkit.data.merging import derive, regrouped
from structkit.data.table import Table
from structkit.engine.blame import called, refuse
from structkit.engine.building import build_anew
from structkit.engine.calling import mapping
from structkit.engine.context import Context
from structkit.engine.pieces import Input, Piece
from structkit.engine.recipe import Recipe
from structkit.evaluation import verdict as verdicts
from structkit.evaluation.target import fixed
from structkit.evidence import Evidence, places_of
from structkit.kinds import judged_parts
from structkit.kinds.judged_parts import Draw
from structkit.kinds.trained import FACTS, facts_of, load_model
from structkit.randomness import generator
from structkit.samples import RunContext
from structkit.store.contents import checked
from structkit.store.files import write_bytes, write_json
from structkit.store.inside import make_folder
from structkit.store.reading import bytes_of, read_json
from structkit.store.result_contents import FittedContents

VERSION = 2  # raised when an equal guard and equal predictions now give other judgements
STRUCTURE = "structure"  # of what a model speaks whose rows are judged themselves
GUARD, FITTED = "guard", "fitted.json"


def fit(piece: Piece, draft: Path, context: Context) -> None:
    """Let a guard learn from the calibration part, and save it."""
    recipe, options = piece.job.component, piece.job.options
    trained, *tables = piece.inputs
    facts = facts_of(trained.folder)
    model = load_model(options["model"], trained.folder, context.device)
    origins = list(dict.fromkeys([*options["learnt"], *options["calibration"]]))
    pairs = zip(tables[::2], tables[1::2], strict=True)
    rows = {
        origin: _evidence(piece, facts, pair, judged_parts.LEARNT)
        for origin, pair in zip(origins, pairs, strict=True)
    }
    learnt = _joined([_part(*rows[origin], "train") for origin in options["learnt"]])
    calibration = _joined(
        [_part(*rows[origin], "calibration") for origin in options["calibration"]]
    )
    guard = build_anew(recipe)
    with called(recipe, "learning from the calibration part"):
        guard.fit(model, learnt, calibration, _run_context(recipe, context))
        guard.save(make_folder(draft / GUARD, new=True))
    counts = {"rows": len(calibration), "groups": len(set(calibration.features.groups))}
    write_json(draft / FITTED, counts)
    write_bytes(draft / FACTS, bytes_of(trained.folder / FACTS))


def judge(piece: Piece, draft: Path, context: Context) -> None:
    """Judge the predictions of one origin's rows."""
    fitted, trained, features, predicted = piece.inputs
    facts = facts_of(trained.folder)
    model = load_model(piece.job.options["model"], trained.folder, context.device)
    guard = load_guard(piece.job.component, fitted.folder)
    rows, parts = _evidence(piece, facts, (features, predicted), judged_parts.JUDGED)
    judged = judgement(piece.job.component, guard, model, rows)
    if piece.job.options["per"] == STRUCTURE:
        derive(rows.features, draft, {name: fixed(value) for name, value in judged.items()}, parts)
    else:
        judged_parts.write_parts(rows.features, {**judged, **rows.predicted}, parts, draft)
    write_bytes(draft / FACTS, bytes_of(trained.folder / FACTS))


def _evidence(
    piece: Piece, facts: Mapping[str, Any], pair: tuple[Input, Input], count: int
) -> tuple[Evidence, list[str]]:
    """What a guard is given of an origin: its rows; of a model of parts so many of each row."""
    per = piece.job.options["per"]
    draw = None if per == STRUCTURE else judged_parts.some_parts(piece.job.component, count)
    return evidence(facts, *pair, draw, per)


def judgement(recipe: Recipe, guard: Any, model: Any, rows: Evidence) -> dict[str, Array]:
    """What a guard says of rows, refused when it is none."""
    with called(recipe, "judging"):
        found = guard.judge(model, rows)
        check_unmasked("what it judges", found)
    try:
        return verdicts.checked_judgement(
            mapping(recipe, "judging", found), len(rows), rows.classes
        )
    except (TypeError, ValueError) as error:
        raise refuse(recipe, "judge", str(error)) from error


def load_guard(recipe: Recipe, folder: Path) -> Any:
    """A fitted guard from its entry."""
    guard = build_anew(recipe)
    with called(recipe, "loading the fitted guard"):
        guard.load(folder / GUARD)
    return guard


def evidence(
    facts: Mapping[str, Any],
    features: Input,
    predicted: Input,
    draw: Draw | None = None,
    per: str = STRUCTURE,
) -> tuple[Evidence, list[str]]:
    """The rows of an origin with what the model says of them, and the part of the split of each.

    Args:
        facts: what must be known to read predictions.
        features: of the rows.
        predicted: what the model says of them.
        draw: which of their parts are judged; None where they are themselves.
        per: of what the model speaks.
    """
    table, said = Table.open(features.folder, features.origin), Table.open(predicted.folder)
    units = dict(zip(table.groups, said.groups, strict=True))  # as the split dealt them out
    if any(group != unit for group, unit in units.items()):
        table = regrouped(table, units)
    parts = said.values("subset")
    if draw is None:
        arrays = {name: said.stack(name) for name in said.arrays}
        return evidence_of(facts, table, arrays), parts
    items = {name: _Items(said, name) for name in said.arrays}
    judged, arrays, owners = judged_parts.rows_of_parts(table, items, draw, per)
    return evidence_of(facts, judged, arrays), [parts[owner] for owner in owners.tolist()]


@dataclass(frozen=True)
class _Items:
    """An array of a table, read row by row."""

    table: Table
    name: str

    def __getitem__(self, row: int) -> Array:
        return self.table.item(self.name, row)


def evidence_of(facts: Mapping[str, Any], table: Table, arrays: Mapping[str, Array]) -> Evidence:
    """Rows with what a model says of them, and what is known of them."""
    if "classes" in facts:
        classes = tuple(facts["classes"])
        return Evidence(table, arrays, places_of(table.values("label"), classes), classes)
    return Evidence(table, arrays, table.target(facts["target"]))


def said(work: str, entry: Path) -> str:
    """From what was learnt, or how many rows were judged."""
    if work == "fit":
        counts = checked(read_json(entry / FITTED), FittedContents, entry / FITTED)
        return f"from {counts['rows']} rows of {counts['groups']} groups"
    return f"{len(Table.open(entry))} rows" if work == "judge" else "done"


def _part(rows: Evidence, parts: Sequence[str], part: str) -> Evidence:
    """The rows of one part of the split whose truth is one that the model could say."""
    return rows.select(np.flatnonzero((np.array(parts) == part) & rows.known))


def _joined(several: Sequence[Evidence]) -> Evidence:
    """Rows of several origins."""
    first = several[0]
    predicted = {
        name: np.concatenate([one.predicted[name] for one in several]) for name in first.predicted
    }
    features = Table.chain([one.features for one in several])
    truth = np.concatenate([one.truth for one in several])
    return Evidence(features, predicted, truth, first.classes)


def _run_context(recipe: Recipe, context: Context) -> RunContext:
    make_folder(context.scratch)
    rng = generator(recipe.seed)
    return RunContext(
        recipe.seed, rng, context.scratch, context.device, context.threads, context.tell
    )
