"""What this plugin offers to structkit."""

from collections.abc import Iterator

from structkit import Descriptor, Reference, hookimpl
from structkit_local_structure.settings import CosineSettings

STRUCTKIT_API = 1

ACKLAND = Reference(
    doi="10.1103/PhysRevB.73.054104",
    authors="Ackland, G. J. and Jones, A. P.",
    title="Applications of local crystal structure measures in experiment and simulation",
    journal="Physical Review B 73, 054104",
    year=2006,
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
