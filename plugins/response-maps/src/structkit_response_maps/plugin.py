"""What this plugin offers to structkit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from structkit import Explainer, Reference, hookimpl
from structkit_response_maps.settings import ResponseMapSettings

if TYPE_CHECKING:
    from structkit.runs import Run, Section

STRUCTKIT_API = 1
NAME = "response-maps"

ZILETTI = Reference(
    doi="10.1038/s41467-018-05169-6",
    authors="Ziletti, Angelo and Kumar, Devinder and Scheffler, Matthias and Ghiringhelli, Luca M.",
    title="Insightful classification of crystal structures using deep learning",
    journal="Nature Communications 9, 2775",
    year=2018,
)


@hookimpl
def structkit_explainers() -> Iterator[Explainer]:
    yield Explainer(
        name=NAME,
        needs=("convolutions",),
        build="structkit_response_maps.maps:ResponseMaps",
        settings=ResponseMapSettings,
        summary="the parts of an image that the strongest filters of each layer respond to",
        references=(ZILETTI,),
        picture="structkit_response_maps.picture:picture",
    )


@hookimpl
def structkit_report_sections(run: Run) -> Iterator[Section]:
    from structkit_response_maps.section import section

    for step in run.steps_using(NAME):
        yield section(run, step)
