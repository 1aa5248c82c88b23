"""From a run to a page: what is shown, what is known of it, where it lies on the map."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from structkit.run import Run
from structkit.store.files import write_text
from structkit_explorer.columns import columns_of
from structkit_explorer.features import features_of
from structkit_explorer.page import Page, render
from structkit_explorer.projection import projected
from structkit_explorer.shapes import shapes_of
from structkit_explorer.subject import Subject, subject_of

PAGE, ROWS = "explore.html", 1000


class MapExplorer:
    """Writes a page with a map and a 3-D view, as `structkit.verbs.ExplorerLike`."""

    def write(
        self, run: Run, path: Path, rows: int, model: str | None = None, method: str = "pca"
    ) -> Sequence[str]:
        """Write the page, and say what it shows and leaves out.

        Raises:
            SpecError: R006, no such model, or no numbers to make a map of; P015, UMAP is not
                installed.
        """
        subject = subject_of(run, model, rows)
        page = _page(subject, method)
        write_text(path, render(page))
        return page.notes


def write_explorer(
    run: Run | Path | str, path: Path | None = None, rows: int = ROWS, method: str = "pca"
) -> Path:
    """Write the page of a finished run.

    Args:
        run: or its folder.
        path: of the file; `explore.html` in the folder of the run unless given.
        rows: how many at most; of more, so many are drawn at random with the seed of the run.
        method: of the map: `pca`, or `umap` where that is installed.

    Returns:
        The file.

    Raises:
        SpecError: as `MapExplorer.write`.
    """
    if not isinstance(run, Run):
        run = Run(run)
    run.require_finished()
    path = path or run.folder / PAGE
    MapExplorer().write(run, path, rows, method=method)
    return path


def _page(subject: Subject, method: str) -> Page:
    features = features_of(subject)
    shapes = shapes_of(subject)
    chart = projected(features.values, method, subject.seed)
    columns = columns_of(subject)
    notes = [subject.words, f"{chart.words} of {features.words}", *shapes.notes]
    return Page(subject.run.name, notes, chart, columns, shapes.items, subject.atom_classes)
