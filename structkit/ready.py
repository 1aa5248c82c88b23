"""Models that are ready to use: found, checked against what is installed, asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from structkit.components import ReadyModel
from structkit.discovery.loading import discover
from structkit.discovery.plugin import import_string
from structkit.discovery.registry import Registry
from structkit.errors import Problem, SpecError
from structkit.recognised import Recognised
from structkit.samples import Sample, as_atoms

DISTRIBUTION = "structkit-ready-models"


def recognise(structures: Any, model: str | None = None) -> Any:
    """Say of every atom of structures which lattice it belongs to, by a model that is installed.

    Args:
        structures: `Atoms` of ase, a `Structure` of pymatgen, a `Sample`; or a list of them.
        model: its name; the first that is installed unless given.

    Returns:
        A `Recognised`, or a list of them for a list.

    Raises:
        SpecError: P001, no such model is installed; P023, it was trained with other versions.
        DataError: what is wrong with a structure.
    """
    ready = opened(discover(), model)
    if isinstance(structures, list | tuple):
        return [_one(ready, structure, number) for number, structure in enumerate(structures)]
    return _one(ready, structures, 0)


def _one(ready: Any, structure: Any, number: int) -> Recognised:
    if isinstance(structure, Sample):
        result: Recognised = ready.recognise(structure.atoms, structure.id)
    else:
        result = ready.recognise(as_atoms(structure), f"structure {number}")
    return result


def opened(registry: Registry, name: str | None = None) -> Any:
    """The object behind a ready model.

    Raises:
        SpecError: P001, none of that name; P023, it does not fit what is installed.
    """
    known = registry.of(ReadyModel)
    if not known:
        message = "no ready model is installed"
        raise SpecError(Problem("P001", message, fix=f"install {DISTRIBUTION}"))
    declared = registry.extension(ReadyModel, name) if name else known[0]
    check_versions(registry, declared)
    return import_string(declared.build)()


def check_versions(registry: Registry, declared: ReadyModel) -> None:
    """Refuse a model whose components are of another version, all of them at once.

    Raises:
        SpecError: P023.
    """
    problems = [
        problem
        for component, version in declared.versions.items()
        if (problem := _misfit(registry, declared.name, component, version))
    ]
    if problems:
        raise SpecError(*problems)


def _misfit(registry: Registry, name: str, component: str, version: int) -> Problem | None:
    installed = registry.get(component).declaration.version
    if installed == version:
        return None
    message = (
        f"the ready model '{name}' was trained with version {version} of {component},"
        f" version {installed} is installed"
    )
    return Problem("P023", message, fix="install the distribution of the model that fits")


def names(registry: Registry) -> Sequence[str]:
    """The ready models that are installed."""
    return [declared.name for declared in registry.of(ReadyModel)]
