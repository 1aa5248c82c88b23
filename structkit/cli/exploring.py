"""`structkit explore`."""

from __future__ import annotations

from pathlib import Path

from structkit.cli.output import plugins_print_aside, say
from structkit.components import Explorer
from structkit.discovery.plugin import import_string
from structkit.discovery.registry import Registry
from structkit.errors import Problem, SpecError
from structkit.run import Run
from structkit.verbs import ExplorerLike

PAGE = "explore.html"


def explore_run(folder: Path, out: Path | None, rows: int, model: str | None, method: str) -> None:
    """Write a page to look around in a run, and say what it shows.

    Raises:
        SpecError: R005, R006, R007, of the run; P015, no installed plugin writes such a page.
        IntegrityError: what the run holds is damaged.
    """
    from structkit.discovery.loading import discover

    registry = discover()
    explorer, run = _installed(registry), Run(folder, registry)
    run.require_finished()
    path = out or run.folder
    path = path / PAGE if path.is_dir() else path
    with plugins_print_aside():
        sentences = explorer.write(run, path, rows, model, method)
    say(f"explorer: {path}")
    for sentence in sentences:
        say(sentence)


def _installed(registry: Registry) -> ExplorerLike:
    """The first explorer that a plugin declares."""
    declared = registry.of(Explorer)
    if not declared:
        fix = "install structkit-explorer"
        raise SpecError(Problem("P015", "no installed plugin writes a page to explore", fix=fix))
    explorer: ExplorerLike = import_string(declared[0].build)()
    return explorer
