"""What this plugin offers to structkit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from structkit import Explainer, Reference, hookimpl

if TYPE_CHECKING:
    from structkit.run import Run, Section

STRUCTKIT_API = 1
NAME = "response-maps"

ZILETTI = Reference(
    doi="10.1038/s41467-018-05169-6",
    authors="Ziletti, Angelo and Kumar, Devinder and Scheffler, Matthias and Ghiringhelli, Luca M.",
    title="Insightful classification of crystal structures using deep learning",
    journal="Nature Communications 9, 2775",
    year=2018,
)

CAPTUM = Reference(
    doi="10.48550/arXiv.2009.07896",
    authors="Kokhlikyan, Narine and Miglani, Vivek and Martin, Miguel and Wang, Edward and others",
    title="Captum: A unified and generic model interpretability library for PyTorch",
    journal="arXiv:2009.07896",
    year=2020,
)


@hookimpl
def structkit_explainers() -> Iterator[Explainer]:
    yield Explainer(
        name=NAME,
        needs=("convolutions", "gradients"),
        build="structkit_response_maps.maps:ResponseMaps",
        settings="structkit_response_maps.settings:ResponseMapSettings",
        summary="which parts of an image the filters respond to, and which speak for the predicted class",
        references=(ZILETTI, CAPTUM),
        picture="structkit_response_maps.picture:picture",
    )


@hookimpl
def structkit_report_sections(run: Run) -> Iterator[Section]:
    if steps := run.steps_using(NAME):
        from structkit_response_maps.section import section

        yield from (section(run, step) for step in steps)
