"""What the core itself offers, through the same hooks as everybody."""

from collections.abc import Iterator

from structkit.components import (
    Descriptor,
    Executor,
    Explainer,
    Guard,
    Item,
    Kind,
    Model,
    Source,
    Target,
    Transform,
)
from structkit.hookspecs import hookimpl

STRUCTKIT_API = 1


@hookimpl
def structkit_transforms() -> Iterator[Transform]:
    yield Transform(
        name="select",
        build="structkit.builtin.recorded:Select",
        settings="structkit.builtin.settings:SelectSettings",
        summary="the structures with wanted values of a label, a column or something recorded in info",
        shard=256,
        chance=False,
    )


@hookimpl
def structkit_descriptors() -> Iterator[Descriptor]:
    yield Descriptor(
        name="recorded",
        produces="vector",
        build="structkit.builtin.recorded:Recorded",
        settings="structkit.builtin.settings:RecordedSettings",
        labels="structkit.builtin.recorded:labels",
        summary="numbers recorded with a structure, such as its energy: a baseline that sees nothing else",
    )


@hookimpl
def structkit_kinds() -> Iterator[Kind]:
    yield Kind(
        name="source",
        declares=Source,
        hook="structkit_sources",
        build="structkit.kinds.source:SourceKind",
        verbs=("tasks", "samples"),
        summary="makes structures, or measured rows",
    )
    yield Kind(
        name="transform",
        declares=Transform,
        hook="structkit_transforms",
        build="structkit.kinds.transform:TransformKind",
        verbs=("__call__",),
        summary="turns a row into none, one or several of the same sort",
    )
    yield Kind(
        name="descriptor",
        declares=Descriptor,
        hook="structkit_descriptors",
        build="structkit.kinds.descriptor:DescriptorKind",
        verbs=("__call__",),
        summary="turns a structure into named arrays",
    )
    yield Kind(
        name="model",
        declares=Model,
        hook="structkit_models",
        build="structkit.kinds.model:ModelKind",
        verbs=("fit", "predict", "save", "load"),
        summary="learns on features and predicts",
    )
    yield Kind(
        name="explainer",
        declares=Explainer,
        hook="structkit_explainers",
        build="structkit.kinds.explainer:ExplainerKind",
        verbs=("explain",),
        summary="says which part of an input a prediction rests on",
    )
    yield Kind(
        name="guard",
        declares=Guard,
        hook="structkit_guards",
        build="structkit.kinds.guard:GuardKind",
        verbs=("fit", "judge", "save", "load"),
        summary="says what a prediction may promise, and when there is none",
    )


@hookimpl
def structkit_items() -> Iterator[Item]:
    yield Item(
        name="structure",
        build="structkit.data.items.structure:StructureItem",
        summary="atoms in a cell or without one",
    )
    yield Item(
        name="arrays",
        build="structkit.data.items.arrays:ArraysItem",
        summary="named arrays: a spectrum, an image, any representation",
    )


@hookimpl
def structkit_targets() -> Iterator[Target]:
    yield Target(
        name="classes",
        build="structkit.evaluation.classes:Classes",
        summary="a label for each structure",
    )
    yield Target(
        name="numbers",
        build="structkit.evaluation.numbers:Numbers",
        summary="a number with a unit for each structure",
    )
    yield Target(
        name="classes",
        per="atom",
        build="structkit.evaluation.atom_classes:AtomClasses",
        summary="a class for each atom",
    )
    yield Target(
        name="numbers",
        per="atom",
        build="structkit.evaluation.atom_numbers:AtomNumbers",
        summary="a number with a unit for each atom",
    )


@hookimpl
def structkit_executors() -> Iterator[Executor]:
    yield Executor(
        name="here",
        build="structkit.engine.executors:Here",
        summary="one piece of work after the other, in this process",
    )
    yield Executor(
        name="processes",
        build="structkit.engine.executors:Processes",
        summary="worker processes of this machine",
    )
