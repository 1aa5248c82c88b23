"""How the rows of a step are shown: by the picture and the names that its installed component declares.

What a run folder says of a picture is not imported: the folder may be from elsewhere.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from numpy.typing import NDArray

from structkit.discovery.plugin import import_string
from structkit.discovery.registry import Registry
from structkit.pictures import Drawn

Draw = Callable[[Mapping[str, NDArray[Any]]], Drawn]


def draws(registry: Registry, use: str, settings: Mapping[str, Any]) -> Draw | None:
    """The function that draws a row of a component, if it declares one; it is given the settings if it asks."""
    path = _declared(registry, use, "picture")
    return None if path is None else drawer(path, settings)


def drawer(path: str, settings: Mapping[str, Any]) -> Draw:
    """The function that a declaration names, with the settings if it asks for them."""
    function: Callable[..., Drawn] = import_string(path)
    if "settings" in inspect.signature(function).parameters:
        return partial(function, settings=settings)
    return function


def labels(registry: Registry, use: str, settings: Mapping[str, Any]) -> list[str]:
    """The names of the numbers of a component's vectors; none where it declares none."""
    path = _declared(registry, use, "labels")
    return [] if path is None else [str(name) for name in import_string(path)(settings)]


def axes(registry: Registry, use: str) -> tuple[str, ...]:
    """What lies along the sides of an explainer's maps; nothing where it does not say."""
    return tuple(_declared(registry, use, "axes") or ())


def _declared(registry: Registry, use: str, word: str) -> Any:
    """What the one installed component of a name declares."""
    components = registry.find(use)
    return getattr(components[0].declaration, word, None) if len(components) == 1 else None
