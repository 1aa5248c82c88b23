"""What the core itself offers, through the same hooks as everybody."""

from collections.abc import Iterator

from structkit.builtin.settings import RecordedSettings, SelectSettings
from structkit.components import Descriptor, Transform
from structkit.hookspecs import hookimpl

STRUCTKIT_API = 1


@hookimpl
def structkit_transforms() -> Iterator[Transform]:
    yield Transform(
        name="select",
        build="structkit.builtin.recorded:Select",
        settings=SelectSettings,
        summary="the structures with wanted values of a label, a column or something recorded in info",
        shard=256,
    )


@hookimpl
def structkit_descriptors() -> Iterator[Descriptor]:
    yield Descriptor(
        name="recorded",
        produces="vector",
        build="structkit.builtin.recorded:Recorded",
        settings=RecordedSettings,
        summary="numbers recorded with a structure, such as its energy: a baseline that sees nothing else",
    )
