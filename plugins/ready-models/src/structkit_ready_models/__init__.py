"""Trained models that are ready to use."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_ready_models.atoms import Lattices
    from structkit_ready_models.whole import Crystals

__all__ = ["Crystals", "Lattices"]
__getattr__ = exports(__name__, Crystals="whole", Lattices="atoms")
