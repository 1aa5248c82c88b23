"""Guards: steps that learn what a model may promise, and judge each of its predictions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from structkit.components import Declaration, Descriptor, Guard, Model
from structkit.data.items.common import AXES
from structkit.engine.context import Context
from structkit.engine.jobs import Before, Job
from structkit.engine.pieces import Piece
from structkit.errors import Problem
from structkit.evidence import FEATURES
from structkit.kinds import guarding, promises
from structkit.kinds.base import Kind
from structkit.kinds.judged_parts import ALONE
from structkit.kinds.model import place_of
from structkit.kinds.wiring import Asked, Wired, named_origins
from structkit.pipeline.checked import CheckedStep
from structkit.records import REPEATS, TRUST
from structkit.store.entries import LAYOUT, Entry

if TYPE_CHECKING:
    from structkit.store.run_folder import RunFolder

BOTH = "both"  # guards that judge rows and their parts
WORK = {"fit": guarding.fit, "judge": guarding.judge, "trust": promises.trust}


class GuardKind(Kind):
    """Three works: learning from the calibration part, judgements of each origin, whether they keep their promise."""

    name = "guard"
    inputs = (1, 1)
    reads = "a model step"
    owns = ("calibrate_on",)
    shows = (TRUST,)

    def can_read(self, given: CheckedStep, declaration: Declaration) -> bool:
        """A model."""
        return isinstance(given.declaration, Model)

    def wants(self, declaration: Declaration) -> str:
        """A model."""
        return "a model"

    def gives(self, step: CheckedStep) -> str:
        """Judgements."""
        return "judgements of a model"

    def wire(self, asked: Asked) -> Wired:
        """The model's origins."""
        _, problems = named_origins(asked, ("calibrate_on",), asked.step.calibrate_on)
        return Wired(asked.incoming, problems=(*problems, *_unfit(asked)))

    def words(self, asked: Asked) -> Mapping[str, Any]:
        """The origins that it learns from: those of the model, unless others are named."""
        chosen, _ = named_origins(asked, ("calibrate_on",), asked.step.calibrate_on)
        learnt = asked.given[0].train_on if asked.given else ()
        return {"calibrate_on": tuple(chosen) or learnt}

    def resolved(self, step: CheckedStep) -> dict[str, Any]:
        """`calibrate_on`."""
        return {"calibrate_on": list(step.calibrate_on)}

    def jobs(self, step: CheckedStep, before: Before) -> list[Job]:
        """Learning, judgements of each origin, and what they are worth; as many times as there are seeds."""
        return [job for once in before.turns() for job in self._once(step, once)]

    def _once(self, step: CheckedStep, before: Before) -> list[Job]:
        """The jobs of one seed."""
        mine = [job for job in before.done[step.inputs[0]] if job.options["turn"] == before.turn]
        train = next(job for job in mine if job.work == "train")
        predicted = {job.origin: job for job in mine if job.work == "predict"}
        fit = self._fit(step, before, train, predicted)
        judged = [self._judge(step, before, fit, train, job) for job in predicted.values()]
        return [fit, *judged, self._trust(step, before, judged)]

    def _fit(
        self, step: CheckedStep, before: Before, train: Job, predicted: Mapping[str, Job]
    ) -> Job:
        learnt_on = before.pipeline.steps[train.step].train_on
        origins = list(dict.fromkeys([*learnt_on, *step.calibrate_on]))
        chosen = [predicted[origin] for origin in origins]
        made = {
            **before.base(step, [train, *chosen]),
            "guard": guarding.VERSION,
            "seed": before.seed_of(step),
            "learnt": list(learnt_on),
            "calibration": list(step.calibrate_on),
            **before.where,
        }
        needs = [train.need, *(need for job in chosen for need in (job.inputs[1], job.need))]
        options = {
            **_options(train, before),
            "learnt": list(learnt_on),
            "calibration": list(step.calibrate_on),
        }
        shown = f"{place_of(step, before.turn)}/fitted"
        return self._job(step, before, "fit", made, needs, options, shown)

    def _judge(self, step: CheckedStep, before: Before, fit: Job, train: Job, job: Job) -> Job:
        made = {
            "layout": LAYOUT,
            "judge": guarding.VERSION,
            "inputs": [fit.key, job.key],
            **before.where,
        }
        needs = [fit.need, train.need, job.inputs[1], job.need]
        shown = f"{place_of(step, before.turn)}/judged/{job.origin}"
        options = _options(train, before)
        return self._job(step, before, "judge", made, needs, options, shown, job.origin)

    def _trust(self, step: CheckedStep, before: Before, judged: Sequence[Job]) -> Job:
        made = {
            "layout": LAYOUT,
            "trust": promises.TRUST_VERSION,
            "calibration": list(step.calibrate_on),
            "inputs": [[job.origin, job.key] for job in judged],
        }
        needs = [need for job in judged for need in (job.need, job.inputs[2], job.inputs[3])]
        options = {
            "calibration": list(step.calibrate_on),
            "turn": before.turn,
            "per": _model(before.pipeline.steps[step.inputs[0]]).per,
        }
        shown = place_of(step, before.turn)
        return self._job(step, before, "trust", made, needs, options, shown)

    def _job(
        self,
        step: CheckedStep,
        before: Before,
        work: str,
        made: Mapping[str, Any],
        needs: Sequence[Any],
        options: Mapping[str, Any],
        shown: str,
        origin: str = "",
    ) -> Job:
        recipe = before.recipe(step)
        return Job(_PATH, step.id, work, made, tuple(needs), origin, recipe, options, shown=shown)

    def do(self, piece: Piece, draft: Path, context: Context) -> None:
        """Learn, judge, or score the judgements."""
        WORK[piece.job.work](piece, draft, context)

    def said(self, job: Job, entry: Path) -> str:
        """From what was learnt, or how many rows were judged."""
        return guarding.said(job.work, entry)

    def show(self, step: CheckedStep, jobs: Sequence[tuple[Job, Entry]], folder: RunFolder) -> None:
        """The fitted guard, judgements, and what they are worth beside them; of further seeds in `repeats`."""
        turns = {job.options["turn"] for job, _ in jobs}
        for job, entry in jobs:
            (folder.show_files if job.work == "trust" else folder.show)(entry, job.shown)
        for turn in turns:
            folder.show_parts(step.origins, f"{place_of(step, turn)}/judged")
        folder.keep([str(turn + 1) for turn in turns], step.id, REPEATS)


_PATH = f"{GuardKind.__module__}:{GuardKind.__qualname__}"


def _options(train: Job, before: Before) -> dict[str, Any]:
    """What is needed to load the model, for the jobs of a seed."""
    per = _model(before.pipeline.steps[train.step]).per
    return {"model": train.component, "turn": before.turn, "per": per}


def _model(step: CheckedStep) -> Model:
    assert isinstance(step.declaration, Model)  # noqa: S101  (the wiring admits nothing else)
    return step.declaration


def _unfit(asked: Asked) -> Iterator[Problem]:
    """What can be known to be wrong before anything runs."""
    guard = asked.declaration
    assert isinstance(guard, Guard)  # noqa: S101  (the registry admits nothing else)
    if not asked.split.calibration:
        message = f"{asked.use} learns from a calibration part, and the split keeps none for it"
        fix = "add split: {calibration: 0.15, ...}"
        yield Problem("D050", message, asked.place(), fix)
    for given in asked.given:
        model = given.declaration
        if not isinstance(model, Model):
            continue
        if not _can_judge(guard, model):
            judges = f"{' or '.join(guard.judges)} per {_judged_by(guard)}"
            message = f"{asked.use} judges {judges}, '{given.id}' predicts {model.predicts} per {model.per}"
            yield Problem("Y023", message, asked.reads_at, "guard a model that it can judge")
        elif not guard.looks_at_features:
            continue
        elif model.per in ALONE:
            yield from _not_of_atoms(asked, given)
        elif FEATURES not in model.offers and model.per != guarding.STRUCTURE:
            message = f"{asked.use} compares features of each {model.per}: '{given.id}' offers none"
            fix = "guard a model that offers 'features', or use a guard that needs none"
            yield Problem("D052", message, asked.reads_at, fix)
        elif FEATURES not in model.offers:
            yield from _ragged(asked, given)


def _judged_by(guard: Guard) -> str:
    """Of what a guard's models may speak, in words."""
    if guard.per != BOTH:
        return guard.per
    return f"{guarding.STRUCTURE}, and classes of parts such as atoms"


def _can_judge(guard: Guard, model: Model) -> bool:
    """Whether a guard judges what a model says; of parts of rows, classes alone are judged."""
    return (
        model.predicts in guard.judges
        and guard.per in (model.per, BOTH)
        and (model.predicts == "classes" or model.per == guarding.STRUCTURE)
    )


def _not_of_atoms(asked: Asked, given: CheckedStep) -> Iterator[Problem]:
    """A model of atoms that reads what has no item for each atom: nothing of one atom can be compared."""
    for name in given.inputs:
        descriptor = asked.before[name].declaration
        if isinstance(descriptor, Descriptor) and descriptor.produces != "atoms":
            message = f"{asked.use} compares features of atoms: {descriptor.name} gives none"
            fix = "guard a model that reads 'atoms'"
            yield Problem("D052", message, asked.reads_at, fix)


def _ragged(asked: Asked, given: CheckedStep) -> Iterator[Problem]:
    """A model that offers no features, and reads what has another length in each row."""
    for name in given.inputs:
        descriptor = asked.before[name].declaration
        if not isinstance(descriptor, Descriptor) or descriptor.produces in AXES:
            continue
        if descriptor.ragged:
            message = f"{asked.use} compares features: {descriptor.name} gives another length for each row"
            fix = "guard a model that offers 'features'"
            yield Problem("D052", f"{message}, and '{given.id}' offers none", asked.reads_at, fix)
