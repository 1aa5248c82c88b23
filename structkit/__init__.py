"""structkit: recognise and explain the structure of materials, from plugins composed in a YAML file.

A plugin author needs the names below and nothing else. Each is imported when it is first asked for.
"""

import logging
from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit.components import (
        Descriptor,
        Executor,
        Explainer,
        Explorer,
        Guard,
        Item,
        Kind,
        Model,
        ReadyModel,
        Reference,
        Settings,
        Source,
        Target,
        Transform,
    )
    from structkit.data.table import Row, Table
    from structkit.errors import DataError, Problem, StructkitError
    from structkit.evidence import Evidence
    from structkit.hookspecs import hookimpl
    from structkit.library import train
    from structkit.pictures import Curve, Picture, Scale
    from structkit.ready import recognise
    from structkit.recognised import Recognised
    from structkit.run import Run, Section
    from structkit.samples import Measurement, Quantity, RunContext, Sample, Task

__version__ = "0.1.0"
API = 1  # a plugin says which interface it was written for: STRUCTKIT_API = 1

# silent until a run folder asks for a log
logging.getLogger("structkit").addHandler(logging.NullHandler())

_SAMPLES = ["Measurement", "Quantity", "RunContext", "Sample", "Task"]
_COMPONENTS = [
    "Descriptor",
    "Executor",
    "Explainer",
    "Explorer",
    "Guard",
    "Item",
    "Kind",
    "Model",
    "ReadyModel",
    "Reference",
    "Settings",
    "Source",
    "Target",
    "Transform",
]
__getattr__ = exports(
    __name__,
    **dict.fromkeys(_SAMPLES, "samples"),
    **dict.fromkeys(_COMPONENTS, "components"),
    **dict.fromkeys(["DataError", "Problem", "StructkitError"], "errors"),
    **dict.fromkeys(["Run", "Section"], "run"),
    **dict.fromkeys(["Curve", "Picture", "Scale"], "pictures"),
    **dict.fromkeys(["Row", "Table"], "data.table"),
    Evidence="evidence",
    Recognised="recognised",
    hookimpl="hookspecs",
    recognise="ready",
    train="library",
)


def __dir__() -> list[str]:
    """What this package offers, for `dir` and for completion."""
    return sorted(__all__)


__all__ = [
    "API",
    "Curve",
    "DataError",
    "Descriptor",
    "Evidence",
    "Executor",
    "Explainer",
    "Explorer",
    "Guard",
    "Item",
    "Kind",
    "Measurement",
    "Model",
    "Picture",
    "Problem",
    "Quantity",
    "ReadyModel",
    "Recognised",
    "Reference",
    "Row",
    "Run",
    "RunContext",
    "Sample",
    "Scale",
    "Section",
    "Settings",
    "Source",
    "StructkitError",
    "Table",
    "Target",
    "Task",
    "Transform",
    "__version__",
    "hookimpl",
    "recognise",
    "train",
]
