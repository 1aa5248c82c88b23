"""What a plugin declares, checked word by word when the plugin is registered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from structkit.components import Declaration, Settings
from structkit.discovery.travelling import KEEP_WORDS, lost_by_design
from structkit.errors import Problem, SpecError

BUILD = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")
COMPONENT_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def check_declaration(declaration: Any, kind: type[Declaration], hook: str, seen: set[str]) -> None:
    """Refuse a declaration that is not of its kind, or names no class.

    Raises:
        SpecError: P006; P019, its settings would lose a word.
    """
    if not isinstance(declaration, kind):
        found = type(declaration).__name__
        raise SpecError(Problem("P006", f"{hook} gave a {found}, expected a {kind.__name__}"))
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
    settings: object = declaration.settings
    if not (isinstance(settings, type) and issubclass(settings, Settings)):
        message = f"component '{declaration.name}': settings is {settings!r}"
        raise SpecError(
            Problem("P006", message, fix="give a class that inherits from structkit.Settings")
        )
    _check_versions(declaration.name, declaration.versions)
    if lost := lost_by_design(settings):
        raise SpecError(Problem("P019", f"component '{declaration.name}': {lost}", fix=KEEP_WORDS))
    if declaration.name in seen:
        raise SpecError(
            Problem("P006", f"component '{declaration.name}' is declared twice in one plugin")
        )
    seen.add(declaration.name)


def _check_versions(name: str, versions: object) -> None:
    """Refuse versions of shared code that cannot be part of a key."""
    numbers = versions.values() if isinstance(versions, Mapping) else [None]
    if not all(isinstance(number, int) for number in numbers):
        message = f"component '{name}': versions is {versions!r}"
        raise SpecError(Problem("P006", message, fix='map names to numbers: {"torch-training": 3}'))
