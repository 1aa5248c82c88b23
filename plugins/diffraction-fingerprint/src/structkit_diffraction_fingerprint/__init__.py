"""The two-dimensional diffraction fingerprint of Ziletti et al., Nature Communications 9, 2775 (2018)."""

from structkit_diffraction_fingerprint.fingerprint import DiffractionFingerprint
from structkit_diffraction_fingerprint.neighbours import mean_neighbour_distance

__all__ = ["DiffractionFingerprint", "mean_neighbour_distance"]
