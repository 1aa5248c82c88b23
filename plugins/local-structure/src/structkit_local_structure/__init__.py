"""The surroundings of each atom as numbers."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_local_structure.cosines import BondCosines

__all__ = ["BondCosines"]
__getattr__ = exports(__name__, BondCosines="cosines")
