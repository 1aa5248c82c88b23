"""The fingerprint: kinematic diffraction images of a cluster, turned about three axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit.library import configured, descriptor
from structkit_diffraction_fingerprint.form_factors import form_factor
from structkit_diffraction_fingerprint.geometry import detector, octants, rotation
from structkit_diffraction_fingerprint.kernel import intensities, octant_sums
from structkit_diffraction_fingerprint.neighbours import SCALES
from structkit_diffraction_fingerprint.settings import FingerprintSettings
from structkit_diffraction_fingerprint.without_cell import warn_without_cell

Floats = NDArray[np.float64]
RIGHT_ANGLE = 45.0  # at ±45° about the beam the second image is the first one turned by 90°


@descriptor
class DiffractionFingerprint:
    r"""The two-dimensional diffraction fingerprint (Ziletti et al., Nature Communications 9, 2775 (2018)).

    A plane wave of wavelength λ falls on the cluster. The pixel at (X, Y) of a detector at
    distance D sees, with P² = X² + Y² + D²,

    $$
    h = \frac{R}{\lambda}\left(\frac{X}{P}, \frac{Y}{P}, \frac{D}{P} - 1\right), \qquad
    F(h) = \sum_j f_j(|h|)\, e^{-2\pi i\, h \cdot r_j}, \qquad I = |F|^2\, \Omega
    $$

    with the form factors f of the International Tables (every atomic number raised by two) and the
    solid angle Ω = (p²/D²) cos³θ of a pixel. The images at ± `angle` about the x, y and z axis are
    summed in pairs and become the channels red, green and blue. Pixels outside a ring are zero, and
    the largest value of all is one.
    Lengths are in units of the mean nearest-neighbour distance (of the most frequent one with
    `scale="mode"`), so that the element's size does not count.

    It hardly changes when a quarter of the atoms is missing. It does change when the crystal is
    turned: a classifier that learnt aligned crystals does not know a turned one (`powder-pattern`
    does not see turns). The cluster is imaged as it is given, in any cell; where there is none, a
    warning says so (S067). There is no noise and no polarisation.

    Args:
        settings: the words of `FingerprintSettings`.

    Raises:
        pydantic.ValidationError: a setting is wrong.

    Examples:
        >>> from ase.build import bulk
        >>> from structkit_diffraction_fingerprint import DiffractionFingerprint
        >>> image = DiffractionFingerprint(size=64)(bulk("Cu", cubic=True).repeat(4))["image"]
        >>> image.shape, float(image.max())
        ((3, 64, 64), 1.0)
    """

    @configured(FingerprintSettings)
    def __init__(self, settings: FingerprintSettings) -> None:
        self.settings = settings
        self._octants = octants(detector(self.settings), self.settings.size)
        self._components = [
            np.ascontiguousarray(column, np.float32) for column in self._octants.vectors.T
        ]
        # |h| does not change when the crystal turns
        self._length = np.linalg.norm(self._octants.vectors, axis=1)
        angle = self.settings.angle
        self._turns = [rotation(axis, sign * angle) for axis in range(3) for sign in (-1, 1)]
        if angle == RIGHT_ANGLE:
            self._turns.pop()

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.float32]]:
        """The fingerprint of one structure.

        Returns:
            `image`: float32 (3, size, size); channels x, y, z, rows = detector y, columns =
                detector x.

        Raises:
            DataError: no neighbour distance (S014), coinciding atoms (S021), an element without
                form factor (S031).
        """
        warn_without_cell(atoms, "each is imaged as a cluster in vacuum, whose shape shows")
        scale = SCALES[self.settings.scale](atoms)
        shots = self._images(atoms.numbers, np.asarray(atoms.positions) / scale)
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

    def _images(self, numbers: NDArray[Any], positions: Floats) -> list[Floats]:
        """I = |F|²·Ω of every shot, (size, size) each."""
        # small phases keep single precision good to 1e-6
        centred = positions - positions.mean(axis=0)
        species = [(self._form_factor(int(z)), centred[numbers == z]) for z in np.unique(numbers)]
        return [self._image(species, turn) for turn in self._turns]

    def _image(self, species: list[tuple[Floats, Floats]], turn: Floats) -> Floats:
        """One shot. h·r with h = R·h0 is h0·(Rᵀr): the atoms are turned and not the detector."""
        sums = np.zeros((len(self._length), 16))
        for factor, positions in species:
            x, y, z = np.ascontiguousarray((positions @ turn).T, np.float32)
            sums += factor[:, None] * octant_sums(x, y, z, *self._components)
        image = np.zeros(self.settings.size**2)
        image[self._octants.places] = intensities(sums) * self._octants.solid_angle[:, None]
        return image.reshape(self.settings.size, self.settings.size)

    def _form_factor(self, number: int) -> Floats:
        if self.settings.contrast == "none":
            return np.ones_like(self._length)
        return form_factor(number + self.settings.number_shift, self._length)

    def _pair(self, shots: list[Floats], axis: int) -> Floats:
        """The sum of the two images about one axis, (size, size)."""
        first = shots[2 * axis]
        second = shots[2 * axis + 1] if 2 * axis + 1 < len(shots) else np.rot90(first)
        return first + second
