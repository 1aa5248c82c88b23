"""What this plugin offers to structkit."""

from collections.abc import Iterator

from structkit import Descriptor, Model, Reference, Source, hookimpl
from structkit_local_structure.settings import (
    CosineSettings,
    EnvironmentSettings,
    KnownSettings,
    NetworkSettings,
    OrderedSettings,
)

STRUCTKIT_API = 1

ACKLAND = Reference(
    doi="10.1103/PhysRevB.73.054104",
    authors="Ackland, G. J. and Jones, A. P.",
    title="Applications of local crystal structure measures in experiment and simulation",
    journal="Physical Review B 73, 054104",
    year=2006,
)
STEINHARDT = Reference(
    doi="10.1103/PhysRevB.28.784",
    authors="Steinhardt, P. J. and Nelson, D. R. and Ronchetti, M.",
    title="Bond-orientational order in liquids and glasses",
    journal="Physical Review B 28, 784",
    year=1983,
)
LECHNER = Reference(
    doi="10.1063/1.2977970",
    authors="Lechner, Wolfgang and Dellago, Christoph",
    title="Accurate determination of crystal structures based on averaged local bond order parameters",
    journal="Journal of Chemical Physics 129, 114707",
    year=2008,
)


@hookimpl
def structkit_sources() -> Iterator[Source]:
    yield Source(
        name="known-environments",
        build="structkit_local_structure.making.source:KnownEnvironments",
        settings=KnownSettings,
        summary="crystals with noise and defects, grains, particles, melts, and the lattice of every atom",
        shard=4,
    )
    yield Source(
        name="ordered-distortions",
        build="structkit_local_structure.making.ordered:OrderedDistortions",
        settings=OrderedSettings,
        summary="crystals near a known lattice that are another: displaced or missing atoms, periodically",
        shard=4,
    )


@hookimpl
def structkit_models() -> Iterator[Model]:
    yield Model(
        name="environment-network",
        accepts=("atoms",),
        per="atom",
        build="structkit_local_structure.atoms_model:EnvironmentNetwork",
        settings=NetworkSettings,
        summary="small networks on the features of single atoms",
    )


@hookimpl
def structkit_descriptors() -> Iterator[Descriptor]:
    yield Descriptor(
        name="bond-cosines",
        produces="atoms",
        build="structkit_local_structure.cosines:BondCosines",
        settings=CosineSettings,
        summary="for each atom, the sorted cosines between the bonds to its nearest neighbours",
        references=(ACKLAND,),
        ragged=("atoms",),
    )
    yield Descriptor(
        name="local-environments",
        produces="atoms",
        build="structkit_local_structure.environments:LocalEnvironments",
        settings=EnvironmentSettings,
        summary="for each atom, 120 invariants of its surroundings at three levels of averaging",
        references=(STEINHARDT, LECHNER),
        ragged=("atoms",),
    )
