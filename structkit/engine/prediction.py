"""New structures through a trained run, prepared exactly as its training data were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from structkit import stopping
from structkit.data.columns import Array, Column
from structkit.data.items.base import Item
from structkit.data.rows import METAL
from structkit.data.table import Table
from structkit.engine.judging import judged
from structkit.engine.reader import names_read, read_files
from structkit.engine.recipe import Recipe, recipe_of
from structkit.engine.stages import item_of, passed, stages_of
from structkit.errors import DataError, Problem, SpecError, did_you_mean
from structkit.evaluation.predicted import Prediction, predictions_of
from structkit.evaluation.splits import units_of
from structkit.evaluation.target import Truth
from structkit.kinds.asking import is_compared
from structkit.kinds.predictions import predicted
from structkit.kinds.trained import facts_of, load_model
from structkit.pipeline.checked import CheckedPipeline, CheckedStep, Origin
from structkit.randomness import chance_restored
from structkit.records import SCORES
from structkit.run import Run
from structkit.samples import Sample, as_atoms
from structkit.upkeep.received import pipeline_of


class Predictor:
    """A trained run, ready for new structures.

    Args:
        folder: a run folder.
        model: its model step; may be left out when there is one.
        origin: prepare structures as the rows of this origin were; default: the first the model was
            trained on.
        allowed: loose plugins of the run that may be run although no run here has used them.
        device: of torch.
    """

    def __init__(
        self,
        folder: Path,
        model: str | None = None,
        origin: str | None = None,
        allowed: Sequence[Path] = (),
        device: str = "cpu",
    ) -> None:
        self.run, self.device = Run(folder), device
        self.run.require_finished()
        self.pipeline: CheckedPipeline = pipeline_of(self.run, allowed)
        self.model = self.pipeline.steps[self._choose("model", model, self.run.steps_with(SCORES))]
        self.origin = self._choose(
            "origin", origin, list(self.model.origins), self.model.train_on[0]
        )
        self.stages = stages_of(self.pipeline, self.model, self.origin, self._recipe)
        self._check_code()

    def _choose(
        self, what: str, wanted: str | None, known: Sequence[str], default: str | None = None
    ) -> str:
        if wanted is None and (default or len(known) == 1):
            return default or known[0]
        if wanted is None or wanted not in known:
            finding = f"'{wanted}'" if wanted else f"{len(known)} {what}s"
            hint = did_you_mean(wanted or "", known)
            raise SpecError(Problem("R006", f"{finding} in {self.run.folder}", f"--{what}", hint))
        return wanted

    @cached_property
    def source(self) -> Origin:
        """Where the structures of the chosen origin began."""
        return self._ancestors()[0]

    def _ancestors(self) -> list[Origin]:
        """The chosen origin with all that it was made of, the source first."""
        lineage = self.pipeline.lineage
        chain = [lineage[self.origin]]
        while (parent := chain[0].parent) is not None:
            chain.insert(0, lineage[parent])
        return chain

    def _recipe(self, step: CheckedStep, origin: Origin | None = None) -> Recipe:
        seed = self.pipeline.spec.pipeline.seed if step.declaration.chance else 0
        return recipe_of(step, seed, origin.settings if origin else None)

    @property
    def features_step(self) -> str:
        """The step whose rows the model reads."""
        return self.stages[-1].step.id if self.stages else self.source.step

    def _check_code(self) -> None:
        """Refuse plugins that are not the code the model was trained with: the same words could mean something else.

        Raises:
            SpecError: P007.
        """
        guards = [self.pipeline.steps[name] for name in self.run.guards(self.model.id)]
        for step in (*(stage.step for stage in self.stages), self.model, *guards):
            before = self.run.steps[step.id]["code"]
            if step.component.plugin.code_digest != before:
                who = f"{step.declaration.name} ({step.component.plugin.distribution})"
                fix = f"run it again: structkit run {self.run.record['file']}"
                message = f"the code of {who} has changed since the run"
                raise SpecError(Problem("P007", message, str(self.run.folder), fix))

    def read(self, path: Path) -> list[Any]:
        """Read a file of new structures as the run read its own; raises as `read_files` does."""
        source = self.pipeline.steps[self.source.step]
        registry = self.pipeline.registry
        return read_files(
            registry, source.component, self.source.settings, self._units, source.passes, path
        )

    @property
    def patterns(self) -> tuple[str, ...]:
        """Names of the files that are meant by a folder: those that the reader of new files knows."""
        source = self.pipeline.steps[self.source.step]
        return names_read(self.pipeline.registry, source.component, source.passes)

    @cached_property
    def _units(self) -> str:
        """Those of the structures that the chosen origin began with."""
        table = self.run.table(self.source.step)
        places = [row for row, origin in enumerate(table.origins) if origin == self.source.name]
        return table.rows[places[0]].units if places else METAL

    @property
    def preparation(self) -> str:
        """What is done to a structure before the model sees it, in words."""
        named = " → ".join(stage.step.declaration.name for stage in self.stages)
        return f"prepared as origin '{self.origin}'" + (f": {named}" if named else "")

    def predict(self, samples: Sequence[Any]) -> list[Prediction]:
        """What the model says of new structures; raises as `prepare` does."""
        with stopping.interruptible(), chance_restored():
            features = self.prepare(samples)
            facts, columns = self.said(features)
            said = judged(
                self.run, self.pipeline, self.model.id, self.trained, facts, features, columns
            )
        target = self.pipeline.target(self.model.id)
        return predictions_of(features.ids, facts, columns, said, target)

    def ask(self, structures: Any) -> list[Prediction]:
        """What the model says of structures in any of the forms that `Run.predict` takes."""
        several = structures if isinstance(structures, list | tuple) else [structures]
        samples: list[Any] = []
        for number, structure in enumerate(several):
            if isinstance(structure, str | Path):
                samples += self.read(Path(structure))
            else:
                samples.append(self._named(structure, f"structure {number}"))
        return self.predict(samples)

    def _named(self, structure: Any, name: str) -> Any:
        """What was given, as a sample.

        Raises:
            TypeError: it is neither a sample nor a structure.
        """
        from ase import Atoms

        if isinstance(structure, self._item.sample):
            return structure
        atoms = as_atoms(structure)
        if not isinstance(atoms, Atoms):
            what = type(structure).__name__
            raise TypeError(f"got a {what}, expected Atoms, a Structure, a Sample, or a file")
        return Sample(name, atoms)

    def prepare(self, samples: Sequence[Any]) -> Table:
        """The features of new structures, made as those of the chosen origin were; any model on them can use them.

        Raises:
            DataError: D022, the transforms of the run make nothing of a structure; D013, a
                structure is in other units than those of the run; S013, it is unsound; or what the
                descriptor refuses.
            TypeError: samples of another class than the run's own.
        """
        self._check_sound(samples)
        self._check_units(samples)
        children = passed(self.stages, self._item, samples)
        made = list(zip(samples, children, strict=True))
        if lost := [sample for sample, children_of in made if not children_of]:
            problem = f"nothing is left of it, {self.preparation}"
            raise DataError(
                *(Problem("D022", problem, sample.id, "leave it out") for sample in lost)
            )
        prepared = [child for _, children_of in made for child in children_of]
        item = self.stages[-1].item if self.stages else self._item
        rows = [item.to_row(sample) for sample in prepared]
        named = [replace(row, units=self._units) for row, _ in rows]
        return _table(named, [arrays for _, arrays in rows], item.ragged)

    def _check_sound(self, samples: Sequence[Any]) -> None:
        for sample in samples:
            if not isinstance(sample, self._item.sample):
                raise TypeError(
                    f"got a {type(sample).__name__}, expected a {self._item.sample.__name__}"
                )
            if fault := self._item.fault(self._item.to_row(sample)[1]):
                raise DataError(Problem("S013", fault, sample.id, "mend it, or leave it out"))

    def _check_units(self, samples: Sequence[Any]) -> None:
        for sample in samples:
            units = units_of(sample.atoms.info) if isinstance(sample, Sample) else METAL
            if units != self._units:
                message = f"in {units} units; the run's structures are in {self._units} units"
                raise DataError(
                    Problem("D013", message, sample.id, "give structures in the units of the run")
                )

    @cached_property
    def _item(self) -> Item:
        """What the rows of the source hold."""
        return item_of(self.pipeline, self.pipeline.steps[self.source.step])

    def said(self, features: Table) -> tuple[dict[str, Any], dict[str, Column]]:
        """What the model says of prepared features: facts (classes, or the unit) and arrays, one item a row."""
        recipe, target = self._recipe(self.model), self.pipeline.target(self.model.id)
        compared = is_compared(self.model, self.pipeline)
        unknown = _unknown(features)
        said = predicted(recipe, self.trained, features, target, unknown, compared)
        return dict(self._facts), said

    @cached_property
    def _facts(self) -> dict[str, Any]:
        """What must be known to read predictions."""
        folder = self.run.trained(self.model.id).folder
        return facts_of(folder)

    @cached_property
    def trained(self) -> Any:
        """The model as it was trained, on the device."""
        folder = self.run.trained(self.model.id).folder
        return load_model(self._recipe(self.model), folder, self.device)

    def probabilities(self, features: Table) -> tuple[tuple[str, ...], Array]:
        """The model's classes, and the probabilities (rows, classes) of prepared features."""
        facts, columns = self.said(features)
        return tuple(facts["classes"]), columns["probabilities"].flat


def _unknown(features: Table) -> Truth:
    """Nothing is known of new rows."""
    count = len(features)
    return Truth(np.zeros(count, dtype=bool), [None] * count, [None] * count)


def _table(
    rows: Sequence[Any], arrays: Sequence[Mapping[str, Array]], ragged: Sequence[str]
) -> Table:
    columns: dict[str, Any] = {}
    for name in arrays[0] if arrays else ():
        values = [item[name] for item in arrays]
        columns[name] = values if name in ragged else np.stack(values)
    return Table.of(rows, **columns)
