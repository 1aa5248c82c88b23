"""What guards do: learn from the calibration part, judge the rows of an origin, and have it scored."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
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
from structkit.evaluation import trust as trust_of
from structkit.evaluation import verdict as verdicts
from structkit.evaluation.target import fixed
from structkit.evidence import Evidence, places_of
from structkit.kinds import judged_atoms
from structkit.kinds.judged_atoms import PROBABILITIES, Draw
from structkit.kinds.spreadsheet import harmless
from structkit.kinds.trained import FACTS, facts_of, load_model
from structkit.randomness import generator
from structkit.samples import RunContext
from structkit.store.contents import checked
from structkit.store.files import write_bytes, write_json, write_text
from structkit.store.inside import make_folder
from structkit.store.reading import bytes_of, read_json
from structkit.store.result_contents import FittedContents

VERSION = 1  # raised when an equal guard and equal predictions now give other judgements
TRUST_VERSION = 1  # raised when equal judgements now give other scores
GUARD, FITTED, TRUST = "guard", "fitted.json", "trust.json"


def fit(piece: Piece, draft: Path, context: Context) -> None:
    """Let a guard learn from the calibration part, and save it."""
    recipe, options = piece.job.component, piece.job.options
    trained, *tables = piece.inputs
    facts = facts_of(trained.folder)
    model = load_model(options["model"], trained.folder, context.device)
    origins = list(dict.fromkeys([*options["learnt"], *options["calibration"]]))
    pairs = zip(tables[::2], tables[1::2], strict=True)
    draw = _draw(piece, judged_atoms.LEARNT)
    rows = {
        origin: evidence(facts, *pair, draw) for origin, pair in zip(origins, pairs, strict=True)
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
    draw = _draw(piece, judged_atoms.JUDGED)
    rows, parts = evidence(facts, features, predicted, draw)
    judged = judgement(piece.job.component, guard, model, rows)
    if draw is None:
        derive(rows.features, draft, {name: fixed(value) for name, value in judged.items()}, parts)
    else:
        judged_atoms.write_atoms(rows.features, {**judged, **rows.predicted}, parts, draft)
    write_bytes(draft / FACTS, bytes_of(trained.folder / FACTS))


def _draw(piece: Piece, count: int) -> Draw | None:
    """Which atoms are rows, of a model of atoms."""
    of_atoms = piece.job.options["per"] == "atom"
    return judged_atoms.some_atoms(piece.job.component, count) if of_atoms else None


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
    facts: Mapping[str, Any], features: Input, predicted: Input, draw: Draw | None = None
) -> tuple[Evidence, list[str]]:
    """The rows of an origin with what the model says of them, and the part of the split of each.

    Args:
        facts: what must be known to read predictions.
        features: of the structures.
        predicted: what the model says of them.
        draw: which of their atoms are the rows; None where structures are.
    """
    table, said = Table.open(features.folder, features.origin), Table.open(predicted.folder)
    units = dict(zip(table.groups, said.groups, strict=True))  # as the split dealt them out
    if any(group != unit for group, unit in units.items()):
        table = regrouped(table, units)
    parts = said.values("subset")
    if draw is None:
        arrays = {name: said.stack(name) for name in said.arrays}
        return evidence_of(facts, table, arrays), parts
    rows = range(len(said))
    items = {name: [said.item(name, row) for row in rows] for name in said.arrays}
    atoms, arrays, owners = judged_atoms.rows_of_atoms(table, items, draw)
    return evidence_of(facts, atoms, arrays), [parts[owner] for owner in owners.tolist()]


def evidence_of(facts: Mapping[str, Any], table: Table, arrays: Mapping[str, Array]) -> Evidence:
    """Rows with what a model says of them, and what is known of them."""
    if "classes" in facts:
        classes = tuple(facts["classes"])
        return Evidence(table, arrays, places_of(table.values("label"), classes), classes)
    return Evidence(table, arrays, table.target(facts["target"]))


def trust(piece: Piece, draft: Path, context: Context) -> None:
    """Whether the judgements keep their promise, and all predictions with their verdicts as a CSV."""
    triples = list(zip(*(piece.inputs[start::3] for start in range(3)), strict=True))
    facts = facts_of(triples[0][0].folder)
    of_atoms = piece.job.options["per"] == "atom"
    judged = {
        one.origin: _Judged(facts, one, features, said, of_atoms) for one, features, said in triples
    }
    typical = _typical([judged[origin] for origin in piece.job.options["calibration"]])
    scores = {origin: one.scores(typical) for origin, one in judged.items()}
    write_json(draft / TRUST, {**facts, "origins": scores})
    write_text(draft / "predictions.csv", _csv(facts, judged))


class _Judged:
    """The judgements of one origin's rows."""

    def __init__(
        self,
        facts: Mapping[str, Any],
        judged: Input,
        features: Input,
        said: Input,
        of_atoms: bool,
    ) -> None:
        table = Table.open(judged.folder, judged.origin)
        self.arrays = {name: table.stack(name) for name in table.arrays}
        if of_atoms:  # which stand beside what the model says of them
            predicted = {PROBABILITIES: self.arrays.pop(PROBABILITIES)}
            self.rows, parts = evidence_of(facts, table, predicted), table.values("subset")
        else:
            self.rows, parts = evidence(facts, features, said)
        self.parts = np.array(parts)
        self.verdicts = verdicts_of(self.rows, self.arrays)

    def scores(self, typical: Array) -> dict[str, Any]:
        """Of the calibration and the test part."""
        places = {part: np.flatnonzero(self.parts == part) for part in ("calibration", "test")}
        return {
            part: trust_of.trust_scores(
                self.rows.select(rows),
                {name: values[rows] for name, values in self.arrays.items()},
                [self.verdicts[row] for row in rows.tolist()],
                typical,
            )
            for part, rows in places.items()
            if len(rows)
        }


def verdicts_of(rows: Evidence, judged: Mapping[str, Array]) -> list[verdicts.Verdict]:
    """The verdict of every row."""
    if not rows.classes:
        return [verdicts.number_verdict(judged, row) for row in range(len(rows))]
    p = rows.predicted["probabilities"]
    return [verdicts.verdict(rows.classes, p, judged, row) for row in range(len(rows))]


def _typical(judged: Sequence[_Judged]) -> Array:
    """How unlike the test rows of known classes are, of the origins that the guard learnt from."""
    kept = [
        trust_of.unlikeness(one.arrays)[one.rows.known & (one.parts == "test")]
        for one in judged
        if verdicts.NOVEL in one.arrays
    ]
    return np.concatenate(kept) if kept else np.zeros(0)


def _csv(facts: Mapping[str, Any], judged: Mapping[str, _Judged]) -> str:
    """A row a prediction: who it is, what is known, and what was judged."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "origin", "group", "subset", "truth", "verdict", *_columns(facts)])
    for origin, one in judged.items():
        for index, row in enumerate(one.rows.features.rows):
            words = [row.id, origin, row.group, str(one.parts[index]), _truth(one.rows, index)]
            cells = [*words, str(one.verdicts[index]), *_cells(one.rows, one.arrays, index)]
            writer.writerow(map(harmless, cells))
    return text.getvalue()


def _truth(rows: Evidence, index: int) -> str:
    if rows.classes:
        return rows.features.rows[index].label or ""
    return f"{rows.truth[index]:.8g}" if rows.known[index] else ""


def _columns(facts: Mapping[str, Any]) -> list[str]:
    """Names of the columns beside those of every row."""
    own = ["predicted", "probability", "set"] if "classes" in facts else ["predicted", "from", "to"]
    return [*own, "novelty"]


def _cells(rows: Evidence, judged: Mapping[str, Array], index: int) -> list[str]:
    novelty = f"{judged[verdicts.NOVELTY][index]:.6f}" if verdicts.NOVELTY in judged else ""
    if not rows.classes:
        ends = judged.get(verdicts.INTERVAL)
        words = ["", ""] if ends is None else [f"{end:.8g}" for end in ends[index]]
        return [f"{rows.predicted['value'][index]:.8g}", *words, novelty]
    p = judged.get(verdicts.CALIBRATED, rows.predicted["probabilities"])[index]
    inside = judged.get(verdicts.SET)
    held = (
        []
        if inside is None
        else [n for n, one in zip(rows.classes, inside[index], strict=True) if one]
    )
    return [rows.classes[int(p.argmax())], f"{p.max():.6f}", " | ".join(held), novelty]


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
