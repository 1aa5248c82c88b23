"""What this plugin offers to structkit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from structkit import Descriptor, Explainer, Model, Reference, Source, Target, Transform, hookimpl
from structkit_torch_training import VERSION

if TYPE_CHECKING:
    from structkit.run import Run, Section

STRUCTKIT_API = 1
PACKAGE = "structkit_powder_spectra"
SPECTRUM = "spectrum"
LINES = ("hkl", "strength")
PATTERNS = ("*.xy", "*.xye", "*.csv", "*.txt", "*.dat", "*.asc", "*.tsv", "*.chi", "*.xrdml")

DE_GRAEF = Reference(
    doi="10.1017/CBO9781139051637",
    authors="De Graef, Marc and McHenry, Michael E.",
    title="Structure of Materials, second edition",
    journal="Cambridge University Press",
    year=2012,
)
THOMPSON = Reference(
    doi="10.1107/S0021889887087090",
    authors="Thompson, P. and Cox, D. E. and Hastings, J. B.",
    title="Rietveld refinement of Debye-Scherrer synchrotron X-ray data from Al2O3",
    journal="Journal of Applied Crystallography 20, 79",
    year=1987,
)
DEBYE = Reference(
    doi="10.1002/andp.19153510606",
    authors="Debye, P.",
    title="Zerstreuung von Röntgenstrahlen",
    journal="Annalen der Physik 351, 809",
    year=1915,
)
LORCH = Reference(
    doi="10.1088/0022-3719/2/2/305",
    authors="Lorch, E.",
    title="Neutron diffraction by germania, silica and radiation-damaged silica glasses",
    journal="Journal of Physics C: Solid State Physics 2, 229",
    year=1969,
)
DOLLASE = Reference(
    doi="10.1107/S0021889886089458",
    authors="Dollase, W. A.",
    title="Correction of intensities for preferred orientation in powder diffractometry",
    journal="Journal of Applied Crystallography 19, 267",
    year=1986,
)
HILL = Reference(
    doi="10.1107/S0021889887086199",
    authors="Hill, R. J. and Howard, C. J.",
    title="Quantitative phase analysis from neutron powder diffraction data using the Rietveld method",
    journal="Journal of Applied Crystallography 20, 467",
    year=1987,
)
RYAN = Reference(
    doi="10.1016/0168-583X(88)90063-8",
    authors="Ryan, C. G. and Clayton, E. and Griffin, W. L. and Sie, S. H. and Cousens, D. R.",
    title="SNIP, a statistics-sensitive background treatment for the quantitative analysis of PIXE spectra",
    journal="Nuclear Instruments and Methods in Physics Research B 34, 396",
    year=1988,
)
CAPTUM = Reference(
    doi="10.48550/arXiv.2009.07896",
    authors="Kokhlikyan, Narine and Miglani, Vivek and Martin, Miguel and Wang, Edward and others",
    title="Captum: A unified and generic model interpretability library for PyTorch",
    journal="arXiv:2009.07896",
    year=2020,
)
OVIEDO = Reference(
    doi="10.1038/s41524-019-0196-x",
    authors="Oviedo, Felipe and Ren, Zekun and Sun, Shijing and others",
    title="Fast and interpretable classification of small X-ray diffraction datasets using data "
    "augmentation and deep neural networks",
    journal="npj Computational Materials 5, 60",
    year=2019,
)


@hookimpl
def structkit_sources() -> Iterator[Source]:
    yield Source(
        name="spectrum-files",
        makes=SPECTRUM,
        build=f"{PACKAGE}.source:SpectrumFiles",
        settings=f"{PACKAGE}.settings:SpectrumFilesSettings",
        picture=f"{PACKAGE}.picture:picture",
        summary="measured powder patterns of your own: columns of text and XRDML, each checked, on one grid",
        outside=f"{PACKAGE}.source:contents",
        reads=f"{PACKAGE}.reading:read_for_prediction",
        patterns=PATTERNS,
        checks=f"{PACKAGE}.source:check_files",
        shard=16,
        chance=False,
    )
    yield Source(
        name="common-phases",
        build=f"{PACKAGE}.mixing:CommonPhases",
        settings=f"{PACKAGE}.mixture_settings:PhaseSourceSettings",
        summary="crystals that are often met: impurities, standards, sample holders",
        chance=False,
    )
    yield Source(
        name="simulated-mixtures",
        makes=SPECTRUM,
        build=f"{PACKAGE}.mixing:SimulatedMixtures",
        settings=f"{PACKAGE}.mixture_settings:MixtureSettings",
        summary="patterns of mixtures whose weight fractions are known",
        references=(HILL, DOLLASE),
        reads=f"{PACKAGE}.reading:read_for_prediction",
        patterns=PATTERNS,
        shard=16,
    )


@hookimpl
def structkit_targets() -> Iterator[Target]:
    yield Target(
        name="phase-fractions",
        build=f"{PACKAGE}.fractions:PhaseFractionsTarget",
        summary="weight fractions of phases, by labels such as 0.6 g ZnO + 0.4 g TiO2",
    )


@hookimpl
def structkit_transforms() -> Iterator[Transform]:
    yield Transform(
        name="instrument",
        reads=SPECTRUM,
        ragged=LINES,
        build=f"{PACKAGE}.instrument:Instrument",
        settings=f"{PACKAGE}.settings:InstrumentSettings",
        version=2,
        picture=f"{PACKAGE}.picture:picture",
        summary="patterns as instruments and samples give them: shifts, texture, widths, impurities, noise",
        references=(DOLLASE, OVIEDO),
    )
    yield Transform(
        name="tidy-spectrum",
        reads=SPECTRUM,
        ragged=LINES,
        build=f"{PACKAGE}.tidy:TidySpectrum",
        settings=f"{PACKAGE}.settings:TidySettings",
        picture=f"{PACKAGE}.picture:picture",
        summary="the background clipped away and the scale made one, for measured and simulated patterns alike",
        references=(RYAN,),
        chance=False,
    )


@hookimpl
def structkit_descriptors() -> Iterator[Descriptor]:
    yield Descriptor(
        name="powder-xrd",
        produces=SPECTRUM,
        ragged=LINES,
        build=f"{PACKAGE}.pattern:PowderXrd",
        settings=f"{PACKAGE}.settings:PowderSettings",
        summary="the X-ray powder pattern of a crystal, with the profile of an instrument",
        references=(DE_GRAEF, THOMPSON),
        picture=f"{PACKAGE}.picture:picture",
    )
    yield Descriptor(
        name="pair-distribution",
        produces=SPECTRUM,
        build=f"{PACKAGE}.pair_distribution:PairDistribution",
        settings=f"{PACKAGE}.pair_settings:PairSettings",
        summary="G(r) or S(q) of crystals, clusters and glasses, for X-rays and neutrons",
        references=(DEBYE, LORCH),
        picture=f"{PACKAGE}.picture:picture",
    )


@hookimpl
def structkit_models() -> Iterator[Model]:
    yield Model(
        name="spectrum-cnn",
        accepts=(SPECTRUM,),
        offers=("gradients", "features"),
        build=f"{PACKAGE}.classifier:SpectrumCnn",
        settings=f"{PACKAGE}.network_settings:SpectrumCnnSettings",
        versions={"torch-training": VERSION},
        devices="structkit_torch_training.devices:available",
        summary="convolutional network along the axis of spectra",
        references=(OVIEDO,),
    )
    yield Model(
        name="phase-fractions",
        accepts=(SPECTRUM,),
        predicts="phase-fractions",
        build=f"{PACKAGE}.fractions_model:PhaseFractions",
        settings=f"{PACKAGE}.phase_settings:PhaseSettings",
        summary="weight fractions of the phases of a mixture, with intervals, and what no phase explains",
        references=(HILL,),
        chance=False,
    )


@hookimpl
def structkit_explainers() -> Iterator[Explainer]:
    yield Explainer(
        name="spectrum-maps",
        needs=("gradients",),
        ragged=("line_places", "line_planes", "line_relevance"),
        build=f"{PACKAGE}.maps:SpectrumMaps",
        settings=f"{PACKAGE}.network_settings:SpectrumMapSettings",
        summary="which stretches of a spectrum a prediction rests on, and which planes reflect there",
        version=2,
        references=(CAPTUM,),
        picture=f"{PACKAGE}.picture:map_picture",
    )


@hookimpl
def structkit_report_sections(run: Run) -> Iterator[Section]:
    if steps := run.steps_using("spectrum-maps"):
        from structkit_powder_spectra.section import section

        yield from (section(run, step) for step in steps)
    if steps := run.steps_using("phase-fractions"):
        from structkit_powder_spectra.mixture_section import mixture_section

        yield from (mixture_section(run, step) for step in steps)
