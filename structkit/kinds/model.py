"""Models: steps that learn on features, predict every row that they read, and are scored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from structkit.components import Declaration, Model
from structkit.engine.context import Context
from structkit.engine.jobs import Before, Job
from structkit.engine.pieces import Piece
from structkit.errors import Problem
from structkit.kinds import predictions, training
from structkit.kinds.asking import is_compared
from structkit.kinds.base import Kind
from structkit.kinds.dealing import alike_of, made_of, roots_of
from structkit.kinds.wiring import STRUCTURE, Asked, Wired, named_origins
from structkit.pipeline.checked import CheckedStep
from structkit.records import REPEATS, SCORES
from structkit.store.entries import LAYOUT, Entry

if TYPE_CHECKING:
    from structkit.store.run_folder import RunFolder

LABEL = "label"  # the target that everybody has
WORK = {"train": training.train, "predict": predictions.predict, "score": predictions.score}


class ModelKind(Kind):
    """Three works: training, predictions of each origin, scores of them all."""

    name = "model"
    inputs = (1, 0)
    reads = "a descriptor step"
    owns = ("train_on", "target", "members")
    shows = (SCORES,)

    def can_read(self, given: CheckedStep, declaration: Declaration) -> bool:
        """Rows of any representation; structures only where they are accepted."""
        return bool(given.passes) and (
            given.passes != STRUCTURE or STRUCTURE in _declared(declaration).accepts
        )

    def wants(self, declaration: Declaration) -> str:
        """Features."""
        return "features"

    def gives(self, step: CheckedStep) -> str:
        """A model."""
        return "a model"

    def wire(self, asked: Asked) -> Wired:
        """The origins that come in; they must be of a representation that the model accepts."""
        _, problems = named_origins(asked, ("train_on",), asked.step.train_on)
        problems += self._unfit(asked)
        return Wired(asked.incoming, problems=tuple(problems))

    def _unfit(self, asked: Asked) -> Iterator[Problem]:
        accepts = _declared(asked.declaration).accepts
        for given in asked.given:
            if (
                given.passes
                and given.passes not in accepts
                and self.can_read(given, asked.declaration)
            ):
                message = f"{asked.use} accepts {' or '.join(accepts)}, got {given.passes} from '{given.id}'"
                yield Problem(
                    "Y023",
                    message,
                    asked.reads_at,
                    "use a descriptor that produces what it accepts",
                )
        if _declared(asked.declaration).predicts != "classes" and asked.step.target is None:
            message = f"{asked.use} predicts {_declared(asked.declaration).predicts}"
            yield Problem(
                "Y013", f"{message}: 'target' must say which", asked.place(), "add target: NAME"
            )

    def words(self, asked: Asked) -> Mapping[str, Any]:
        """The origins to learn on, and what is to be said."""
        chosen, _ = named_origins(asked, ("train_on",), asked.step.train_on)
        target, members = asked.step.target or LABEL, asked.step.members or 1
        return {"train_on": tuple(chosen) or asked.incoming, "target": target, "members": members}

    def resolved(self, step: CheckedStep) -> dict[str, Any]:
        """`train_on`, and `target` where it is another than the label."""
        usual = step.target == LABEL and _declared(step.declaration).predicts == "classes"
        target = {} if usual else {"target": step.target}
        return {"train_on": list(step.train_on), **target, **_members(step)}

    def jobs(self, step: CheckedStep, before: Before) -> list[Job]:
        """Training, predictions of each origin, scores; as many times as there are seeds."""
        return [job for once in before.turns() for job in self._once(step, once)]

    def _once(self, step: CheckedStep, before: Before) -> list[Job]:
        """The jobs of one seed."""
        train = self._train(step, before)
        predicted = [self._predict(step, before, train, rows) for rows in before.rows(step)]
        return [train, *predicted, self._score(step, before, predicted)]

    def _train(self, step: CheckedStep, before: Before) -> Job:
        learnt = [job for job in before.rows(step) if job.origin in step.train_on]
        target = _target(step, before)
        made = {
            **before.base(step, learnt),
            "seed": before.seed,
            "split": before.pipeline.spec.pipeline.split.words(),
            "target": [target["build"], step.target],
            **_members(step),
            **before.where,
        }
        if alike := alike_of(step, before):
            made |= {"alike": [job.key for job in alike], "roots": roots_of(step, before.pipeline)}
        counts = {"features": len(learnt), "alike": len(alike), "roots": made.get("roots", {})}
        options = {**target, "split": made["split"], "seed": before.seed, **counts}
        options |= _members(step)
        structures = [need for job in learnt for need in _structures(step, before, job)]
        needs = [*(job.need for job in learnt), *structures, *(job.need for job in alike)]
        return self._job(step, before, "train", made, needs, options)

    def _predict(self, step: CheckedStep, before: Before, train: Job, rows: Job) -> Job:
        made = {
            "layout": LAYOUT,
            "predict": predictions.PREDICTIONS_VERSION,
            "inputs": [train.key, rows.key],
            **before.where,
        }
        features = is_compared(step, before.pipeline)
        if features:
            made["features"] = True
        options = {**_target(step, before), "features": features}
        needs = [train.need, rows.need, *_structures(step, before, rows)]
        return self._job(step, before, "predict", made, needs, options, rows.origin)

    def _score(self, step: CheckedStep, before: Before, predicted: Sequence[Job]) -> Job:
        target = _target(step, before)
        made = {
            "layout": LAYOUT,
            "scores": predictions.SCORES_VERSION,
            "target": [target["build"], step.target],
            "inputs": [[job.origin, job.key] for job in predicted],
        }
        needs = tuple(job.need for job in predicted)
        options, shown = {**target, "turn": before.turn}, place_of(step, before.turn)
        return Job(_PATH, step.id, "score", made, needs, options=options, shown=shown)

    def _job(
        self,
        step: CheckedStep,
        before: Before,
        work: str,
        ingredients: Mapping[str, Any],
        needs: Sequence[Any],
        options: Mapping[str, Any],
        origin: str = "",
    ) -> Job:
        recipe, options = before.recipe(step), {**options, "turn": before.turn}
        shown = f"{place_of(step, before.turn)}/{f'predictions/{origin}' if origin else 'trained'}"
        return Job(
            _PATH, step.id, work, ingredients, tuple(needs), origin, recipe, options, shown=shown
        )

    def do(self, piece: Piece, draft: Path, context: Context) -> None:
        """Train, predict or score."""
        WORK[piece.job.work](piece, draft, context)

    def said(self, job: Job, entry: Path) -> str:
        """What was learnt, or how many rows were predicted."""
        if job.work == "train":
            return training.said(entry)
        return predictions.said(entry) if job.work == "predict" else "done"

    def show(self, step: CheckedStep, jobs: Sequence[tuple[Job, Entry]], folder: RunFolder) -> None:
        """The trained model, predictions, and the scores beside them; of further seeds in `repeats`."""
        turns = {job.options["turn"] for job, _ in jobs}
        for job, entry in jobs:
            (folder.show_files if job.work == "score" else folder.show)(entry, job.shown)
        for turn in turns:
            folder.show_parts(step.origins, f"{place_of(step, turn)}/predictions")
        folder.keep([str(turn + 1) for turn in turns], step.id, REPEATS)


def place_of(step: CheckedStep, turn: int) -> str:
    """Where what belongs to a seed is shown, below `steps`."""
    return f"{step.id}/{REPEATS}/{turn + 1}" if turn else step.id


_PATH = f"{ModelKind.__module__}:{ModelKind.__qualname__}"


def _members(step: CheckedStep) -> dict[str, int]:
    """Of how many models a step consists, where they are several."""
    return {"members": step.members} if step.members > 1 else {}


def _declared(declaration: Declaration) -> Model:
    assert isinstance(declaration, Model)  # noqa: S101  (the registry admits nothing else)
    return declaration


def _target(step: CheckedStep, before: Before) -> dict[str, Any]:
    """Which target a step has, for its jobs."""
    declared = _declared(step.declaration)
    build = before.pipeline.registry.target(declared.predicts, declared.per).build
    return {"build": build, "target": step.target, "per": declared.per}


def _structures(step: CheckedStep, before: Before, rows: Job) -> list[Any]:
    """The structures whose atoms are told apart: the rows, or what the features were made of."""
    structures = made_of(before, rows) if _declared(step.declaration).per == "atom" else None
    return [structures.need] if structures else []
