"""Run folders as they are received: their pipeline is data, the loose plugins that it names are code.

What a run here has used, somebody here has chosen to run; a folder from elsewhere may name any
file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from structkit.errors import Problem, SpecError
from structkit.pipeline.check import check
from structkit.pipeline.checked import CheckedPipeline
from structkit.pipeline.spec import load
from structkit.run import Run
from structkit.store.store import HOME, Store


def pipeline_of(run: Run, allowed: Sequence[Path] = (), home: Path = HOME) -> CheckedPipeline:
    """The pipeline of a finished run, checked against what is installed.

    Args:
        run: whose `resolved.yaml` it is.
        allowed: loose plugins that may be run although no run here has used them.
        home: the folder of the store that knows what has been used here.

    Raises:
        SpecError: P008, a loose plugin that no run here has used.
    """
    spec = load(run.folder / "resolved.yaml")
    require_used((spec.path.parent / name for name in spec.pipeline.plugins), allowed, home)
    return check(spec)


def require_used(files: Iterable[Path], allowed: Sequence[Path] = (), home: Path = HOME) -> None:
    """Refuse loose plugins that no run here has used as they are now, and that nobody allows.

    Raises:
        SpecError: P008.
    """
    known, store = {path.resolve() for path in allowed}, Store(home)
    for path in dict.fromkeys(file.resolve() for file in files):
        if path not in known and not store.has_used(path):
            fix = f"read it: it is a program; then run the pipeline again, or say --allow-plugin {path}"
            message = "the run names a plugin that no run here has used as it is now"
            raise SpecError(Problem("P008", message, str(path), fix))
