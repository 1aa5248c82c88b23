"""What happens to a row between its source and a model: transforms and a descriptor, in the order of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from structkit.components import Descriptor
from structkit.data.items.base import Item
from structkit.discovery.plugin import import_string
from structkit.engine.calling import checked_row, children, described, given
from structkit.engine.recipe import Recipe
from structkit.pipeline.checked import CheckedPipeline, CheckedStep, Origin
from structkit.samples import Measurement


@dataclass(frozen=True)
class Stage:
    """A step that rows pass.

    Args:
        step: of the pipeline.
        recipe: its component, with the settings that it had for the origin.
        item: what its rows hold.
    """

    step: CheckedStep
    recipe: Recipe
    item: Item

    def __call__(self, samples: Sequence[Any], before: Item) -> list[list[Any]]:
        """What becomes of each sample.

        Args:
            samples: rows of the step before.
            before: what these hold.
        """
        if isinstance(self.step.declaration, Descriptor):
            return [[sample] for sample in self._described(samples)]
        return [self._transformed(sample, before) for sample in samples]

    def _transformed(self, sample: Any, before: Item) -> list[Any]:
        where = f"row '{sample.id}'"
        row, arrays = before.to_row(sample)
        made = children(self.recipe, where, row, before, arrays)
        for child in made:
            checked_row(self.recipe, f"row '{child.id}'", self.item, child)
        return made

    def _described(self, samples: Sequence[Any]) -> Iterator[Measurement]:
        features = described(self.recipe, [given(sample) for sample in samples])
        for sample, arrays in zip(samples, features, strict=True):
            yield Measurement(
                sample.id, arrays, sample.label, sample.group, sample.meta, sample.targets
            )


def stages_of(
    pipeline: CheckedPipeline,
    model: CheckedStep,
    origin: str,
    recipe: Callable[[CheckedStep, Origin | None], Recipe],
) -> tuple[Stage, ...]:
    """The steps that the rows of an origin passed between their source and a model, in order."""
    stages: list[Stage] = []
    reader, name = model, origin
    while (step := _read_by(pipeline, reader, name)).inputs:
        made = next((candidate for candidate in step.made if candidate.name == name), None)
        stages.append(Stage(step, recipe(step, made), item_of(pipeline, step)))
        reader, name = step, str(made.parent) if made else name
    return tuple(reversed(stages))


def _read_by(pipeline: CheckedPipeline, reader: CheckedStep, origin: str) -> CheckedStep:
    """The step from which another has the rows of an origin."""
    read = [pipeline.steps[name] for name in reader.inputs]
    return next(step for step in read if origin in step.origins)


def item_of(pipeline: CheckedPipeline, step: CheckedStep) -> Item:
    """What the rows of a step hold."""
    ragged = getattr(step.declaration, "ragged", ())
    build = import_string(pipeline.registry.item(step.passes).build)
    item: Item = build(step.passes, ragged)
    return item


def passed(stages: Sequence[Stage], item: Item, samples: Sequence[Any]) -> list[list[Any]]:
    """What becomes of each sample of the source on its way to the model.

    Args:
        stages: in order.
        item: what the source's rows hold.
        samples: some of them.
    """
    rows, before = [[sample] for sample in samples], item
    for stage in stages:
        made = iter(stage([sample for several in rows for sample in several], before))
        rows = [[child for _ in several for child in next(made)] for several in rows]
        before = stage.item
    return rows
