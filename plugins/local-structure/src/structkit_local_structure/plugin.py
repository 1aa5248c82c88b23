"""What this plugin offers to structkit."""

from collections.abc import Iterator

from structkit import Descriptor, Explainer, Model, Reference, Source, hookimpl

STRUCTKIT_API = 1

ACKLAND = Reference(
    doi="10.1103/PhysRevB.73.054104",
    authors="Ackland, G. J. and Jones, A. P.",
    title="Applications of local crystal structure measures in experiment and simulation",
    journal="Physical Review B 73, 054104",
    year=2006,
)
SHRIKUMAR = Reference(
    doi="10.48550/arXiv.1605.01713",
    authors="Shrikumar, Avanti and Greenside, Peyton and Shcherbina, Anna and Kundaje, Anshul",
    title="Not Just a Black Box: Learning Important Features Through Propagating Activation Differences",
    journal="arXiv:1605.01713",
    year=2016,
)
SUNDARARAJAN = Reference(
    doi="10.48550/arXiv.1703.01365",
    authors="Sundararajan, Mukund and Taly, Ankur and Yan, Qiqi",
    title="Axiomatic Attribution for Deep Networks",
    journal="Proceedings of ICML",
    year=2017,
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
ELFWING = Reference(
    doi="10.1016/j.neunet.2017.12.012",
    authors="Elfwing, Stefan and Uchibe, Eiji and Doya, Kenji",
    title="Sigmoid-weighted linear units for neural network function approximation in reinforcement learning",
    journal="Neural Networks 107, 3",
    year=2018,
)
LAKSHMINARAYANAN = Reference(
    doi="10.48550/arXiv.1612.01474",
    authors="Lakshminarayanan, Balaji and Pritzel, Alexander and Blundell, Charles",
    title="Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles",
    journal="Advances in Neural Information Processing Systems 30",
    year=2017,
)
ZEILER = Reference(
    doi="10.1007/978-3-319-10590-1_53",
    authors="Zeiler, Matthew D. and Fergus, Rob",
    title="Visualizing and Understanding Convolutional Networks",
    journal="Lecture Notes in Computer Science 8689, 818",
    year=2014,
)


@hookimpl
def structkit_sources() -> Iterator[Source]:
    yield Source(
        name="known-environments",
        build="structkit_local_structure.making.source:KnownEnvironments",
        settings="structkit_local_structure.settings:KnownSettings",
        summary="crystals with noise and defects, grains, particles, melts, and the lattice of every atom",
        shard=4,
    )
    yield Source(
        name="ordered-distortions",
        build="structkit_local_structure.making.ordered:OrderedDistortions",
        settings="structkit_local_structure.settings:OrderedSettings",
        summary="crystals near a known lattice that are another: displaced or missing atoms, periodically",
        shard=4,
    )


@hookimpl
def structkit_models() -> Iterator[Model]:
    yield Model(
        name="environment-network",
        accepts=("atoms",),
        offers=("atom-log-odds",),
        per="atom",
        build="structkit_local_structure.atoms_model:EnvironmentNetwork",
        settings="structkit_local_structure.settings:NetworkSettings",
        summary="small networks on the features of single atoms",
        references=(ELFWING, LAKSHMINARAYANAN),
    )


@hookimpl
def structkit_descriptors() -> Iterator[Descriptor]:
    yield Descriptor(
        name="bond-cosines",
        produces="atoms",
        build="structkit_local_structure.cosines:BondCosines",
        settings="structkit_local_structure.settings:CosineSettings",
        summary="for each atom, the sorted cosines between the bonds to its nearest neighbours",
        references=(ACKLAND,),
        ragged=("atoms",),
    )
    yield Descriptor(
        name="local-environments",
        produces="atoms",
        build="structkit_local_structure.environments:LocalEnvironments",
        settings="structkit_local_structure.settings:EnvironmentSettings",
        summary="for each atom, 120 invariants of its surroundings at three levels of averaging",
        references=(STEINHARDT, LECHNER),
        ragged=("atoms",),
    )
    yield Descriptor(
        name="environment-averages",
        produces="vector",
        build="structkit_local_structure.averages:EnvironmentAverages",
        settings="structkit_local_structure.settings:AverageSettings",
        summary="a whole crystal as 267 numbers: its atoms' invariants on the average, and those of all bonds",
        references=(STEINHARDT, LECHNER),
    )


@hookimpl
def structkit_explainers() -> Iterator[Explainer]:
    yield Explainer(
        name="atom-features",
        needs=("atom-log-odds",),
        per="atom",
        build="structkit_local_structure.feature_maps:FeatureMaps",
        settings="structkit_local_structure.settings:FeatureMapSettings",
        axes=("feature", "atom"),
        summary="which features carry the verdict on an atom",
        references=(SHRIKUMAR, SUNDARARAJAN, ZEILER),
        ragged=(
            "relevance_gradient_x_input",
            "relevance_integrated_gradients",
            "relevance_occlusion",
        ),
    )
    yield Explainer(
        name="atom-neighbours",
        needs=("atom-log-odds",),
        per="atom",
        build="structkit_local_structure.neighbour_maps:NeighbourMaps",
        settings="structkit_local_structure.settings:NeighbourMapSettings",
        axes=("neighbour, the nearest first", "atom"),
        summary="which neighbours, taken away one by one, carry the verdict on an atom",
        references=(ZEILER,),
        ragged=("relevance_occlusion", "neighbours", "distances"),
    )
