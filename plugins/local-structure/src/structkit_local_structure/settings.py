"""Settings of the descriptors of atoms."""

from __future__ import annotations

from pydantic import Field

from structkit import Settings


class CosineSettings(Settings):
    """Which bonds are looked at."""

    neighbours: int = Field(12, ge=2, le=50)
    """nearest neighbours whose bonds are taken; ties are kept"""
    average: bool = False
    """whether the mean over an atom and its neighbours is given beside the atom's own numbers"""
    reach: float = Field(10.0, gt=0)
    """distance within which an atom must have its neighbours, in the unit of the positions"""
