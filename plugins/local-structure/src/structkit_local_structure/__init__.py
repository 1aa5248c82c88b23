"""The surroundings of each atom as numbers."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_local_structure.atoms_model import EnvironmentNetwork
    from structkit_local_structure.averages import EnvironmentAverages
    from structkit_local_structure.cosines import BondCosines
    from structkit_local_structure.environments import LocalEnvironments
    from structkit_local_structure.making.source import KnownEnvironments

__all__ = [
    "BondCosines",
    "EnvironmentAverages",
    "EnvironmentNetwork",
    "KnownEnvironments",
    "LocalEnvironments",
]
__getattr__ = exports(
    __name__,
    BondCosines="cosines",
    EnvironmentAverages="averages",
    EnvironmentNetwork="atoms_model",
    KnownEnvironments="making.source",
    LocalEnvironments="environments",
)
