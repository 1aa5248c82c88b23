"""A page to look around in a run: its structures in 3-D beside a map of their features."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_explorer.explorer import write_explorer

__all__ = ["write_explorer"]
__getattr__ = exports(__name__, write_explorer="explorer")
