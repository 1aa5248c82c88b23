"""The two-dimensional diffraction fingerprint of Ziletti et al., Nature Communications 9, 2775 (2018)."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_diffraction_fingerprint.fingerprint import DiffractionFingerprint
    from structkit_diffraction_fingerprint.neighbours import (
        mean_neighbour_distance,
        typical_neighbour_distance,
    )
    from structkit_diffraction_fingerprint.powder import PowderImage, PowderPattern

__all__ = [
    "DiffractionFingerprint",
    "PowderImage",
    "PowderPattern",
    "mean_neighbour_distance",
    "typical_neighbour_distance",
]
__getattr__ = exports(
    __name__,
    DiffractionFingerprint="fingerprint",
    PowderImage="powder",
    PowderPattern="powder",
    mean_neighbour_distance="neighbours",
    typical_neighbour_distance="neighbours",
)
