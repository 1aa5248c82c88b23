"""Run folders as they are received: their pipeline is data, the loose plugins that it names are code.

What this user has run, this user has chosen to run; a folder from elsewhere may name any file, and
may bring a store that says anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from structkit.discovery.allowed import is_remembered
from structkit.discovery.plugin import Permit, digest_of_loose
from structkit.errors import Problem, SpecError
from structkit.pipeline.check import check
from structkit.pipeline.checked import CheckedPipeline
from structkit.pipeline.spec import load
from structkit.run import Run
from structkit.store.store import home_store


def pipeline_of(run: Run, allowed: Sequence[Path] = ()) -> CheckedPipeline:
    """The pipeline of a finished run, checked against what is installed.

    Args:
        run: whose `resolved.yaml` it is.
        allowed: loose plugins that may be run although this user has not run them.

    Raises:
        SpecError: P008, a loose plugin that this user has not run.
    """
    spec = load(run.folder / "resolved.yaml")
    require_used((spec.path.parent / name for name in spec.pipeline.plugins), allowed)
    return check(spec, permit(allowed))


def require_used(files: Iterable[Path], allowed: Sequence[Path] = ()) -> None:
    """Refuse loose plugins that this user has not run as they are now, and that nobody allows.

    Raises:
        SpecError: P008.
    """
    ask = permit(allowed)
    for path in dict.fromkeys(file.resolve() for file in files):
        ask(path, digest_of_loose(path) if path.is_file() else "")


def permit(allowed: Sequence[Path] = ()) -> Permit:
    """Ask of the very bytes that are to run whether they may: a file may change after it was looked at."""
    named = {path.resolve() for path in allowed}

    def ask(path: Path, digest: str) -> None:
        if path.resolve() not in named and not is_remembered(path.resolve(), digest):
            raise SpecError(_not_remembered(path))

    return ask


def _not_remembered(path: Path) -> Problem:
    message = "the run names a plugin that no run here has used as it is now"
    if home_store().brings_marks:
        message += " (what the store says of it is not believed)"
    fix = f"read it: it is a program; then run the pipeline again, or say --allow-plugin {path}"
    return Problem("P008", message, str(path), fix)
