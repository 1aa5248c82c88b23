"""Explainers: steps that say which part of an input a prediction rests on, tested by the core."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from structkit.components import Declaration, Explainer, Model
from structkit.data.columns import Array
from structkit.data.rows import Row
from structkit.data.table import Table
from structkit.data.writing import TableWriter
from structkit.engine.blame import called, refuse
from structkit.engine.building import build
from structkit.engine.calling import each, plain_arrays
from structkit.engine.context import Context
from structkit.engine.jobs import Before, Job
from structkit.engine.pieces import Piece
from structkit.engine.recipe import Recipe
from structkit.errors import Problem
from structkit.evaluation import faithfulness
from structkit.evaluation.faithfulness_of_parts import EXPLAINED, deletions, summary_of_parts
from structkit.evaluation.splits import parts_of
from structkit.kinds.base import Kind
from structkit.kinds.dealing import in_units
from structkit.kinds.explained_parts import ATOMS, with_atoms, with_parts
from structkit.kinds.trained import load_model, parts_in
from structkit.kinds.training import target_of
from structkit.kinds.wiring import Asked, Wired, named_origins
from structkit.pipeline.checked import CheckedStep
from structkit.pipeline.spec import Only
from structkit.randomness import seed_for
from structkit.records import EXPLANATIONS, ROWS
from structkit.store.files import digest, write_json

RELEVANCE = faithfulness.PREFIX
STRUCTURE = "structure"  # what is explained of a model of rows


class ExplainerKind(Kind):
    """Reads a model and its inputs: a job for each origin."""

    name = "explainer"
    inputs = (1, 1)
    reads = "a model step"
    owns = ("only",)
    shows = (ROWS, EXPLANATIONS)

    def can_read(self, given: CheckedStep, declaration: Declaration) -> bool:
        """A model."""
        return isinstance(given.declaration, Model)

    def wants(self, declaration: Declaration) -> str:
        """A model."""
        return "a model"

    def gives(self, step: CheckedStep) -> str:
        """Explanations."""
        return "explanations"

    def wire(self, asked: Asked) -> Wired:
        """The model's origins, or those of them that `only` names."""
        named = asked.step.only.origins if asked.step.only else None
        chosen, problems = named_origins(asked, ("only", "origins"), named)
        origins = (
            asked.incoming if named is None else tuple(o for o in asked.incoming if o in chosen)
        )
        return Wired(origins, problems=(*problems, *self._lacking(asked)))

    def _lacking(self, asked: Asked) -> Iterator[Problem]:
        for given in asked.given:
            if not isinstance(given.declaration, Model):
                continue
            yield from _speaks_of_others(asked, given)
            needs = getattr(asked.declaration, "needs", ())
            # several models that speak as one have no gradients or attention of their own
            has = given.declaration.offers if given.members == 1 else ()
            if lack := sorted(set(needs) - set(has)):
                offers = ", ".join(has) or "nothing"
                message = f"{asked.use} needs {', '.join(lack)}, '{given.id}' ({given.declaration.name}) offers {offers}"
                yield Problem("Y023", message, asked.reads_at, "explain a model that offers it")

    def words(self, asked: Asked) -> Mapping[str, Any]:
        """The rows that are explained."""
        return {"only": asked.step.only or Only()}

    def resolved(self, step: CheckedStep) -> dict[str, Any]:
        """`only`."""
        return {"only": _words(step.only)}

    def jobs(self, step: CheckedStep, before: Before) -> list[Job]:
        """A job for each origin, of the model of the first seed."""
        (model,) = step.inputs
        done = [job for job in before.done[model] if job.options.get("turn", 0) == before.turn]
        train = next(job for job in done if job.work == "train")
        predicted = [job for job in done if job.work == "predict" and job.origin in step.origins]
        return [self._job(step, before, train, job) for job in predicted]

    def _job(self, step: CheckedStep, before: Before, train: Job, predicted: Job) -> Job:
        _, rows, *structures = predicted.inputs
        only = _words(step.only, "origins")
        made = {
            **before.base(step, [train]),
            "inputs": [train.key, rows.key],
            "seed": before.seed,
            "only": only,
            "faithfulness": faithfulness.VERSION,
            **before.where,
        }
        path = f"{type(self).__module__}:{type(self).__qualname__}"
        declared = before.pipeline.steps[train.step].declaration
        options = {
            "only": only,
            "model": train.component,
            "probable": _is_probable(declared, step.declaration),
            "per": _per(step.declaration),
            "build": train.options["build"],
            "target": train.options["target"],
        }
        of_parts = options["per"] != STRUCTURE
        needs = (train.need, rows, *structures) if of_parts else (train.need, rows)
        return Job(path, step.id, "explain", made, needs, rows.origin, before.recipe(step), options)

    def do(self, piece: Piece, draft: Path, context: Context) -> None:
        """Explanations of the chosen rows of one origin, and what they are worth."""
        recipe, trained = piece.job.component, piece.inputs[0]
        model = load_model(piece.job.options["model"], trained.folder, context.device)
        chosen = _chosen(piece)
        explainer = build(recipe)
        of_parts = (EXPLAINED,) if EXPLAINED in chosen.arrays else ()
        with TableWriter(draft, (*recipe.ragged, *of_parts)) as writer:
            for row, arrays in _explanations(recipe, explainer, model, chosen):
                try:
                    writer.append(row, arrays)
                except (TypeError, ValueError) as error:
                    raise refuse(recipe, f"row '{row.id}'", str(error)) from error
        if piece.job.options["probable"]:
            # read again: what was done to the model while it was explained is no part of the test
            model = load_model(piece.job.options["model"], trained.folder, context.device)
            scores = _faithfulness(recipe, explainer, model, chosen, Table.open(draft))
        else:
            scores = {"methods": {}, "reason": "the model gives no probability of a class"}
        write_json(draft / "faithfulness.json", scores)

    def said(self, job: Job, entry: Path) -> str:
        """How many rows were explained."""
        return f"{len(Table.open(entry))} rows explained"


def _words(only: Only, *left_out: str) -> dict[str, Any]:
    """What a step's `only` says; of atoms, or other parts, where it says something of them."""
    hidden = {*left_out, *(["atoms"] if only.atoms is None else [])}
    return only.model_dump(mode="json", exclude=hidden)


def _per(declaration: Declaration) -> str:
    """What is explained: rows, or their atoms or pixels."""
    return declaration.per if isinstance(declaration, Explainer) else STRUCTURE


def _is_probable(model: Declaration, explainer: Declaration) -> bool:
    """Whether a model gives probabilities of classes of what is explained, as tests of maps need."""
    assert isinstance(model, Model)  # noqa: S101  (the wiring admits nothing else)
    return (model.predicts, model.per) == ("classes", _per(explainer))


def _speaks_of_others(asked: Asked, given: CheckedStep) -> Iterator[Problem]:
    """Refuse a model of structures where atoms are to be explained, and so on."""
    per, speaks = _per(asked.declaration), getattr(given.declaration, "per", "")
    if per not in (STRUCTURE, speaks):
        message = f"{asked.use} explains models of {per}s, '{given.id}' speaks of {speaks}s"
        yield Problem("Y023", message, asked.reads_at, f"explain a model of {per}s")


def _chosen(piece: Piece) -> Table:
    """The rows that are explained; with the parts that are, and of atoms their structures."""
    trained, rows, *structures = piece.inputs
    only = Only(**piece.job.options["only"])
    features = in_units(trained.folder, Table.open(rows.folder, rows.origin))
    chosen = choose(features, only, parts_in(trained.folder))
    explained = features.select(chosen)
    if piece.job.options["per"] == STRUCTURE:
        return explained
    recipe, count = piece.job.component, only.atoms or ATOMS
    if structures:
        (made_of,) = structures
        atoms = Table.open(made_of.folder, made_of.origin).select(chosen)
        return with_atoms(recipe, explained, atoms, count)
    truth = target_of(piece.job.options).truth(explained, None)
    return with_parts(recipe, explained, truth.values, count)


def choose(features: Table, only: Only, parts: Mapping[str, str]) -> list[int]:
    """The rows an explainer is run on: of one part, so many per label, picked by the digest of their ids."""
    ids, labels, subsets = features.ids, features.values("label"), parts_of(features, parts)
    taken: dict[str | None, int] = {}
    chosen = []
    for index in sorted(range(len(ids)), key=lambda i: digest(ids[i])):
        label = labels[index]
        if only.subset is not None and subsets[index] != only.subset:
            continue
        if only.per_label is not None and taken.get(label, 0) >= only.per_label:
            continue
        taken[label] = taken.get(label, 0) + 1
        chosen.append(index)
    return sorted(chosen)


def _faithfulness(
    recipe: Recipe, explainer: Any, model: Any, chosen: Table, explained: Table
) -> dict[str, Any]:
    """The scores of every map that can be tested; no methods and the reason where none can."""
    if reason := _untestable(explainer, model, explained):
        return {"methods": {}, "reason": reason}
    made: list[faithfulness.Deletion] = []
    random = _explanations(recipe, explainer, _forgetful(recipe, model), chosen)
    of_parts = EXPLAINED in chosen.arrays
    for index, ((row, arrays), (_, blind)) in enumerate(
        zip(explained.records(), random, strict=True)
    ):
        rng = recipe.generator(f"deletion of {row.id}")
        with called(recipe, f"deleting parts of row '{row.id}'"):
            maps, blind_maps = faithfulness.relevance(arrays), faithfulness.relevance(blind)
            asked = (explainer, model, chosen.select([index]), maps, blind_maps, rng)
            made += deletions(*asked) if of_parts else [faithfulness.deletion(*asked)]
    return summary_of_parts(len(explained), made) if of_parts else faithfulness.summary(made)


def _untestable(explainer: Any, model: Any, explained: Table) -> str | None:
    if len(explained) == 0:
        return "no row was explained"
    if not faithfulness.relevance(dict.fromkeys(explained.arrays, np.empty(0))):
        return f"the explainer gives no {RELEVANCE}… array"
    if not (hasattr(explainer, "strength") and hasattr(explainer, "without")):
        return "the explainer cannot delete parts of an input"
    return (
        None
        if hasattr(model, "with_random_weights")
        else "the model has no weights that could be drawn anew"
    )


def _forgetful(recipe: Recipe, model: Any) -> Any:
    with called(recipe, "drawing the model's weights anew"):
        return model.with_random_weights(seed_for(recipe.seed, recipe.component, "random weights"))


def _explanations(
    recipe: Recipe, explainer: Any, model: Any, chosen: Table
) -> Iterator[tuple[Row, dict[str, Array]]]:
    if len(chosen) == 0:
        return
    made = each(recipe, "explaining", lambda: explainer.explain(model, chosen))
    of_parts = EXPLAINED in chosen.arrays
    for index, row in enumerate(chosen.rows):
        item = f"row '{row.id}'"
        given = next(made, None)
        if given is None:
            raise refuse(recipe, item, "gave fewer explanations than rows")
        parts = {EXPLAINED: chosen.item(EXPLAINED, index)} if of_parts else {}
        yield row, {**plain_arrays(recipe, item, given), **parts}
    if next(made, None) is not None:
        raise refuse(recipe, "explaining", f"gave more explanations than the {len(chosen)} rows")
