"""Real crystals and what happens to them: prototypes, stacks, supercells, defects, rotations."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_crystal_source.defects import PointDefects
    from structkit_crystal_source.faults import StackingFaults
    from structkit_crystal_source.mapping import WindowMap, window_map
    from structkit_crystal_source.others import OtherPrototypes
    from structkit_crystal_source.rotation import RandomRotation
    from structkit_crystal_source.source import CrystalPrototypes
    from structkit_crystal_source.stacking import close_packed, steps_of
    from structkit_crystal_source.supercell import StandardSupercell
    from structkit_crystal_source.windows import StridedWindows

__all__ = [
    "CrystalPrototypes",
    "OtherPrototypes",
    "PointDefects",
    "RandomRotation",
    "StackingFaults",
    "StandardSupercell",
    "StridedWindows",
    "WindowMap",
    "close_packed",
    "steps_of",
    "window_map",
]
__getattr__ = exports(
    __name__,
    CrystalPrototypes="source",
    OtherPrototypes="others",
    PointDefects="defects",
    RandomRotation="rotation",
    StackingFaults="faults",
    StandardSupercell="supercell",
    StridedWindows="windows",
    WindowMap="mapping",
    close_packed="stacking",
    steps_of="stacking",
    window_map="mapping",
)
