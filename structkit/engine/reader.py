"""Which plugin reads a user's files for `predict`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from structkit.components import NoSettings, Settings, Source
from structkit.discovery.plugin import import_string
from structkit.discovery.registry import BLOCK_VARIABLE, DISTRIBUTIONS, Component, Registry
from structkit.engine.blame import prepared
from structkit.engine.calling import checked_row, each
from structkit.engine.recipe import recipe_of
from structkit.errors import Problem, SpecError
from structkit.pipeline.checked import CheckedStep

STRUCTURE = "structure"  # what a source of atoms makes
READER = DISTRIBUTIONS["files"]  # what to install where nothing reads files


def read_files(
    registry: Registry, own: Component, settings: Settings, units: str, holds: str, path: Path
) -> list[Any]:
    """Read a file of new rows as a run read its own, else strictly in its units.

    Args:
        registry: what is installed.
        own: the run's source.
        settings: of the run's source.
        units: of the run's structures.
        holds: what the rows of the run hold.
        path: of the file.

    Raises:
        SpecError: P001, no installed plugin reads files.
        DataError: what is wrong with the file.
        StepError: P010, the plugin that reads it failed; P011, it gave no sound rows.
    """
    mine = bool(_reads(own))
    reader = own if mine else _first_reader(registry, holds)
    chosen = settings if mine else None
    # a step of no pipeline: errors name the plugin and the file, and no step
    recipe = recipe_of(CheckedStep("", reader, chosen or NoSettings(), (), ()), 0)
    own_settings = chosen and chosen.model_copy(deep=True)
    with prepared(recipe, f"importing {_reads(reader)}"):
        read = import_string(_reads(reader))
    samples = list(each(recipe, str(path), lambda: read(path, own_settings, units)))
    item = import_string(registry.item(holds).build)(holds)
    for sample in samples:
        checked_row(recipe, str(path), item, sample)
    return samples


def names_read(registry: Registry, own: Component, holds: str) -> tuple[str, ...]:
    """Patterns of the names that the reader of new files knows; none where any name will do.

    Raises:
        SpecError: P001, no installed plugin reads files.
    """
    reader = own if _reads(own) else _first_reader(registry, holds)
    return tuple(getattr(reader.declaration, "patterns", ()))


def read_places(registry: Registry, path: Path) -> Iterator[Any]:
    """Read the structures of a file one after the other, for who looks at places only.

    Raises:
        SpecError: P001, no installed plugin reads files.
        DataError: what is wrong with the file.
        StepError: P010, the plugin that reads it failed; P011, it gave no sound rows.
    """
    reader = _place_reader(registry)
    recipe = recipe_of(CheckedStep("", reader, NoSettings(), (), ()), 0)
    with prepared(recipe, "importing its reader"):
        read = import_string(_places(reader))
    item = import_string(registry.item(STRUCTURE).build)(STRUCTURE)
    for sample in each(recipe, str(path), lambda: read(path)):
        checked_row(recipe, str(path), item, sample)
        yield sample


def place_names(registry: Registry) -> tuple[str, ...]:
    """Patterns of the names that are read in a folder for who looks at places only."""
    return tuple(getattr(_place_reader(registry).declaration, "patterns", ()))


def _place_reader(registry: Registry) -> Component:
    readers = [component for component in registry.components if _places(component)]
    if not readers:
        raise SpecError(_nothing_reads(registry))
    return min(readers, key=lambda component: component.qualified)


def _places(component: Component) -> str:
    declaration = component.declaration
    return declaration.places or "" if isinstance(declaration, Source) else ""


def _reads(component: Component) -> str:
    """The function by which a source reads a file of a user; empty where it has none."""
    declaration = component.declaration
    return declaration.reads or "" if isinstance(declaration, Source) else ""


def _first_reader(registry: Registry, holds: str) -> Component:
    """The first installed source that reads files of what the rows hold, by its qualified name."""
    readers = [
        component
        for component in registry.components
        if _reads(component) and getattr(component.declaration, "makes", "") == holds
    ]
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
