"""Bond-orientational order and thermal displacements; what is heavy is imported when it is used."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_bond_order.order import BondOrder
    from structkit_bond_order.thermal import ThermalDisplacements, mean_square

__all__ = ["BondOrder", "ThermalDisplacements", "mean_square"]
__getattr__ = exports(__name__, BondOrder="order", ThermalDisplacements="thermal", mean_square="thermal")
