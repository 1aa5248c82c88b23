# mypy: disable-error-code="empty-body"
"""The collection hooks: what a plugin declares. `structkit.hookspecs` has these and the events."""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from structkit.components import (
    Descriptor,
    Executor,
    Explainer,
    Guard,
    Item,
    Kind,
    Model,
    ReadyModel,
    Source,
    Target,
    Transform,
)

hookspec = pluggy.HookspecMarker("structkit")


@hookspec
def structkit_sources() -> Iterable[Source]:
    """Declare sources: components that make structures.

    Called once, when a verb needs the plugins. Must not import anything heavy.

    Example::

        @hookimpl
        def structkit_sources():
            yield Source(name="quartz", build="my_plugin.quartz:Quartz", summary="strained quartz
            cells")
    """


@hookspec
def structkit_transforms() -> Iterable[Transform]:
    """Declare transforms: components that turn one structure into 0…n structures.

    Example::

        @hookimpl
        def structkit_transforms():
            yield Transform(name="shear", build="my_plugin.shear:Shear", settings=ShearSettings,
                            summary="shear the cell by a random angle")
    """


@hookspec
def structkit_descriptors() -> Iterable[Descriptor]:
    """Declare descriptors: components that turn one structure into named arrays.

    Example::

        @hookimpl
        def structkit_descriptors():
            yield Descriptor(name="rings", produces="vector", build="my_plugin.rings:Rings",
                             summary="counts of bonded rings by length")
    """


@hookspec
def structkit_models() -> Iterable[Model]:
    """Declare models: components that learn on a table and predict class probabilities.

    Example::

        @hookimpl
        def structkit_models():
            yield Model(name="forest", accepts=("vector",), build="my_plugin.forest:Forest",
                        summary="random forest")
    """


@hookspec
def structkit_explainers() -> Iterable[Explainer]:
    """Declare explainers: components that say which part of an input a prediction rests on.

    Example::

        @hookimpl
        def structkit_explainers():
            yield Explainer(name="occlusion", build="my_plugin.occlusion:Occlusion",
                            summary="loss of probability when a patch is hidden")
    """


@hookspec
def structkit_guards() -> Iterable[Guard]:
    """Declare guards: components that say what a prediction may promise.

    Example::

        @hookimpl
        def structkit_guards():
            yield Guard(name="margin", build="my_plugin.margin:Margin",
                        summary="refuses rows whose two best classes are too close")
    """


@hookspec
def structkit_executors() -> Iterable[Executor]:
    """Declare executors: places where work is done, chosen with `structkit run FILE --executor NAME`.

    Example::

        @hookimpl
        def structkit_executors():
            yield Executor(name="threads", build="my_plugin.threads:Threads", summary="threads of
            one process")
    """


@hookspec
def structkit_kinds() -> Iterable[Kind]:
    """Declare kinds of step, beside source, transform, descriptor, model, explainer and guard.

    Plugins then declare components of the kind through the hook that it names.

    Example::

        @hookimpl
        def structkit_kinds():
            yield Kind(name="measure", build="my_plugin.measure:MeasureKind", declares=Measure,
                       hook="structkit_measures", verbs=("__call__",), summary="one number of a
                       whole table")
    """


@hookspec
def structkit_items() -> Iterable[Item]:
    """Declare items: what rows can hold beside structures and plain arrays.

    Example::

        @hookimpl
        def structkit_items():
            yield Item(name="sequence", build="my_plugin.sequence:SequenceItem", summary="letters of
            a polymer")
    """


@hookspec
def structkit_targets() -> Iterable[Target]:
    """Declare targets: what a model can be asked to say, beside classes and numbers.

    Example::

        @hookimpl
        def structkit_targets():
            yield Target(name="ranks", build="my_plugin.ranks:Ranks", summary="an order of the rows
            of a group")
    """


@hookspec
def structkit_ready_models() -> Iterable[ReadyModel]:
    """Declare ready models: trained, shipped with the plugin, used by `structkit recognise`.

    Example::

        @hookimpl
        def structkit_ready_models():
            yield ReadyModel(name="clathrates", build="my_plugin.clathrates:Clathrates",
                             versions={"local-environments": 1}, summary="cages of water")
    """
