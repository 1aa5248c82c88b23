"""Particles described for a model: neighbour graphs, pair histograms, images, glass metrics."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_particle_descriptors.graph import NeighbourGraph
    from structkit_particle_descriptors.histogram import PairHistogram
    from structkit_particle_descriptors.image import ParticleImage
    from structkit_particle_descriptors.local_order import LocalOrder
    from structkit_particle_descriptors.metrics import GlassMetrics, glass_metrics
    from structkit_particle_descriptors.neighbours import is_flat

__all__ = [
    "GlassMetrics",
    "LocalOrder",
    "NeighbourGraph",
    "PairHistogram",
    "ParticleImage",
    "glass_metrics",
    "is_flat",
]
__getattr__ = exports(
    __name__,
    GlassMetrics="metrics",
    LocalOrder="local_order",
    NeighbourGraph="graph",
    PairHistogram="histogram",
    ParticleImage="image",
    glass_metrics="metrics",
    is_flat="neighbours",
)
