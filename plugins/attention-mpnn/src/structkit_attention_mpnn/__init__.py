"""Graph network with self-attention (Swanson 2020), its graphs, its explanations, and what stands beside it."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_attention_mpnn.attention import AttentionMaps
    from structkit_attention_mpnn.classifier import AttentionMpnn
    from structkit_attention_mpnn.graph import NeighbourGraph
    from structkit_attention_mpnn.histogram import PairHistogram
    from structkit_attention_mpnn.image import ParticleImage
    from structkit_attention_mpnn.metrics import GlassMetrics, glass_metrics

__all__ = [
    "AttentionMaps",
    "AttentionMpnn",
    "GlassMetrics",
    "NeighbourGraph",
    "PairHistogram",
    "ParticleImage",
    "glass_metrics",
]
__getattr__ = exports(
    __name__,
    AttentionMaps="attention",
    AttentionMpnn="classifier",
    GlassMetrics="metrics",
    NeighbourGraph="graph",
    PairHistogram="histogram",
    ParticleImage="image",
    glass_metrics="metrics",
)
