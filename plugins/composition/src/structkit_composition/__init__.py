"""What a formula says: features of a composition, and measured formation energies of compounds."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_composition.descriptor import CompositionVector
    from structkit_composition.energies import ExperimentalEnergies
    from structkit_composition.vectors import labels, vector

__all__ = ["CompositionVector", "ExperimentalEnergies", "labels", "vector"]
__getattr__ = exports(
    __name__,
    CompositionVector="descriptor",
    ExperimentalEnergies="energies",
    labels="vectors",
    vector="vectors",
)
