"""What the core itself offers, through the same hooks as everybody."""

from collections.abc import Iterator

from structkit.builtin.settings import FilesSettings, RecordedSettings, SelectSettings
from structkit.components import Descriptor, Reference, Source, Transform
from structkit.hookspecs import hookimpl

STRUCTKIT_API = 1

ASE = Reference(
    doi="10.1088/1361-648X/aa680e",
    authors="Larsen, Ask Hjorth and Mortensen, Jens Jørgen and others",
    title="The atomic simulation environment: a Python library for working with atoms",
    journal="Journal of Physics: Condensed Matter 29, 273002",
    year=2017,
)
GEMMI = Reference(
    doi="10.21105/joss.04200",
    authors="Wojdyr, Marcin",
    title="GEMMI: A library for structural biology",
    journal="Journal of Open Source Software 7, 4200",
    year=2022,
)


@hookimpl
def structkit_sources() -> Iterator[Source]:
    yield Source(
        name="files",
        build="structkit.builtin.files:Files",
        settings=FilesSettings,
        summary="structure files of your own: CIF, POSCAR, extended XYZ, LAMMPS dumps, and what else ase reads",
        references=(ASE, GEMMI),
        outside="structkit.builtin.finding:contents",
        reads="structkit.builtin.reading:read_for_prediction",
        shard=16,
    )


@hookimpl
def structkit_transforms() -> Iterator[Transform]:
    yield Transform(
        name="select",
        build="structkit.builtin.recorded:Select",
        settings=SelectSettings,
        summary="the structures with wanted values of a label, a column or something recorded in info",
        shard=256,
    )


@hookimpl
def structkit_descriptors() -> Iterator[Descriptor]:
    yield Descriptor(
        name="recorded",
        produces="vector",
        build="structkit.builtin.recorded:Recorded",
        settings=RecordedSettings,
        summary="numbers recorded with a structure, such as its energy: a baseline that sees nothing else",
    )
