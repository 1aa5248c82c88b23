"""The hooks of this plugin: it writes a report when a run is finished, and when it is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from structkit import hookimpl

if TYPE_CHECKING:
    from structkit.recognised import Recognition
    from structkit.run import Run

STRUCTKIT_API = 1


@hookimpl
def structkit_report(run: Run) -> Path:
    from structkit_html_report.page import write_report

    return write_report(run)


@hookimpl
def structkit_recognition_report(recognition: Recognition, path: Path) -> Path:
    from structkit_html_report.recognition import write_recognition

    return write_recognition(recognition, path)


@hookimpl
def structkit_run_finished(run: Run) -> None:
    if run.report is None:  # a finished run that is found again keeps its report
        structkit_report(run)
