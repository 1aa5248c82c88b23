"""The report: one self-contained HTML file that opens without a network."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from structkit import __version__
from structkit.errors import printable
from structkit.files import write_text
from structkit.pipeline.check import CheckedPipeline
from structkit.plugins.loading import Registry
from structkit.report.figures import data_uri
from structkit.report.gallery import galleries
from structkit.report.models import model_section
from structkit.report.tables import data_card, step_rows
from structkit.runs import Run, Section

log = logging.getLogger("structkit")


def write_report(run: Run, pipeline: CheckedPipeline) -> Path:
    """Write `report.html` into a finished run's folder."""
    return write_report_with(run, pipeline.registry)


def write_report_with(run: Run, registry: Registry) -> Path:
    """The same, from a run folder alone and the plugins that are installed."""
    path = run.folder / "report.html"
    write_text(path, render(run, _sections(run, registry), registry))
    return path


def render(run: Run, sections: list[Section], registry: Registry) -> str:
    """The report's HTML. Everything is escaped by the template; figures are images, which run no script."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("structkit.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    environment.filters["data_uri"] = data_uri
    return environment.get_template("template.html").render(_content(run, sections, registry))


def _content(run: Run, sections: list[Section], registry: Registry) -> dict[str, Any]:
    return {
        "name": run.name,
        "version": __version__,
        "provenance": run.provenance(),
        "seed": run.resolved["seed"],
        "steps": step_rows(run),
        "data": data_card(run),
        "models": [model_section(run, step, registry) for step in run.steps_of_kind("model")],
        "galleries": galleries(run, registry),
        "sections": sections,
        "bibliography": _read(run.folder / "references.bib"),
    }


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _sections(run: Run, registry: Registry) -> list[Section]:
    kept = []
    for distribution, sections in registry.call("structkit_report_sections", run=run):
        for section in sections or ():
            if isinstance(section, Section):
                kept.append(section)
            else:
                found = type(section).__name__
                log.warning("structkit_report_sections of %s gave a %s, expected a Section", distribution, found)
    return kept
