"""structkit: recognise and explain the structure of materials, from plugins composed in a YAML file.

A plugin author needs the names below and nothing else; importing them is cheap.
"""

import logging

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
from structkit.table import Row, Table

__version__ = "0.1.0"
API = 1  # a plugin says which interface it was written for: STRUCTKIT_API = 1

logging.getLogger("structkit").addHandler(logging.NullHandler())  # silent until a run folder asks for a log

__all__ = [
    "API",
    "DataError",
    "Descriptor",
    "Explainer",
    "Model",
    "Problem",
    "Reference",
    "Row",
    "RunContext",
    "Sample",
    "Settings",
    "Source",
    "StructkitError",
    "Table",
    "Task",
    "Transform",
    "__version__",
    "hookimpl",
]
