"""What this plugin offers to structkit."""

from collections.abc import Iterator

from structkit import Reference, Source, Transform, hookimpl

STRUCTKIT_API = 1

ASE = Reference(
    doi="10.1088/1361-648X/aa680e",
    authors="Larsen, Ask Hjorth and Mortensen, Jens Jørgen and others",
    title="The atomic simulation environment: a Python library for working with atoms",
    journal="Journal of Physics: Condensed Matter 29, 273002",
    year=2017,
)
AFLOW = Reference(
    doi="10.1016/j.commatsci.2017.01.017",
    authors="Mehl, Michael J. and Hicks, David and others",
    title="The AFLOW Library of Crystallographic Prototypes: Part 1",
    journal="Computational Materials Science 136, S1",
    year=2017,
)
SPGLIB = Reference(
    doi="10.1080/27660400.2024.2384822",
    authors="Togo, Atsushi and Shinohara, Kohei and Tanaka, Isao",
    title="Spglib: a software library for crystal symmetry search",
    journal="Science and Technology of Advanced Materials: Methods 4, 2384822",
    year=2024,
)
ZILETTI = Reference(
    doi="10.1038/s41467-018-05169-6",
    authors="Ziletti, Angelo and Kumar, Devinder and Scheffler, Matthias and Ghiringhelli, Luca M.",
    title="Insightful classification of crystal structures using deep learning",
    journal="Nature Communications 9, 2775",
    year=2018,
)
LEITHERER = Reference(
    doi="10.1038/s41467-021-26511-5",
    authors="Leitherer, Andreas and Ziletti, Angelo and Ghiringhelli, Luca M.",
    title="Robust recognition and exploratory analysis of crystal structures via Bayesian deep learning",
    journal="Nature Communications 12, 6234",
    year=2021,
)


@hookimpl
def structkit_sources() -> Iterator[Source]:
    yield Source(
        name="crystal-prototypes",
        build="structkit_crystal_source.source:CrystalPrototypes",
        settings="structkit_crystal_source.settings:PrototypeSettings",
        summary="crystals of the elements as measured, and their prototypes with elements exchanged",
        references=(ASE, AFLOW),
        shard=32,
    )
    yield Source(
        name="other-prototypes",
        build="structkit_crystal_source.others:OtherPrototypes",
        settings="structkit_crystal_source.settings:OtherSettings",
        summary="crystals of AFLOW's prototypes that are none of these classes: what a classifier has never seen",
        references=(AFLOW,),
        shard=32,
    )
    yield Source(
        name="stacking-faults",
        build="structkit_crystal_source.faults:StackingFaults",
        settings="structkit_crystal_source.settings:StackingSettings",
        summary="close-packed metals with faults and twins whose atoms know fcc from hcp",
        references=(ASE,),
        shard=4,
    )


@hookimpl
def structkit_transforms() -> Iterator[Transform]:
    yield Transform(
        name="standard-supercell",
        build="structkit_crystal_source.supercell:StandardSupercell",
        settings="structkit_crystal_source.settings:SupercellSettings",
        summary="the conventional cell in a standard orientation, repeated to a near-cubic cluster",
        references=(SPGLIB, ZILETTI),
        shard=128,
        chance=False,
    )
    yield Transform(
        name="point-defects",
        build="structkit_crystal_source.defects:PointDefects",
        settings="structkit_crystal_source.settings:DefectSettings",
        summary="vacancies and random displacements",
        references=(ZILETTI,),
        shard=256,
    )
    yield Transform(
        name="random-rotation",
        build="structkit_crystal_source.rotation:RandomRotation",
        settings="structkit_crystal_source.settings:RotationSettings",
        summary="turn a structure, cell and all, to an orientation drawn uniformly",
        shard=256,
    )
    yield Transform(
        name="strided-windows",
        build="structkit_crystal_source.windows:StridedWindows",
        settings="structkit_crystal_source.settings:StridedSettings",
        summary="overlapping spheres or cubes on a grid, so that a model of whole structures maps a sample",
        references=(LEITHERER,),
        shard=8,
        chance=False,
    )
