"""What this plugin offers to structkit."""

from collections.abc import Iterator

from structkit import Descriptor, Reference, Source, hookimpl

STRUCTKIT_API = 1

PYMATGEN = Reference(
    doi="10.1016/j.commatsci.2012.10.028",
    authors="Ong, Shyue Ping and Richards, William Davidson and others",
    title="Python Materials Genomics (pymatgen): a robust, open-source Python library for materials analysis",
    journal="Computational Materials Science 68, 314",
    year=2013,
)
WARD = Reference(
    doi="10.1038/npjcompumats.2016.28",
    authors="Ward, Logan and Agrawal, Ankit and Choudhary, Alok and Wolverton, Christopher",
    title="A general-purpose machine learning framework for predicting properties of inorganic materials",
    journal="npj Computational Materials 2, 16028",
    year=2016,
)
WANG = Reference(
    doi="10.1038/s41598-021-94550-5",
    authors="Wang, Amanda and Kingsbury, Ryan and McDermott, Matthew and others",
    title="A framework for quantifying uncertainty in DFT energy corrections",
    journal="Scientific Reports 11, 15496",
    year=2021,
)

TSHITOYAN = Reference(
    doi="10.1038/s41586-019-1335-8",
    authors="Tshitoyan, Vahe and Dagdelen, John and Weston, Leigh and others",
    title="Unsupervised word embeddings capture latent knowledge from materials science literature",
    journal="Nature 571, 95",
    year=2019,
)


@hookimpl
def structkit_sources() -> Iterator[Source]:
    yield Source(
        name="experimental-energies",
        makes="vector",
        build="structkit_composition.energies:ExperimentalEnergies",
        reads="structkit_composition.reading:read",
        outside="structkit_composition.exp_compounds:outside",
        settings="structkit_composition.settings:EnergySettings",
        labels="structkit_composition.vectors:named",
        summary="compounds with their measured formation energy (eV/atom), described by their composition",
        references=(PYMATGEN, WANG, WARD, TSHITOYAN),
        chance=False,
    )


@hookimpl
def structkit_descriptors() -> Iterator[Descriptor]:
    yield Descriptor(
        name="composition",
        produces="vector",
        build="structkit_composition.descriptor:CompositionVector",
        settings="structkit_composition.settings:CompositionSettings",
        labels="structkit_composition.vectors:named",
        summary="statistics of the properties of a structure's elements, or their fractions",
        references=(PYMATGEN, WARD, TSHITOYAN),
        shard=1024,
    )
