"""`Recipe`: all that is needed to build a component anywhere, as plain data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from structkit.components import Settings
from structkit.discovery.travelling import dumped
from structkit.randomness import generator

if TYPE_CHECKING:
    from structkit.pipeline.checked import CheckedStep


@dataclass(frozen=True)
class Recipe:
    """What builds a component: picklable, and equal for equal components.

    Args:
        build: import path of the class.
        settings: JSON with every default.
        settings_class: import path of the settings.
        who: what an error calls it: component, distribution and version.
        seed: of the pipeline; 0 for a component that declares no chance.
        component: `distribution/name`.
        step: the id of the step.
        code: digest of the plugin's source: an edited component is another one.
        plugin: module that declared it.
        loose: file of a loose plugin.
        ragged: arrays whose length differs from row to row.
        produces: the representation that a descriptor makes.
    """

    build: str
    settings: str
    settings_class: str
    who: str
    seed: int
    component: str
    step: str = ""
    code: str = ""
    plugin: str = ""
    loose: Path | None = None
    ragged: tuple[str, ...] = ()
    produces: str = ""

    def generator(self, item: str) -> np.random.Generator:
        """The random numbers of one task or sample."""
        return generator(self.seed, self.component, json.loads(self.settings), item)


def recipe_of(step: CheckedStep, seed: int, settings: Settings | None = None) -> Recipe:
    """All that a worker needs to build a step's component, with other settings than the step's where they are given."""
    declaration, plugin = step.declaration, step.component.plugin
    chosen = step.settings if settings is None else settings
    kind = type(chosen)
    return Recipe(
        build=declaration.build,
        settings=json.dumps(dumped(chosen), sort_keys=True),
        settings_class=f"{kind.__module__}:{kind.__qualname__}",
        who=f"{declaration.name} ({plugin.distribution} {plugin.version})",
        seed=seed,
        component=step.component.qualified,
        step=step.id,
        code=plugin.code_digest,
        plugin=plugin.module.__name__ if plugin.module else "",
        loose=plugin.file,
        ragged=tuple(getattr(declaration, "ragged", ())),
        produces=getattr(declaration, "produces", ""),
    )
