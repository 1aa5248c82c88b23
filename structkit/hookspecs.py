# mypy: disable-error-code="empty-body"
"""The hooks: everything a plugin can tell structkit, and everything structkit tells a plugin.

What a pipeline file can name is a declaration; what happened is an event. Hooks run in the parent
process only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pluggy

from structkit.components import (
    Descriptor,
    Executor,
    Explainer,
    Explorer,
    Guard,
    Item,
    Kind,
    Model,
    Source,
    Target,
    Transform,
)

if TYPE_CHECKING:
    from structkit.run import Run, Section

PROJECT = "structkit"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


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
def structkit_run_started(run: Run) -> None:
    """A run has been checked and begins.

    Args:
        run: its folder and resolved pipeline; results are not there yet.

    The result is ignored, and an exception is told in one line, logged, and never stops the run.

    Example::

        @hookimpl
        def structkit_run_started(run):
            tracker.start(run.name)
    """


@hookspec
def structkit_step_finished(run: Run, step: str, cached: bool, seconds: float) -> None:
    """A step is done and its result can be read from `run`.

    Args:
        run: the run so far.
        step: the id of the step.
        cached: whether its result was already in the store.
        seconds: wall time spent on it.

    Example::

        @hookimpl
        def structkit_step_finished(run, step, cached, seconds):
            tracker.log(step, seconds)
    """


@hookspec
def structkit_epoch_finished(run: Run, step: str, record: Mapping[str, float]) -> None:
    """A model has learnt for one more epoch.

    Args:
        run: the run so far.
        step: the id of the model's step.
        record: what the model said of the epoch: numbers by name, `epoch` among them.

    Told while the training goes on, from wherever it is done. A training that goes on after a kill
    tells the epochs of before once more.

    Example::

        @hookimpl
        def structkit_epoch_finished(run, step, record):
            tracker.log(step, record["epoch"], record.get("valid_loss"))
    """


@hookspec
def structkit_run_failed(run: Run, error: Exception) -> None:
    """A run has ended before its end, by a fault: of data, of a component, of the disk.

    Args:
        run: what is there of it.
        error: what is said of it: one or several problems, each with its code, place and way out.

    A run that somebody stopped has not failed: nothing is told.

    Example::

        @hookimpl
        def structkit_run_failed(run, error):
            tracker.fail(run.name, str(error))
    """


@hookspec
def structkit_run_finished(run: Run) -> None:
    """A run is complete: every step and the scores are there, and sealed.

    Args:
        run: the finished run, to read only.

    Told again whenever the same command finds its run complete, so that what failed before can be
    made now. An exception is told in one line and logged; the run stays finished.

    Example::

        @hookimpl
        def structkit_run_finished(run):
            tracker.finish(run.scores())
    """
