"""Configurations with energies, for models of numbers."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_energy_source.source import AseConfigurations

__all__ = ["AseConfigurations"]
__getattr__ = exports(__name__, AseConfigurations="source")
