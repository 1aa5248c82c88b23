"""What this plugin offers to structkit."""

from collections.abc import Iterator

from structkit import Descriptor, Reference, hookimpl

STRUCTKIT_API = 1

SWANSON = Reference(
    doi="10.1039/C9SM01903G",
    authors="Swanson, Kirk and Trivedi, Shubhendu and Lequieu, Joshua and Swanson, Kyle and Kondor, Risi",
    title="Deep learning for automated classification and characterization of amorphous materials",
    journal="Soft Matter 16, 435",
    year=2020,
)
NELSON = Reference(
    doi="10.1103/PhysRevB.19.2457",
    authors="Nelson, David R. and Halperin, B. I.",
    title="Dislocation-mediated melting in two dimensions",
    journal="Physical Review B 19, 2457",
    year=1979,
)
HANSEN = Reference(
    doi="10.1016/C2010-0-66723-X",
    authors="Hansen, Jean-Pierre and McDonald, Ian R.",
    title="Theory of Simple Liquids, fourth edition",
    journal="Academic Press",
    year=2013,
)


@hookimpl
def structkit_descriptors() -> Iterator[Descriptor]:
    yield Descriptor(
        name="neighbour-graph",
        produces="graph",
        build="structkit_particle_descriptors.graph:NeighbourGraph",
        settings="structkit_particle_descriptors.settings:GraphSettings",
        version=2,
        summary="particles and directed edges with distances and species: the same whichever way it is turned",
        references=(SWANSON,),
        ragged=("numbers", "senders", "receivers", "reverse", "distances", "angles"),
    )
    yield Descriptor(
        name="glass-metrics",
        produces="vector",
        build="structkit_particle_descriptors.metrics:GlassMetrics",
        settings="structkit_particle_descriptors.settings:GlassMetricsSettings",
        labels="structkit_particle_descriptors.picture:metric_labels",
        summary="connected B components, B-B edges and A particles without a B neighbour, per particle",
        references=(SWANSON,),
    )
    yield Descriptor(
        name="particle-image",
        produces="image",
        build="structkit_particle_descriptors.image:ParticleImage",
        settings="structkit_particle_descriptors.settings:ParticleImageSettings",
        summary="a flat configuration as an image, a channel for each species",
        picture="structkit_particle_descriptors.picture:picture",
    )
    yield Descriptor(
        name="local-order",
        produces="vector",
        build="structkit_particle_descriptors.local_order:LocalOrder",
        settings="structkit_particle_descriptors.settings:LocalOrderSettings",
        labels="structkit_particle_descriptors.picture:order_labels",
        summary="bond order, shells by kind and angles of flat configurations: what pair distances do not hold",
        references=(NELSON,),
    )
    yield Descriptor(
        name="pair-histogram",
        produces="vector",
        build="structkit_particle_descriptors.histogram:PairHistogram",
        settings="structkit_particle_descriptors.settings:PairHistogramSettings",
        picture="structkit_particle_descriptors.picture:histogram_curve",
        summary="partial pair distribution functions",
        references=(HANSEN,),
    )
