"""Kob-Andersen liquids and glasses in two dimensions and three, simulated with LAMMPS."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_md_glass_source.library import cool
    from structkit_md_glass_source.picture import particle_figure
    from structkit_md_glass_source.quench import Quench
    from structkit_md_glass_source.source import MdGlass
    from structkit_md_glass_source.window import Window

__all__ = ["MdGlass", "Quench", "Window", "cool", "particle_figure"]
__getattr__ = exports(
    __name__,
    MdGlass="source",
    Quench="quench",
    Window="window",
    cool="library",
    particle_figure="picture",
)
