"""Letting a plugin's package offer its classes without importing them before they are used."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any


def exports(package: str, **modules: str) -> Callable[[str], Any]:
    """A module `__getattr__` (PEP 562) that imports a name from its module when it is first asked for.

    A plugin's `__init__.py` runs before its `plugin.py`; what it imports, every declaration
    imports.

    >>> __getattr__ = exports(__name__, Rings="rings")  # Rings lives in the module `rings` of this package
    """

    def get(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{modules[name]}"), name)

    def names() -> list[str]:
        return sorted(
            {*modules, *(name for name in vars(sys.modules[package]) if name[:2] == "__")}
        )

    vars(sys.modules[package])["__dir__"] = names  # what `dir`, and Tab in a notebook, show
    return get
