"""The surroundings of each atom as numbers."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_local_structure.atoms_model import EnvironmentNetwork
    from structkit_local_structure.averages import EnvironmentAverages
    from structkit_local_structure.cosines import BondCosines
    from structkit_local_structure.environments import LocalEnvironments
    from structkit_local_structure.feature_maps import FeatureMaps
    from structkit_local_structure.making.ordered import OrderedDistortions
    from structkit_local_structure.making.source import KnownEnvironments
    from structkit_local_structure.neighbour_maps import NeighbourMaps

__all__ = [
    "BondCosines",
    "EnvironmentAverages",
    "EnvironmentNetwork",
    "FeatureMaps",
    "KnownEnvironments",
    "LocalEnvironments",
    "NeighbourMaps",
    "OrderedDistortions",
]
__getattr__ = exports(
    __name__,
    BondCosines="cosines",
    EnvironmentAverages="averages",
    EnvironmentNetwork="atoms_model",
    FeatureMaps="feature_maps",
    KnownEnvironments="making.source",
    LocalEnvironments="environments",
    NeighbourMaps="neighbour_maps",
    OrderedDistortions="making.ordered",
)
