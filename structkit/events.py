# mypy: disable-error-code="empty-body"
"""The hooks that say what has happened to a run; they are hooks like those of `structkit.hookspecs`, which has them all.

The result of each is ignored, and an exception is told in one line, logged, and never stops the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from structkit.run import Run

PROJECT = "structkit"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


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
