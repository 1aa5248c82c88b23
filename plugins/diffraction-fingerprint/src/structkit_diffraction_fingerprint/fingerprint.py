"""The fingerprint: kinematic diffraction images of a cluster, turned about three axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_diffraction_fingerprint.form_factors import form_factor
from structkit_diffraction_fingerprint.geometry import detector, rotation
from structkit_diffraction_fingerprint.neighbours import mean_neighbour_distance
from structkit_diffraction_fingerprint.settings import FingerprintSettings

Floats = NDArray[np.float64]
BLOCK = 2**19  # phases computed at a time: two megabytes, so that they stay in the cache
RIGHT_ANGLE = 45.0  # at ±45° about the beam the second image is the first one turned by 90°


class DiffractionFingerprint:
    """The two-dimensional diffraction fingerprint (Ziletti et al., Nature Communications 9, 2775 (2018)).

    With F(h) = Σ_j f_j(|h|) exp(−2πi h·r_j) and I = |F|²·Ω, the images at ± `angle` about the x, y and z axis are
    summed in pairs and become the channels red, green and blue; the largest value of all is one. Lengths are in
    units of the mean nearest-neighbour distance. The cluster is imaged as it is given, in any cell or none.

    >>> DiffractionFingerprint(size=64)(atoms)["image"].shape
    (3, 64, 64)

    Args:
        **settings: the words of `FingerprintSettings`.

    Raises:
        pydantic.ValidationError: a setting is wrong.
    """

    def __init__(self, **settings: Any) -> None:
        self.settings = FingerprintSettings(**settings)
        self.detector = detector(self.settings)
        self._length = np.linalg.norm(self.detector.vectors, axis=1)  # |h| does not change when the crystal turns
        self._shots = self._turned_vectors()

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.float32]]:
        """The fingerprint of one structure.

        Returns:
            `image`: float32 (3, size, size); channels x, y, z, rows = detector y, columns = detector x.

        Raises:
            DataError: no neighbour distance (S014), coinciding atoms (S021), an element without form factor (S031).
        """
        scale = mean_neighbour_distance(atoms)
        shots = self._intensities(atoms.numbers, np.asarray(atoms.positions) / scale)
        image = np.stack([self._pair(shots, axis) for axis in range(3)])
        largest = image.max()
        if largest <= 0:
            raise DataError(Problem("S015", "no intensity reaches the ring of the detector"))
        return {"image": (image / largest).astype(np.float32)}

    def batch(self, structures: Sequence[Atoms]) -> Mapping[str, NDArray[np.float32]]:
        """The fingerprints of several structures: `image` of shape (n, 3, size, size)."""
        size = self.settings.size
        images = np.zeros((len(structures), 3, size, size), dtype=np.float32)
        for index, atoms in enumerate(structures):
            images[index] = self(atoms)["image"]
        return {"image": images}

    def _turned_vectors(self) -> NDArray[np.float32]:
        """Scattering vectors of all shots, (shots · pixels, 3): h = R·h0."""
        angle = self.settings.angle
        turns = [rotation(axis, sign * angle) for axis in range(3) for sign in (-1, 1)]
        if angle == RIGHT_ANGLE:
            turns.pop()
        vectors = [self.detector.vectors @ turn.T for turn in turns]
        return np.concatenate(vectors).astype(np.float32)

    def _intensities(self, numbers: NDArray[Any], positions: Floats) -> Floats:
        """I = |F|²·Ω of every shot, (shots, pixels)."""
        centred = positions - positions.mean(axis=0)  # small phases keep single precision good to 1e-6
        real = np.zeros((len(self._shots) // len(self._length), len(self._length)))
        imaginary = np.zeros_like(real)
        for number in np.unique(numbers):
            factor = self._form_factor(int(number))
            cosines, sines = self._sums(centred[numbers == number])
            real, imaginary = real + factor * cosines, imaginary + factor * sines
        intensity: Floats = (np.square(real) + np.square(imaginary)) * self.detector.solid_angle
        return intensity

    def _form_factor(self, number: int) -> Floats:
        if self.settings.contrast == "none":
            return np.ones_like(self._length)
        return form_factor(number + self.settings.number_shift, self._length)

    def _sums(self, positions: Floats) -> tuple[Floats, Floats]:
        """Σ_j cos(2πh·r_j) and Σ_j sin(2πh·r_j) for every shot and pixel, (shots, pixels) each."""
        sites = (2 * np.pi * positions.T).astype(np.float32)
        cosines, sines = np.empty(len(self._shots)), np.empty(len(self._shots))
        step = max(1, BLOCK // sites.shape[1])
        for start in range(0, len(self._shots), step):
            phases = self._shots[start : start + step] @ sites
            cosines[start : start + step] = np.cos(phases).sum(axis=1, dtype=np.float64)
            sines[start : start + step] = np.sin(phases).sum(axis=1, dtype=np.float64)
        return cosines.reshape(-1, len(self._length)), sines.reshape(-1, len(self._length))

    def _pair(self, shots: Floats, axis: int) -> Floats:
        """The sum of the two images about one axis, (size, size)."""
        first = self._image(shots[2 * axis])
        second = self._image(shots[2 * axis + 1]) if 2 * axis + 1 < len(shots) else np.rot90(first)
        return first + second

    def _image(self, intensities: Floats) -> Floats:
        image = np.zeros(self.detector.keep.shape)
        image[self.detector.keep] = intensities
        return image
