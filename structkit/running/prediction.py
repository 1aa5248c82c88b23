"""New structure files through a trained run, prepared exactly as its training data were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from structkit.components import NoSettings, Sample, Settings, Source
from structkit.errors import DataError, Problem, SpecError, did_you_mean
from structkit.pipeline.check import CheckedPipeline, CheckedStep
from structkit.plugins.loading import BLOCK_VARIABLE, DISTRIBUTIONS, Component, Registry, import_string
from structkit.running.calling import blamed, children, described, each, recipe_of, structure
from structkit.running.model_steps import checked_probabilities, load_model
from structkit.running.received import pipeline_of
from structkit.running.splits import units_of
from structkit.runs import Run
from structkit.table import Array, Row, Table

READER = DISTRIBUTIONS["files"]  # what to install where nothing reads files


@dataclass(frozen=True)
class Prediction:
    """One structure's probabilities, in the order of `classes`."""

    id: str
    classes: tuple[str, ...]
    probabilities: tuple[float, ...]

    @property
    def label(self) -> str:
        """The most probable class."""
        return self.classes[int(np.argmax(self.probabilities))]


class Predictor:
    """A trained run, ready for new structures.

    Args:
        folder: a run folder.
        model: its model step; may be left out when there is one.
        origin: prepare structures as the rows of this origin were; default: the first the model was trained on.
        allowed: loose plugins of the run that may be run although no run here has used them.
    """

    def __init__(
        self, folder: Path, model: str | None = None, origin: str | None = None, allowed: Sequence[Path] = ()
    ) -> None:
        self.run = Run(folder)
        self.run.require_finished()
        self.pipeline: CheckedPipeline = pipeline_of(self.run, allowed)
        self.model = self.pipeline.steps[self._choose("model", model, self.run.steps_of_kind("model"))]
        self.origin = self._choose("origin", origin, list(self.model.origins), self.model.train_on[0])
        self.source, self.transforms, self.descriptor = self._chain()
        self._check_code()

    def _choose(self, what: str, wanted: str | None, known: Sequence[str], default: str | None = None) -> str:
        if wanted is None and (default or len(known) == 1):
            return default or known[0]
        if wanted is None or wanted not in known:
            found = f"'{wanted}'" if wanted else f"{len(known)} {what}s"
            hint = did_you_mean(wanted or "", known)
            raise SpecError(Problem("R006", f"{found} in {self.run.folder}", f"--{what}", hint))
        return wanted

    def _chain(self) -> tuple[CheckedStep, list[CheckedStep], CheckedStep]:
        """The source of the chosen origin, the transforms after it in order, and the descriptor."""
        steps = self.pipeline.steps
        descriptor = next(steps[name] for name in self.model.inputs if self.origin in steps[name].origins)
        origin = self.origin
        transforms: list[CheckedStep] = []
        while (maker := self._maker(origin)).kind == "transform":
            transforms.insert(0, maker)
            # of several parents, a transform's origin is called parent+transform
            origin = origin.removesuffix(f"+{maker.id}") if "+" in origin else steps[maker.inputs[0]].origins[0]
        return maker, transforms, descriptor

    def _check_code(self) -> None:
        """Refuse plugins that are not the code the model was trained with: the same words could mean something else.

        Raises:
            SpecError: P007.
        """
        for step in (*self.transforms, self.descriptor, self.model):
            before = self.run.steps[step.id]["code"]
            if step.component.plugin.code_digest != before:
                who = f"{step.declaration.name} ({step.component.plugin.distribution})"
                fix = f"run it again: structkit run {self.run.record['file']}"
                raise SpecError(
                    Problem("P007", f"the code of {who} has changed since the run", str(self.run.folder), fix)
                )

    def read(self, path: Path) -> list[Sample]:
        """Read a file of new structures as the run read its own, else strictly in its units.

        Raises:
            SpecError: P001, no installed plugin reads files.
            DataError: what is wrong with the file.
            StepError: P010, the plugin that reads it failed; P011, it gave no structures.
        """
        reader, settings = self._reader
        # a step of no pipeline: errors name the plugin and the file, and no step
        step = CheckedStep("", reader, settings or NoSettings(), (), ())
        recipe = recipe_of(step, self.pipeline.spec.pipeline.seed)
        with blamed(recipe, f"importing {_reads(reader)}"):
            read = import_string(_reads(reader))
        samples = list(each(recipe, str(path), lambda: read(path, settings, self._units)))
        for sample in samples:
            structure(recipe, str(path), sample)
        return samples

    @cached_property
    def _reader(self) -> tuple[Component, Settings | None]:
        """The component that reads new files, with the run's settings where its source does."""
        if _reads(self.source.component):
            return self.source.component, self.source.settings
        return _first_reader(self.pipeline.registry), None

    @cached_property
    def _units(self) -> str:
        """Those of the run's structures of the chosen origin."""
        rows = self.run.table(self.descriptor.id).rows
        return next((units_of(row.meta.get("_info", {})) for row in rows if row.origin == self.origin), "metal")

    def _maker(self, origin: str) -> CheckedStep:
        """The step that made the structures of an origin."""
        makers = (step for step in self.pipeline.steps.values() if step.kind in ("source", "transform"))
        return next(step for step in makers if origin in step.origins)

    @property
    def preparation(self) -> str:
        """What is done to a structure before the model sees it, in words."""
        names = [step.declaration.name for step in (*self.transforms, self.descriptor)]
        return f"prepared as origin '{self.origin}': {' → '.join(names)}"

    def predict(self, samples: Sequence[Sample]) -> list[Prediction]:
        """Class probabilities of new structures."""
        features = self.prepare(samples)
        classes, result = self.probabilities(features)
        rows = zip(features.rows, result, strict=True)
        return [Prediction(row.id, classes, tuple(map(float, p))) for row, p in rows]

    def prepare(self, samples: Sequence[Sample]) -> Table:
        """The features of new structures, made as those of the chosen origin were; any model on them can use them.

        Raises:
            DataError: D022, the transforms of the run make nothing of a structure; D013, a structure is in other units
                than those of the run; or what the descriptor refuses.
        """
        units = self._units
        if strange := [sample for sample in samples if units_of(sample.atoms.info) != units]:
            message = f"in {units_of(strange[0].atoms.info)} units; the run's structures are in {units} units"
            raise DataError(Problem("D013", message, strange[0].id, "give structures in the units of the run"))
        made = [(sample, self._transformed(sample)) for sample in samples]
        if lost := [sample for sample, found in made if not found]:
            problem = f"nothing is left of it, {self.preparation}"
            raise DataError(*(Problem("D022", problem, sample.id, "leave it out") for sample in lost))
        prepared = [child for _, found in made for child in found]
        describe = recipe_of(self.descriptor, self.pipeline.spec.pipeline.seed)
        rows = [Row(sample.id, sample.label, sample.group or sample.id) for sample in prepared]
        return _table(rows, list(described(describe, prepared)), describe.ragged)

    def probabilities(self, features: Table) -> tuple[tuple[str, ...], Array]:
        """The model's classes, and the probabilities (rows, classes) of prepared features."""
        recipe = recipe_of(self.model, self.pipeline.spec.pipeline.seed)
        model = load_model(recipe, self.run.trained(self.model.id).folder)
        return tuple(model.classes), checked_probabilities(recipe, model, features)

    def _transformed(self, sample: Sample) -> list[Sample]:
        samples = [sample]
        for step in self.transforms:
            recipe = recipe_of(step, self.pipeline.spec.pipeline.seed)
            samples = [child for s in samples for child in children(recipe, f"row '{s.id}'", s)]
            for child in samples:
                structure(recipe, f"row '{child.id}'", child)
        return samples


def _reads(component: Component) -> str:
    """The function by which a source reads a file of a user; empty where it has none."""
    declaration = component.declaration
    return declaration.reads or "" if isinstance(declaration, Source) else ""


def _first_reader(registry: Registry) -> Component:
    """The first installed source that reads files, by its qualified name."""
    readers = [component for component in registry.components if _reads(component)]
    if not readers:
        raise SpecError(_nothing_reads(registry))
    return min(readers, key=lambda component: component.qualified)


def _nothing_reads(registry: Registry) -> Problem:
    """Why no file can be read, and what to install."""
    for plugin in registry.plugins:
        if plugin.distribution == READER and plugin.problem:
            return Problem("P002", f"plugin {READER} is broken: {plugin.problem}")
    fix = f"install {READER}"
    if registry.blocked:
        fix += f"; {BLOCK_VARIABLE} leaves out {', '.join(sorted(registry.blocked))}"
    return Problem("P001", "no installed plugin reads structure files", fix=fix)


def _table(rows: Sequence[Row], arrays: Sequence[dict[str, Array]], ragged: Sequence[str]) -> Table:
    columns: dict[str, Any] = {}
    for name in arrays[0] if arrays else ():
        values = [item[name] for item in arrays]
        columns[name] = values if name in ragged else np.stack(values)
    return Table.of(rows, **columns)
