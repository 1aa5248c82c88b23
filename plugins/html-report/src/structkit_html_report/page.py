"""The report: one self-contained HTML file that opens without a network."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from structkit import __version__
from structkit.records import EXPLANATIONS, SCORES, TRUST
from structkit.run import REPORT, AnyFigure, Run, Section
from structkit.store.files import write_text
from structkit.store.reading import opened
from structkit_html_report.alone import alone
from structkit_html_report.compare import comparison
from structkit_html_report.contents import anchored
from structkit_html_report.gallery import gallery
from structkit_html_report.guard_part import guard_part
from structkit_html_report.images import as_image, data_uri
from structkit_html_report.models import model_section
from structkit_html_report.opening import opening
from structkit_html_report.tables import data_card, makers, step_rows
from structkit_html_report.texts import LONGEST_BLOCK, Block, shown
from structkit_html_report.varied import is_varied, varied_figures

log = logging.getLogger("structkit")
EXPLORER = "explore.html"  # what `structkit explore` writes beside the report


def write_report(run: Run | Path | str) -> Path:
    """Write `report.html` into the folder of a finished run.

    Args:
        run: the run; of a folder alone, sections and pictures come from the installed plugins.

    Returns:
        The file.
    """
    if not isinstance(run, Run):
        run = Run(run)
    path = run.folder / REPORT
    write_text(path, render(run))
    return path


def render(run: Run) -> str:
    """The report's HTML. The template escapes everything; figures are images, which run nothing."""
    environment = Environment(
        loader=PackageLoader("structkit_html_report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=shown,
    )
    environment.filters["data_uri"] = data_uri
    environment.globals["explorer"] = EXPLORER if (run.folder / EXPLORER).is_file() else ""
    return environment.get_template("report.html").render(_content(run))


def _content(run: Run) -> dict[str, Any]:
    models = run.steps_with(SCORES)
    content = _parts(run, models)
    return {**content, "contents": anchored(content)}


def _parts(run: Run, models: Sequence[str]) -> dict[str, Any]:
    """All that the report says, part by part, in the order in which it stands there."""
    return {
        "name": run.name,
        "version": __version__,
        "provenance": run.provenance(),
        "seed": run.resolved["seed"],
        "opening": alone("Verdict", partial(opening, run)),
        "compared": alone("All models", partial(comparison, run)),
        "varied": [part for part in _varied(run, models) if part["failed"] or part["figures"]],
        "models": [alone(step, partial(model_section, run, step)) for step in models],
        "guards": [_guard(run, step) for step in run.steps_with(TRUST)],
        "galleries": [_gallery(run, step) for step in run.steps_with(EXPLANATIONS)],
        "sections": [alone(str(one.title), partial(_section, one)) for one in run.sections()],
        "data": [alone(step, partial(data_card, run, step)) for step in makers(run)],
        "steps": step_rows(run),
        "bibliography": _read(run.folder / "references.bib"),
    }


def _guard(run: Run, step: str) -> dict[str, Any]:
    return alone(f"Guard: {step}", partial(guard_part, run, step))


def _gallery(run: Run, step: str) -> dict[str, Any]:
    return alone(f"Explanations: {step}", partial(gallery, run, step))


def _varied(run: Run, models: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What was varied, model by model."""
    for step in filter(partial(is_varied, run), models):
        yield alone(f"{step} against what was varied", partial(_varied_part, run, step))


def _varied_part(run: Run, step: str) -> dict[str, Any]:
    return {"step": step, "figures": varied_figures(run, step)}


def _read(path: Path) -> Block:
    """A text of the run, as far as a page can hold it."""
    if not path.exists():
        return Block()
    with opened(path) as stream:
        return Block(stream.read(2 * LONGEST_BLOCK).decode("utf-8", "replace"))


def _section(section: Section) -> dict[str, Any]:
    """A plugin's section as the template shows it, without the figures that cannot be drawn."""
    images = [(_image(section, figure), str(caption)) for figure, caption in section.figures]
    return {
        "paragraphs": [Block(text) for text in section.paragraphs],
        "header": [str(cell) for cell in section.header],
        "rows": [list(map(str, line)) for line in section.rows],
        "figures": [(image, caption) for image, caption in images if image],
    }


def _image(section: Section, figure: AnyFigure) -> bytes | None:
    try:
        return as_image(figure)
    except Exception:
        log.warning("a figure of section '%s' failed", section.title, exc_info=True)
        return None
