"""Graph network with self-attention (Swanson 2020), and its explanations."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_attention_mpnn.attention import AttentionMaps
    from structkit_attention_mpnn.classifier import AttentionMpnn
    from structkit_attention_mpnn.numbers import AttentionMpnnAtoms, AttentionMpnnNumbers

__all__ = ["AttentionMaps", "AttentionMpnn", "AttentionMpnnAtoms", "AttentionMpnnNumbers"]
__getattr__ = exports(
    __name__,
    AttentionMaps="attention",
    AttentionMpnn="classifier",
    AttentionMpnnAtoms="numbers",
    AttentionMpnnNumbers="numbers",
)
