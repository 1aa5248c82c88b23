"""What a plugin declares, checked word by word when the plugin is registered."""

from __future__ import annotations

import contextlib
import functools
import re
import sys
from collections.abc import Mapping
from typing import Any

from structkit.components import Declaration, Settings
from structkit.discovery.plugin import import_string, without_digest
from structkit.discovery.travelling import KEEP_WORDS, lost_by_design
from structkit.errors import Problem, SpecError, Stopped
from structkit.surroundings import left_as_found

BUILD = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")
_lost = functools.cache(lost_by_design)
COMPONENT_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def check_declaration(declaration: Any, kind: type[Declaration], hook: str, seen: set[str]) -> None:
    """Refuse a declaration that is not of its kind, or names no class.

    Raises:
        SpecError: P006; P019, its settings would lose a word.
    """
    if not isinstance(declaration, kind):
        given = type(declaration).__name__
        raise SpecError(Problem("P006", f"{hook} gave a {given}, expected a {kind.__name__}"))
    if not COMPONENT_NAME.fullmatch(declaration.name):
        raise SpecError(
            Problem(
                "P006", f"component name {declaration.name!r}", fix="use kebab-case: my-component"
            )
        )
    build: object = declaration.build
    if not (isinstance(build, str) and BUILD.fullmatch(build)):
        message = f"component '{declaration.name}': build is {build!r}"
        raise SpecError(Problem("P006", message, fix="name a class: 'package.module:Class'"))
    _check_settings(declaration)
    _check_versions(declaration.name, declaration.versions)
    if declaration.name in seen:
        raise SpecError(
            Problem("P006", f"component '{declaration.name}' is declared twice in one plugin")
        )
    seen.add(declaration.name)


def _check_settings(declaration: Declaration) -> None:
    """Refuse settings that are no class of settings and name none; a name is followed when it is used."""
    settings: object = declaration.settings
    if isinstance(settings, str) and BUILD.fullmatch(settings):
        return
    _check_settings_class(declaration.name, settings)


def settings_class(declaration: Declaration) -> type[Settings]:
    """The settings of a component as a class, imported where the declaration only names it.

    Raises:
        SpecError: P002, it cannot be imported; P006, it is no class of settings; P019, its settings
            would lose a word.
    """
    if isinstance(declaration.settings, str):
        return _imported(declaration.name, declaration.settings)
    return declaration.settings


def _imported(component: str, path: str) -> type[Settings]:
    """A class of settings; whatever its module does wrong is told of the component alone."""
    try:
        settings = _loaded_class(component, path)
    except (KeyboardInterrupt, Stopped):
        raise
    except BaseException as error:  # a module may even call sys.exit on import
        cause = f"{type(error).__name__}: {without_digest(str(error))}"
        message = f"{component}: cannot import its settings {without_digest(path)}: {cause}"
        raise SpecError(Problem("P002", message, fix="mend its plugin")) from error
    return _check_settings_class(component, settings)


def _loaded_class(component: str, path: str) -> Any:
    """What a path names, imported if it is not yet; what its module prints is no result."""
    if path.partition(":")[0] in sys.modules:
        return import_string(path)
    with (
        left_as_found(f"settings of {component}", "when they were imported"),
        contextlib.redirect_stdout(sys.stderr),
    ):
        return import_string(path)


def _check_settings_class(component: str, settings: object) -> type[Settings]:
    """The class, if it is one whose values can be kept.

    Raises:
        SpecError: P006, P019.
    """
    if not (isinstance(settings, type) and issubclass(settings, Settings)):
        fix = "give a class that inherits from structkit.Settings"
        raise SpecError(
            Problem("P006", f"component '{component}': settings is {settings!r}", fix=fix)
        )
    if lost := _lost(settings):
        raise SpecError(Problem("P019", f"component '{component}': {lost}", fix=KEEP_WORDS))
    return settings


def _check_versions(name: str, versions: object) -> None:
    """Refuse versions of shared code that cannot be part of a key."""
    numbers = versions.values() if isinstance(versions, Mapping) else [None]
    if not all(isinstance(number, int) for number in numbers):
        message = f"component '{name}': versions is {versions!r}"
        raise SpecError(Problem("P006", message, fix='map names to numbers: {"torch-training": 3}'))
