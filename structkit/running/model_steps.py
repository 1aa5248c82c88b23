"""The work of a model or explainer step, done in the parent: train, predict, score, explain.

The split and the subset of every row are decided here and stored with the results, so nothing later guesses them.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from structkit.components import RunContext
from structkit.errors import Problem, StepError, printable
from structkit.faithfulness import PREFIX as RELEVANCE
from structkit.faithfulness import deletion, relevance, summary
from structkit.files import digest, write_json, write_text
from structkit.pipeline.spec import Only, Split
from structkit.randomness import generator, seed_for
from structkit.running.calling import Recipe, blamed, build, build_anew, check_finite, each, mapping, refuse
from structkit.running.splits import check_asked, check_duplicates, check_units, deal, learnt, part_of, untested
from structkit.scores import scores
from structkit.table import Array, Row, Table, TableWriter

Progress = Callable[[str], None]


def train(
    recipe: Recipe,
    features: Table,
    split: Split,
    seed: int,
    threads: int,
    device: str,
    scratch: Path,
    folder: Path,
    tell: Progress,
) -> int:
    """Train a model on its train part and save it with its split and its learning curve; returns the rows learnt."""
    parts = deal(features.rows, split, seed)
    check_duplicates(features.rows, parts)
    check_units(features.rows)
    if missing := untested(features.rows, parts):
        tell(f"never tested, for want of groups: {', '.join(missing)}")
    rows = {part: _rows_in(features, parts, part) for part in ("train", "valid")}
    purpose = seed_for(seed, recipe.component, json.loads(recipe.settings), "fit")
    context = RunContext(purpose, generator(purpose), scratch, device, threads, tell)
    model, history = build_anew(recipe), []
    with blamed(recipe, "training"):
        for record in model.fit(features.select(rows["train"]), features.select(rows["valid"]), context):
            history.append(_finite(recipe, record))
            tell(describe(history[-1]))
        if not set(model.classes) & {str(row.label) for row in features.rows}:
            raise refuse(recipe, "training", f"learnt the classes {list(model.classes)}, none of which is a label")
        (folder / "model").mkdir()
        model.save(folder / "model")
    loaded, had = tuple(load_model(recipe, folder).classes), tuple(model.classes)
    if loaded != had:
        raise refuse(recipe, "loading what it saved", f"has the classes {list(loaded)}, it learnt {list(had)}")
    write_json(folder / "split.json", parts)
    write_json(folder / "learnt.json", learnt(features.rows, parts))
    write_json(folder / "history.json", history)
    return len(rows["train"])


def _finite(recipe: Recipe, record: Mapping[str, float]) -> dict[str, float]:
    values = {str(name): float(value) for name, value in mapping(recipe, "training", record).items()}
    if bad := [name for name, value in values.items() if not np.isfinite(value)]:
        epoch = f" in epoch {values['epoch']:g}" if np.isfinite(values.get("epoch", np.nan)) else ""
        message = f"{recipe.who}: {bad[0]} is {values[bad[0]]}{epoch}"
        rate = "learning_rate" in json.loads(recipe.settings)
        raise StepError(Problem("P012", message, fix="lower the learning rate" if rate else "look at its settings"))
    return values


def describe(record: Mapping[str, float]) -> str:
    """A record of an epoch as a person reads it."""
    return " · ".join(f"{name.replace('_', ' ')} {value + 0.0:.4g}" for name, value in record.items())


def _parts(model_folder: Path) -> dict[str, str]:
    """The part of the split that each group is in."""
    return dict(json.loads((model_folder / "split.json").read_text(encoding="utf-8")))


def _rows_in(features: Table, parts: Mapping[str, str], part: str) -> list[int]:
    return [i for i, row in enumerate(features.rows) if row.label is not None and parts.get(row.group) == part]


def load_model(recipe: Recipe, folder: Path) -> Any:
    """A trained model from its entry."""
    model = build_anew(recipe)
    with blamed(recipe, "loading the trained model"):
        model.load(folder / "model")
        _ = tuple(model.classes)
    return model


def checked_probabilities(recipe: Recipe, model: Any, features: Table) -> Array:
    """A model's predictions, refused when they are no probabilities."""
    with blamed(recipe, "predicting"):
        result = np.asarray(model.predict(features))
    expected = (len(features), len(model.classes))
    if result.shape != expected:
        raise refuse(recipe, "predict", f"returned shape {result.shape}, expected {expected}")
    if result.dtype.kind not in "fiu":
        raise refuse(recipe, "predict", f"returned {result.dtype}, expected numbers")
    if not np.isfinite(result).all() or (np.abs(result.sum(axis=1) - 1) > 1e-3).any() or (result < 0).any():
        raise refuse(recipe, "predict", "returned rows that are not probabilities summing to one")
    return result


def predict(recipe: Recipe, model_folder: Path, features: Table, folder: Path) -> None:
    """Predictions of one origin's rows, each with the part of the split it belongs to."""
    parts = _parts(model_folder)
    if (seen := model_folder / "learnt.json").exists():  # models of earlier versions have none
        check_asked(features.rows, parts, json.loads(seen.read_text(encoding="utf-8")))
    model = load_model(recipe, model_folder)
    result = checked_probabilities(recipe, model, features)
    write_json(folder / "classes.json", list(model.classes))
    with TableWriter(folder) as writer:
        for row, p in zip(features.rows, result, strict=True):
            kept = Row(row.id, row.label, row.group, meta={"subset": part_of(row, parts)})
            writer.append(kept, {"probabilities": p.astype(np.float64)})


def score(predictions: Sequence[tuple[str, Path]], seed: int, folder: Path) -> None:
    """Scores per origin and subset, and all predictions as a CSV."""
    tables = [Table.open(path, origin) for origin, path in predictions]
    classes = json.loads((predictions[0][1] / "classes.json").read_text(encoding="utf-8"))
    write_text(folder / "predictions.csv", _predictions_csv(classes, Table.chain(tables)))
    origins = {t.rows[0].origin: _score_origin(classes, t, seed) for t in tables if len(t)}
    write_json(folder / "metrics.json", {"classes": classes, "origins": origins})


def _score_origin(classes: Sequence[str], table: Table, seed: int) -> dict[str, Any]:
    found = {}
    for subset in ("train", "valid", "test"):
        rows = [i for i, r in enumerate(table.rows) if r.label is not None and r.meta["subset"] == subset]
        if rows:
            part = table.select(rows)
            found[subset] = scores(classes, part.labels, part.stack("probabilities"), part.groups, seed)
    return found


def _predictions_csv(classes: Sequence[str], table: Table) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = [printable(f"p_{name}") for name in classes]
    writer.writerow(["id", "origin", "group", "subset", "label", "predicted", *columns])
    for row, arrays in table.records():
        p = arrays["probabilities"]
        words = [row.id, row.origin, row.group, row.meta["subset"], row.label or "", classes[int(p.argmax())]]
        writer.writerow([*map(harmless, words), *(f"{value:.6f}" for value in p)])
    return text.getvalue()


def harmless(text: str) -> str:
    """A cell that a spreadsheet shows and does not calculate."""
    begins = unicodedata.normalize("NFKC", text).lstrip()[:1]
    return ("'" if begins in ("=", "+", "-", "@") or text[:1] in ("\t", "\r") else "") + printable(text)


def explain(recipe: Recipe, model: Any, model_folder: Path, features: Table, only: Only, folder: Path) -> int:
    """Explanations of the chosen rows of one origin, and what they are worth; returns how many."""
    parts = _parts(model_folder)
    rows = choose(features.rows, only, parts)
    explainer, chosen = build(recipe), features.select(rows)
    with TableWriter(folder, recipe.ragged) as writer:
        for row, arrays in _explanations(recipe, explainer, model, chosen):
            try:
                writer.append(row, arrays)
            except (TypeError, ValueError) as error:
                raise refuse(recipe, f"row '{row.id}'", str(error)) from error
    write_json(folder / "faithfulness.json", _faithfulness(recipe, explainer, model, chosen, Table.open(folder)))
    return len(rows)


def _faithfulness(recipe: Recipe, explainer: Any, model: Any, chosen: Table, explained: Table) -> dict[str, Any]:
    """The scores of every map that can be tested; no methods and the reason where none can."""
    if reason := _untestable(explainer, model, explained):
        return {"methods": {}, "reason": reason}
    deletions = []
    random = _explanations(recipe, explainer, _forgetful(recipe, model), chosen)
    for index, ((row, arrays), (_, blind)) in enumerate(zip(explained.records(), random, strict=True)):
        rng = recipe.generator(f"deletion of {row.id}")
        with blamed(recipe, f"deleting parts of row '{row.id}'"):
            one = chosen.select([index])
            deletions.append(deletion(explainer, model, one, relevance(arrays), relevance(blind), rng))
    return summary(deletions, recipe.seed)


def _untestable(explainer: Any, model: Any, explained: Table) -> str | None:
    if len(explained) == 0:
        return "no row was explained"
    if not relevance(dict.fromkeys(explained.arrays, np.empty(0))):
        return f"the explainer gives no {RELEVANCE}… array"
    if not (hasattr(explainer, "strength") and hasattr(explainer, "without")):
        return "the explainer cannot delete parts of an input"
    return None if hasattr(model, "with_random_weights") else "the model has no weights that could be drawn anew"


def _forgetful(recipe: Recipe, model: Any) -> Any:
    with blamed(recipe, "drawing the model's weights anew"):
        return model.with_random_weights(seed_for(recipe.seed, recipe.component, "random weights"))


def _explanations(recipe: Recipe, explainer: Any, model: Any, chosen: Table) -> Iterator[tuple[Row, dict[str, Array]]]:
    if len(chosen) == 0:
        return
    made = each(recipe, "explaining", lambda: explainer.explain(model, chosen))
    for row in chosen.rows:
        item = f"row '{row.id}'"
        with blamed(recipe, item):
            found = next(made, None)
        if found is None:
            raise refuse(recipe, item, "gave fewer explanations than rows")
        with blamed(recipe, item):
            plain = {str(name): np.asarray(value) for name, value in mapping(recipe, item, found).items()}
        for name, value in plain.items():
            check_finite(recipe, item, name, value)
        yield row, plain
    if next(made, None) is not None:
        raise refuse(recipe, "explaining", f"gave more explanations than the {len(chosen)} rows")


def choose(rows: Sequence[Row], only: Only, parts: dict[str, str]) -> list[int]:
    """The rows an explainer is run on: of one part, so many per label, picked by the digest of their ids."""
    taken: dict[str | None, int] = {}
    chosen = []
    for index in sorted(range(len(rows)), key=lambda i: digest(rows[i].id)):
        row = rows[index]
        if only.subset is not None and part_of(row, parts) != only.subset:
            continue
        if only.per_label is not None and taken.get(row.label, 0) >= only.per_label:
            continue
        taken[row.label] = taken.get(row.label, 0) + 1
        chosen.append(index)
    return sorted(chosen)
