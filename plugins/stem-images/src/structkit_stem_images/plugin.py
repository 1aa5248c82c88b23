"""What this plugin offers to structkit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from structkit import Descriptor, Model, Reference, Source, Target, Transform, hookimpl
from structkit_torch_training import VERSION

if TYPE_CHECKING:
    from structkit.run import Run, Section

STRUCTKIT_API = 1
PACKAGE = "structkit_stem_images"
IMAGE = "image"
SITES = ("sites",)
PATTERNS = ("*.tif", "*.tiff", "*.png", "*.dm3", "*.dm4")

KIRKLAND = Reference(
    doi="10.1007/978-3-030-33260-0",
    authors="Kirkland, Earl J.",
    title="Advanced Computing in Electron Microscopy, third edition",
    journal="Springer",
    year=2020,
)
KRIVANEK = Reference(
    doi="10.1038/nature08879",
    authors="Krivanek, Ondrej L. and Chisholm, Matthew F. and Nicolosi, Valeria and others",
    title="Atom-by-atom structural and chemical analysis by annular dark-field electron microscopy",
    journal="Nature 464, 571",
    year=2010,
)
RONNEBERGER = Reference(
    doi="10.1007/978-3-319-24574-4_28",
    authors="Ronneberger, Olaf and Fischer, Philipp and Brox, Thomas",
    title="U-Net: Convolutional Networks for Biomedical Image Segmentation",
    journal="Lecture Notes in Computer Science 9351, 234",
    year=2015,
)
ZIATDINOV = Reference(
    doi="10.1021/acsnano.7b07504",
    authors="Ziatdinov, Maxim and Dyck, Ondrej and Maksov, Artem and others",
    title="Deep Learning of Atomically Resolved Scanning Transmission Electron Microscopy Images: Chemical "
    "Identification and Tracking Local Transformations",
    journal="ACS Nano 11, 12742",
    year=2017,
)


@hookimpl
def structkit_sources() -> Iterator[Source]:
    yield Source(
        name="thin-crystals",
        build=f"{PACKAGE}.crystals:ThinCrystals",
        settings=f"{PACKAGE}.settings:CrystalSettings",
        summary="pieces of monolayers and thin crystals as they lie under a beam: turned, strained, displaced",
        shard=8,
    )
    yield Source(
        name="image-files",
        makes=IMAGE,
        ragged=SITES,
        build=f"{PACKAGE}.source:ImageFiles",
        settings=f"{PACKAGE}.settings:ImageFilesSettings",
        picture=f"{PACKAGE}.picture:picture",
        summary="images of your own: TIFF, PNG, DM3 and DM4, each checked, its pixel size said, at one sampling",
        outside=f"{PACKAGE}.source:contents",
        reads=f"{PACKAGE}.reading:read_for_prediction",
        patterns=PATTERNS,
        checks=f"{PACKAGE}.source:check_files",
        shard=4,
        chance=False,
    )


@hookimpl
def structkit_transforms() -> Iterator[Transform]:
    yield Transform(
        name="marked-defects",
        build=f"{PACKAGE}.defects:MarkedDefects",
        settings=f"{PACKAGE}.settings:DefectSettings",
        summary="vacancies and substitutions that the structure remembers, so that images know them",
        shard=64,
    )
    yield Transform(
        name="microscope",
        reads=IMAGE,
        ragged=SITES,
        build=f"{PACKAGE}.microscope:Microscope",
        settings=f"{PACKAGE}.settings:MicroscopeSettings",
        picture=f"{PACKAGE}.picture:picture",
        summary="images as they are taken: dose, defocus, drift, distortion of the scan, contamination",
    )


@hookimpl
def structkit_descriptors() -> Iterator[Descriptor]:
    yield Descriptor(
        name="stem-image",
        produces=IMAGE,
        ragged=SITES,
        build=f"{PACKAGE}.stem_image:StemImage",
        settings=f"{PACKAGE}.settings:StemSettings",
        summary="annular dark field image: Z^p of the atoms under the probe, with the class of every pixel",
        references=(KIRKLAND, KRIVANEK),
        picture=f"{PACKAGE}.picture:picture",
    )


@hookimpl
def structkit_targets() -> Iterator[Target]:
    yield Target(
        name="classes",
        per="pixel",
        build=f"{PACKAGE}.pixel_classes:PixelClasses",
        summary="a class for each pixel of an image, and the columns that they make",
    )


@hookimpl
def structkit_models() -> Iterator[Model]:
    yield Model(
        name="unet",
        version=2,
        accepts=(IMAGE,),
        offers=("features", "gradients"),
        per="pixel",
        build=f"{PACKAGE}.unet:UNet",
        settings=f"{PACKAGE}.model_settings:UNetSettings",
        versions={"torch-training": VERSION},
        devices="structkit_torch_training.devices:available",
        summary="columns and defects of images: a class for every pixel, by a convolutional network",
        references=(RONNEBERGER, ZIATDINOV),
    )
    yield Model(
        name="column-peaks",
        version=2,
        accepts=(IMAGE,),
        per="pixel",
        build=f"{PACKAGE}.peaks:ColumnPeaks",
        settings=f"{PACKAGE}.model_settings:PeakSettings",
        summary="columns of images as local maxima: a baseline that learns two numbers",
    )


@hookimpl
def structkit_report_sections(run: Run) -> Iterator[Section]:
    steps = [*run.steps_using("unet"), *run.steps_using("column-peaks")]
    if steps:
        from structkit_stem_images.section import section

        yield from (section(run, step) for step in steps)
