"""Real crystals and what happens to them: prototypes, standard supercells, point defects, rotations."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_crystal_source.defects import PointDefects
    from structkit_crystal_source.rotation import RandomRotation
    from structkit_crystal_source.source import CrystalPrototypes
    from structkit_crystal_source.supercell import StandardSupercell

__all__ = ["CrystalPrototypes", "PointDefects", "RandomRotation", "StandardSupercell"]
__getattr__ = exports(
    __name__,
    CrystalPrototypes="source",
    PointDefects="defects",
    RandomRotation="rotation",
    StandardSupercell="supercell",
)
