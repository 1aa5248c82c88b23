"""structkit: recognise and explain the structure of materials, from plugins composed in a YAML file.

A plugin author needs the names below and nothing else. Each is imported when it is first asked for.
"""

import logging
from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit.components import (
        Descriptor,
        Explainer,
        Model,
        Reference,
        RunContext,
        Sample,
        Settings,
        Source,
        Task,
        Transform,
    )
    from structkit.errors import DataError, Problem, StructkitError
    from structkit.hookspecs import hookimpl
    from structkit.runs import Run, Section
    from structkit.table import Row, Table

__version__ = "0.1.0"
API = 1  # a plugin says which interface it was written for: STRUCTKIT_API = 1

logging.getLogger("structkit").addHandler(logging.NullHandler())  # silent until a run folder asks for a log

_COMPONENTS = [
    "Descriptor",
    "Explainer",
    "Model",
    "Reference",
    "RunContext",
    "Sample",
    "Settings",
    "Source",
    "Task",
    "Transform",
]
__getattr__ = exports(
    __name__,
    **dict.fromkeys(_COMPONENTS, "components"),
    **dict.fromkeys(["DataError", "Problem", "StructkitError"], "errors"),
    **dict.fromkeys(["Run", "Section"], "runs"),
    **dict.fromkeys(["Row", "Table"], "table"),
    hookimpl="hookspecs",
)

__all__ = [
    "API",
    "DataError",
    "Descriptor",
    "Explainer",
    "Model",
    "Problem",
    "Reference",
    "Row",
    "Run",
    "RunContext",
    "Sample",
    "Section",
    "Settings",
    "Source",
    "StructkitError",
    "Table",
    "Task",
    "Transform",
    "__version__",
    "hookimpl",
]
