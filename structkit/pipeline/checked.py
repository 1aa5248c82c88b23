"""A pipeline that was checked: its steps with their components, settings and origins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from structkit.components import Declaration, Model, Settings
from structkit.discovery.plugin import import_string
from structkit.discovery.registry import Component, Registry
from structkit.evaluation.target import Target
from structkit.pipeline.spec import Only, Spec


@dataclass(frozen=True)
class Origin:
    """Where rows come from: a step that made their structures, in one of its variants.

    Args:
        name: unique in a pipeline; a row carries it.
        step: the step that made them.
        parent: the origin that a transform made them of.
        settings: of the step, as they were for this origin.
        varied: what was varied on the way here, by `step.setting`.
    """

    name: str
    step: str
    parent: str | None
    settings: Settings
    varied: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckedStep:
    """A step with its component found and its settings validated.

    Args:
        id: in the pipeline file.
        component: what `use` means.
        settings: what `with` says, with every default.
        inputs: the steps it reads.
        passes: what its rows hold: `structure`, or a representation.
        made: the origins that this step makes, of a source or transform.
        incoming: names of the origins whose rows it reads.
        origins: names of all origins of its rows.
        train_on: origins that a model learns on.
        calibrate_on: origins that a guard learns from.
        members: how many models speak as one.
        target: what a model is to say: `label`, or a number by name.
        only: rows that an explainer is run on.
        vary: the points of a grid, each with the settings that differ.
    """

    id: str
    component: Component
    settings: Settings
    inputs: tuple[str, ...]
    origins: tuple[str, ...]
    incoming: tuple[str, ...] = ()
    passes: str = ""
    made: tuple[Origin, ...] = ()
    train_on: tuple[str, ...] = ()
    calibrate_on: tuple[str, ...] = ()
    target: str = "label"
    members: int = 1
    only: Only = Only()
    vary: tuple[Mapping[str, Any], ...] = ()

    @property
    def kind(self) -> str:
        """The name of its kind."""
        return self.declaration.kind

    @property
    def declaration(self) -> Declaration:
        """What the plugin declared."""
        return self.component.declaration


@dataclass(frozen=True)
class CheckedPipeline:
    """A pipeline that can run: its steps in an order in which each comes after its inputs."""

    spec: Spec
    registry: Registry
    steps: Mapping[str, CheckedStep]

    @property
    def lineage(self) -> dict[str, Origin]:
        """Every origin by name."""
        return {origin.name: origin for step in self.steps.values() for origin in step.made}

    def target(self, step: str) -> Target:
        """What a model step is to say.

        Raises:
            SpecError: P001, no plugin provides such a target.
        """
        declared = self.steps[step].declaration
        assert isinstance(declared, Model)  # noqa: S101  (the registry admits nothing else)
        build = self.registry.target(declared.predicts, declared.per).build
        target: Target = import_string(build)(self.steps[step].target)
        return target
