"""What this plugin offers to structkit."""

from collections.abc import Iterator

from structkit import Reference, Source, hookimpl

STRUCTKIT_API = 1

# names of the files that are read line by line here, packed or not; what only ase reads must be named
ENDINGS = (
    "cif",
    "mcif",
    "xyz",
    "extxyz",
    "vasp",
    "poscar",
    "contcar",
    "lammpstrj",
    "dump",
    "lammpsdump",
    "lmp",
)
PATTERNS = tuple(
    f"*.{ending}{packed}" for ending in ENDINGS for packed in ("", ".gz", ".bz2", ".xz")
)
PATTERNS = (*PATTERNS, "poscar*", "contcar*", "xdatcar*", "dump.*", "data.*", "*.data")

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
        build="structkit_structure_files.source:Files",
        settings="structkit_structure_files.settings:FilesSettings",
        version=2,
        summary="structure files of your own: CIF, POSCAR, extended XYZ, LAMMPS dumps, and what else ase reads well",
        references=(ASE, GEMMI),
        outside="structkit_structure_files.hashing:contents",
        reads="structkit_structure_files.reading:read_for_prediction",
        places="structkit_structure_files.reading:read_places",
        patterns=PATTERNS,
        checks="structkit_structure_files.source:check_files",
        shard=16,
        chance="structkit_structure_files.settings:draws",
    )
