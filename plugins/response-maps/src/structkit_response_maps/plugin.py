"""What this plugin offers to structkit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from structkit import Explainer, Reference, hookimpl

if TYPE_CHECKING:
    from structkit.run import Run, Section

STRUCTKIT_API = 1
NAME, PIXELS = "response-maps", "pixel-maps"

ZILETTI = Reference(
    doi="10.1038/s41467-018-05169-6",
    authors="Ziletti, Angelo and Kumar, Devinder and Scheffler, Matthias and Ghiringhelli, Luca M.",
    title="Insightful classification of crystal structures using deep learning",
    journal="Nature Communications 9, 2775",
    year=2018,
)

SHRIKUMAR = Reference(
    doi="10.48550/arXiv.1605.01713",
    authors="Shrikumar, Avanti and Greenside, Peyton and Shcherbina, Anna and Kundaje, Anshul",
    title="Not Just a Black Box: Learning Important Features Through Propagating Activation Differences",
    journal="arXiv:1605.01713",
    year=2016,
)

SUNDARARAJAN = Reference(
    doi="10.48550/arXiv.1703.01365",
    authors="Sundararajan, Mukund and Taly, Ankur and Yan, Qiqi",
    title="Axiomatic Attribution for Deep Networks",
    journal="Proceedings of ICML",
    year=2017,
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
    yield Explainer(
        name=PIXELS,
        needs=("gradients",),
        per="pixel",
        build="structkit_response_maps.pixel_maps:PixelMaps",
        settings="structkit_response_maps.settings:PixelMapSettings",
        summary="which pixels of an image carry the verdict on one of them",
        references=(SHRIKUMAR, SUNDARARAJAN, CAPTUM),
        ragged=(
            "relevance_gradient_x_input",
            "relevance_integrated_gradients",
            "relevance_nearness",
            "said",
        ),
    )


@hookimpl
def structkit_report_sections(run: Run) -> Iterator[Section]:
    if steps := run.steps_using(NAME):
        from structkit_response_maps.section import section

        yield from (section(run, step) for step in steps)
    if steps := run.steps_using(PIXELS):
        from structkit_response_maps.pixel_section import pixel_section

        yield from (pixel_section(run, step) for step in steps)
