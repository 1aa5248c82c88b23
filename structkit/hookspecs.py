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

from structkit.declaration_hookspecs import (  # noqa: F401  (hooks are looked for in this module)
    structkit_descriptors,
    structkit_executors,
    structkit_explainers,
    structkit_guards,
    structkit_items,
    structkit_kinds,
    structkit_models,
    structkit_ready_models,
    structkit_sources,
    structkit_targets,
    structkit_transforms,
)

if TYPE_CHECKING:
    from structkit.recognised import Recognition
    from structkit.run import Run, Section

PROJECT = "structkit"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


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
    """Write the report of a finished run, over one that is there.

    `structkit report` asks for it. A plugin that also wants a report of every run calls this from
    `structkit_run_finished`.

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
