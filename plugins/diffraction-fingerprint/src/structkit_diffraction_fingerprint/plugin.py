"""What this plugin offers to structkit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from structkit import Descriptor, Reference, hookimpl
from structkit.records import EXPLANATIONS

if TYPE_CHECKING:
    from structkit.run import Run, Section

STRUCTKIT_API = 1

ZILETTI = Reference(
    doi="10.1038/s41467-018-05169-6",
    authors="Ziletti, Angelo and Kumar, Devinder and Scheffler, Matthias and Ghiringhelli, Luca M.",
    title="Insightful classification of crystal structures using deep learning",
    journal="Nature Communications 9, 2775",
    year=2018,
)

LORCH = Reference(
    doi="10.1088/0022-3719/2/2/305",
    authors="Lorch, E.",
    title="Neutron diffraction by germania, silica and radiation-damaged silica glasses",
    journal="Journal of Physics C: Solid State Physics 2, 229",
    year=1969,
)


@hookimpl
def structkit_descriptors() -> Iterator[Descriptor]:
    yield Descriptor(
        name="diffraction-fingerprint",
        produces="image",
        build="structkit_diffraction_fingerprint.fingerprint:DiffractionFingerprint",
        settings="structkit_diffraction_fingerprint.settings:FingerprintSettings",
        summary="two-dimensional diffraction images along three axes, as red, green and blue",
        references=(ZILETTI,),
        picture="structkit_diffraction_fingerprint.picture:picture",
    )
    yield Descriptor(
        name="powder-pattern",
        produces="vector",
        build="structkit_diffraction_fingerprint.powder:PowderPattern",
        version=2,
        settings="structkit_diffraction_fingerprint.settings:PowderSettings",
        picture="structkit_diffraction_fingerprint.picture:powder_curve",
        summary="orientation-averaged diffraction: the same whichever way the crystal is turned",
        references=(LORCH,),
    )
    yield Descriptor(
        name="powder-image",
        produces="image",
        build="structkit_diffraction_fingerprint.powder:PowderImage",
        version=2,
        settings="structkit_diffraction_fingerprint.settings:PowderImageSettings",
        summary="powder patterns of growing reach, as an image for a convolutional network; any orientation",
        references=(LORCH,),
        picture="structkit_diffraction_fingerprint.picture:powder_picture",
    )


@hookimpl
def structkit_report_sections(run: Run) -> Iterator[Section]:
    images = [*run.steps_using("diffraction-fingerprint"), *run.steps_using("powder-image")]
    if images and run.steps_with(EXPLANATIONS):
        # imports pymatgen: for those runs alone
        from structkit_diffraction_fingerprint.peaks import (
            sections,
        )

        yield from sections(run)
