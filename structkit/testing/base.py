"""What the suites share: finding the declaration by name, building the component from its string."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, ClassVar

from structkit.discovery.declarations import settings_class
from structkit.discovery.plugin import import_string


class ComponentContract:
    """Base of the suites for components.

    Attributes:
        plugin: import path of the `plugin.py` module, such as `"structkit_rings.plugin"`.
        name: the component's name.
        settings: settings to try it with.
    """

    kind: ClassVar[str]
    plugin: ClassVar[str]
    name: ClassVar[str]
    settings: ClassVar[Mapping[str, Any]] = {}

    @classmethod
    def hook(cls) -> str:
        """The hook by which components of the kind are declared."""
        return f"structkit_{cls.kind}s"

    @classmethod
    def declaration(cls) -> Any:
        """The declaration of the component under test."""
        return declared(cls.plugin, cls.hook(), cls.name)

    @classmethod
    def build(cls, **changes: Any) -> Any:
        """A fresh component, as the core would build it."""
        declaration = cls.declaration()
        settings = settings_class(declaration)(**{**cls.settings, **changes})
        return import_string(declaration.build)(**dict(settings))


def declared(plugin: str, hook: str, name: str) -> Any:
    """What a plugin declares through a hook, by its name.

    Args:
        plugin: import path of its `plugin.py` module.
        hook: such as `structkit_models`.
        name: of what is declared.
    """
    declarations = list(getattr(importlib.import_module(plugin), hook)())
    named = [declaration for declaration in declarations if declaration.name == name]
    assert named, f"{plugin} declares no '{name}' in {hook}, only {[d.name for d in declarations]}"
    return named[0]
