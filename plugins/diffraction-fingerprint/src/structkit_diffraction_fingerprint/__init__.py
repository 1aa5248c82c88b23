"""The two-dimensional diffraction fingerprint of Ziletti et al., Nature Communications 9, 2775 (2018)."""

from typing import TYPE_CHECKING

from structkit.lazy import exports

if TYPE_CHECKING:
    from structkit_diffraction_fingerprint.fingerprint import DiffractionFingerprint
    from structkit_diffraction_fingerprint.neighbours import mean_neighbour_distance

__all__ = ["DiffractionFingerprint", "mean_neighbour_distance"]
__getattr__ = exports(__name__, DiffractionFingerprint="fingerprint", mean_neighbour_distance="neighbours")
