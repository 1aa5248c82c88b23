"""The powder pattern: what diffraction keeps when the orientation is averaged away."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit.library import configured, descriptor
from structkit_diffraction_fingerprint.neighbours import SCALES
from structkit_diffraction_fingerprint.settings import PowderImageSettings, PowderSettings
from structkit_diffraction_fingerprint.without_cell import warn_without_cell
from structkit_neighbours.histogram import distance_histogram

Floats = NDArray[np.float64]
BINS_PER_DISTANCE = 400  # of the pair histogram: far finer than any peak of a crystal at q ≤ 24


@descriptor
class PowderPattern:
    r"""The orientation average of |F|² for equal scatterers: the Debye equation, less the mean density.

    With pair distances r in units of the neighbour distance, the number density ρ and the Lorch
    window w(r) = sin(πr/R)/(πr/R),

    $$
    S(q) - 1 = \frac{2}{N} \sum_{i<j,\, r<R} w(r)\, \frac{\sin qr}{qr}
    - 4\pi\rho \int_0^R w(r)\, r^2\, \frac{\sin qr}{qr}\, dr
    $$

    divided by its norm over q. It does not change when the structure is moved, turned, mirrored,
    relabelled or repeated, nor with the element: two compounds of one lattice look the same. In a
    cell that is not periodic in three directions no density is subtracted, and a warning says so
    (S067). For intensities of real elements take `powder-xrd`.

    Source: P. Debye, Annalen der Physik 351, 809 (1915); E. Lorch, J. Phys. C 2, 229 (1969).

    Args:
        settings: the words of `PowderSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import bulk
        >>> from structkit_diffraction_fingerprint import PowderPattern
        >>> describe, turned = PowderPattern(), bulk("Cu", cubic=True)
        >>> turned.rotate(33, "xyz", rotate_cell=True)
        >>> one, other = describe(bulk("Cu"))["vector"], describe(turned)["vector"]
        >>> one.shape, bool(np.allclose(one, other, atol=1e-4))
        ((160,), True)
    """

    @configured(PowderSettings)
    def __init__(self, settings: PowderSettings) -> None:
        self.settings = settings
        q = np.linspace(self.settings.smallest, self.settings.largest, self.settings.points)
        self._pairs = _Pairs(self.settings.scale, self.settings.reach)
        self._waves = self._pairs.waves(q)
        self._window = self._pairs.lorch(np.array([self.settings.reach]))[0]

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.float32]]:
        """The pattern of one structure.

        Returns:
            `vector`: float32 (points,), of norm one.

        Raises:
            DataError: no neighbour distance (S014), coinciding atoms (S021), no pair within reach
                (S015).
        """
        pattern = (self._pairs.excess(atoms) * self._window) @ self._waves
        return {"vector": _scaled(pattern, float(np.linalg.norm(pattern)))}


@descriptor
class PowderImage:
    """Powder patterns of growing reach as an image: rows are R, columns q, so that shells appear one after the other.

    Each row is the `powder-pattern` of one reach R, before normalisation; the largest absolute
    value of the image is one. It has the same symmetries and the same blindness for elements, and
    is what a convolutional network reads. Far rows are sharp lines of a crystal; near rows hold
    what is left where order ends after a few shells, as in a liquid.

    Args:
        settings: the words of `PowderImageSettings`.

    Examples:
        >>> from ase.build import bulk
        >>> from structkit_diffraction_fingerprint import PowderImage
        >>> PowderImage(size=32)(bulk("Cu"))["image"].shape
        (1, 32, 32)
    """

    @configured(PowderImageSettings)
    def __init__(self, settings: PowderImageSettings) -> None:
        self.settings = settings
        size = self.settings.size
        self._pairs = _Pairs(self.settings.scale, self.settings.reach)
        self._waves = self._pairs.waves(
            np.linspace(self.settings.smallest, self.settings.largest, size)
        )
        self._windows = self._pairs.lorch(
            np.linspace(self.settings.shortest, self.settings.reach, size)
        )

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.float32]]:
        """The image of one structure.

        Returns:
            `image`: float32 (1, size, size), between −1 and 1.

        Raises:
            DataError: as `PowderPattern`.
        """
        image = (self._windows * self._pairs.excess(atoms)) @ self._waves
        return {"image": _scaled(image, float(np.abs(image).max()))[None]}


class _Pairs:
    """Histogram of the pair distances of a structure, in units of its neighbour distance, less the mean density."""

    def __init__(self, scale: str, reach: float) -> None:
        self.scale, self.reach = SCALES[scale], reach
        self.bins = int(reach * BINS_PER_DISTANCE)
        self.width = reach / self.bins
        self.middle = (np.arange(self.bins) + 0.5) * self.width

    def waves(self, q: Floats) -> Floats:
        """sin(qr)/(qr), (bins, values of q)."""
        result: Floats = np.sinc(np.outer(self.middle, q) / np.pi)
        return result

    def lorch(self, reach: Floats) -> Floats:
        """Lorch windows that end at each reach, (windows, bins)."""
        ratio = self.middle / reach[:, None]
        return np.where(ratio < 1, np.sinc(ratio), 0.0)

    def excess(self, atoms: Atoms) -> Floats:
        """Neighbours of an atom in each bin, less those that a structureless material of its density would have."""
        scale = self.scale(atoms)
        counts = distance_histogram(atoms, self.reach * scale, self.bins) * (2.0 / len(atoms))
        if not atoms.pbc.all():
            warn_without_cell(
                atoms, "each is a cluster in vacuum, and no mean density is taken off"
            )
            return counts
        density = len(atoms) / atoms.get_volume() * scale**3
        result: Floats = counts - 4 * np.pi * density * self.middle**2 * self.width
        return result


def _scaled(values: Floats, size: float) -> NDArray[np.float32]:
    if size == 0:
        raise DataError(Problem("S015", "no two atoms within reach: there is no pattern"))
    return (values / size).astype(np.float32)
