"""What the suites share: finding the declaration by name, building the component from its string."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, ClassVar

from structkit.components import Declaration
from structkit.plugins.loading import COLLECTIONS, import_string


class ComponentContract:
    """Base of the suites for components. A subclass sets:

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
    def declaration(cls) -> Any:
        """The declaration of the component under test."""
        module = importlib.import_module(cls.plugin)
        declared: list[Declaration] = list(getattr(module, COLLECTIONS[cls.kind])())
        found = [declaration for declaration in declared if declaration.name == cls.name]
        assert found, f"{cls.plugin} declares no {cls.kind} '{cls.name}', only {[d.name for d in declared]}"
        return found[0]

    @classmethod
    def build(cls, **changes: Any) -> Any:
        """A fresh component, as the core would build it."""
        declaration = cls.declaration()
        settings = declaration.settings(**{**cls.settings, **changes})
        return import_string(declaration.build)(**dict(settings))
