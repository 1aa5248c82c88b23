# mypy: disable-error-code="empty-body"
"""The hooks: everything a plugin can tell structkit, and everything structkit tells a plugin.

What a pipeline file can name is a declaration; what happened is an event. Hooks run in the parent
process only.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

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
    Source,
    Target,
    Transform,
)
from structkit.events import (
    PROJECT,
    hookimpl,
    hookspec,
    structkit_epoch_finished,
    structkit_run_failed,
    structkit_run_finished,
    structkit_run_started,
    structkit_step_finished,
)

if TYPE_CHECKING:
    from structkit.recognised import Recognition
    from structkit.run import Run, Section

__all__ = [
    "PROJECT",
    "hookimpl",
    "hookspec",
    "structkit_epoch_finished",
    "structkit_run_failed",
    "structkit_run_finished",
    "structkit_run_started",
    "structkit_step_finished",
]


@hookspec
def structkit_sources() -> Iterable[Source]:
    """Declare sources: components that make structures.

    Called once, when a verb needs the plugins. Must not import anything heavy.

    Example::

        @hookimpl
        def structkit_sources():
            yield Source(name="quartz", build="my_plugin.quartz:Quartz", summary="strained quartz")
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
                             summary="bonded rings by length")
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
            yield Guard(name="margin", build="my_plugin.margin:Margin", summary="refuses ties")
    """


@hookspec
def structkit_executors() -> Iterable[Executor]:
    """Declare executors: places where work is done, chosen with `structkit run FILE --executor NAME`.

    Example::

        @hookimpl
        def structkit_executors():
            yield Executor(name="threads", build="my_plugin.threads:Threads", summary="threads")
    """


@hookspec
def structkit_explorers() -> Iterable[Explorer]:
    """Declare explorers: what writes a page to look around in a run, for `structkit explore RUN`.

    Example::

        @hookimpl
        def structkit_explorers():
            yield Explorer(name="slices", build="my_plugin.slices:Slices", summary="in slices")
    """


@hookspec
def structkit_kinds() -> Iterable[Kind]:
    """Declare kinds of step, beside source, transform, descriptor, model, explainer and guard.

    Plugins then declare components of the kind through the hook that it names.

    Example::

        @hookimpl
        def structkit_kinds():
            yield Kind(name="measure", build="my_plugin.measure:MeasureKind", declares=Measure,
                       hook="structkit_measures", verbs=("__call__",), summary="one number a table")
    """


@hookspec
def structkit_items() -> Iterable[Item]:
    """Declare items: what rows can hold beside structures and plain arrays.

    Example::

        @hookimpl
        def structkit_items():
            yield Item(name="sequence", build="my_plugin.sequence:SequenceItem", summary="letters")
    """


@hookspec
def structkit_targets() -> Iterable[Target]:
    """Declare targets: what a model can be asked to say, beside classes and numbers.

    Example::

        @hookimpl
        def structkit_targets():
            yield Target(name="ranks", build="my_plugin.ranks:Ranks", summary="an order of rows")
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


@hookspec
def structkit_report_sections(run: Run) -> Iterable[Section]:
    """Add sections to the report of a run.

    Args:
        run: the finished run: its steps, tables, models and scores, to read only.

    Whoever writes the report escapes everything in a `Section`: text is text, a figure is an image.
    A figure is a matplotlib `Figure`, an array of pixels (uint8, height × width × 3), or the bytes
    of a PNG or an SVG.

    Example::

        from structkit import Section, hookimpl

        @hookimpl
        def structkit_report_sections(run):
            for step in run.steps_using("rings"):
                yield Section(title=f"Rings in {step}", paragraphs=("mean ring length ...",))
    """


@hookspec
def structkit_report(run: Run) -> Path | None:
    """Write the report of a finished run, over one that is there; `structkit report` asks for it.

    A plugin that also wants a report of every run calls this from `structkit_run_finished`.

    Args:
        run: the finished run; `run.sections()` and `run.picture(step)` are what plugins give.

    Returns the file that was written, or nothing.

    Example::

        @hookimpl
        def structkit_report(run):
            path = run.folder / "report.txt"
            path.write_text(", ".join(section.title for section in run.sections()))
            return path
    """


@hookspec
def structkit_recognition_report(recognition: Recognition, path: Path) -> Path | None:
    """Write a page about what `structkit recognise` said, over one that is there.

    Args:
        recognition: what was said of every structure, and of the atoms of the last one.
        path: of the page.

    Returns the file that was written, or nothing.

    Example::

        @hookimpl
        def structkit_recognition_report(recognition, path):
            path.write_text(", ".join(one["verdict"] for one in recognition.structures))
            return path
    """
