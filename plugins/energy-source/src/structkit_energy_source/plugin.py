"""What this plugin offers to structkit."""

from collections.abc import Iterator

from structkit import Reference, Source, hookimpl

STRUCTKIT_API = 1

ASE = Reference(
    doi="10.1088/1361-648X/aa680e",
    authors="Larsen, Ask Hjorth and Mortensen, Jens Jørgen and others",
    title="The atomic simulation environment: a Python library for working with atoms",
    journal="Journal of Physics: Condensed Matter 29, 273002",
    year=2017,
)
JACOBSEN = Reference(
    doi="10.1016/0039-6028(96)00816-3",
    authors="Jacobsen, Karsten W. and Stoltze, Per and Nørskov, Jens K.",
    title="A semi-empirical effective medium theory for metals and alloys",
    journal="Surface Science 366, 394",
    year=1996,
)


@hookimpl
def structkit_sources() -> Iterator[Source]:
    yield Source(
        name="ase-configurations",
        build="structkit_energy_source.source:AseConfigurations",
        settings="structkit_energy_source.settings:ConfigurationSettings",
        summary="configurations at a temperature with their energies in eV, by Lennard-Jones or effective-medium theory",
        references=(ASE, JACOBSEN),
    )
