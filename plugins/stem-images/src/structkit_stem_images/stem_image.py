"""The descriptor `stem-image`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from structkit.library import configured, descriptor
from structkit_stem_images.columns import PLACE_OF, sites_of
from structkit_stem_images.kernel import add_gaussians, paint_discs
from structkit_stem_images.placing import VACANT, Placed, placed, tilted
from structkit_stem_images.scattering import cross_sections
from structkit_stem_images.settings import StemSettings

if TYPE_CHECKING:
    from ase import Atoms

REACH = 5.0  # standard deviations of a Gaussian that are drawn: beyond are 4e-6 of it


@descriptor
class StemImage:
    r"""The image of an annular dark field: what every atom scatters, under the current of the probe.

    $$
    I(r) = \sum_j \sigma(Z_j)\, P(r - r_j), \qquad
    \sigma(Z) = Z^p\, \frac{4\pi\gamma^2}{a_0^2 k^4}
    \left(\frac{1}{\theta_1^2} - \frac{1}{\theta_2^2}\right)
    $$

    a sum over the atoms, with k = 2π/λ, the angles θ of the detector and p of about 1.7: less than
    the 2 of a bare nucleus by what the electrons around it take away. The probe
    P = (1 − t) G(s₁) + t G(s₂) is a normal distribution with tails. Values are fractions of the
    beam, so that a dose has a meaning. With `marks` stands beside it what lies at every pixel:
    nothing, a column, a vacancy, a substitution.

    There is no multiple scattering: no channelling, no cross-talk between columns, no saturation
    of thick ones. Use it for samples of some unit cells, tilted by a degree or less; brightness is
    then good for telling neighbours apart, and is no measurement of a composition. Columns that
    scatter less than `faint` of the strongest are in the image and are not marked.

    Args:
        settings: the words of `StemSettings`.

    Examples:
        >>> from ase.build import mx2
        >>> from structkit_stem_images import StemImage
        >>> layer = mx2("MoS2", a=3.16, thickness=3.13, vacuum=8.0)
        >>> arrays = StemImage(pixels=128, sampling=0.2)(layer)
        >>> arrays["image"].shape, arrays["sites"].shape[1]
        ((1, 128, 128), 4)
    """

    @configured(StemSettings)
    def __init__(self, settings: StemSettings) -> None:
        self.settings = settings

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[Any]]:
        """The arrays of a structure.

        Returns:
            `image`: float32 (1, pixels, pixels), the fraction of the beam that arrives at the
                detector;
            `sites`: float32 (columns, 4), as of `sites_of`;
            `sampling`: float64 (1,), Å a pixel;
            `defects` int8, `species` int16, where asked for: (pixels, pixels).

        Raises:
            DataError: S010, no atoms; G015, too many.
        """
        seen = placed(atoms, self.settings, self._margin())
        strength = self._strength(seen)
        sites = sites_of(seen, strength, self.settings)
        there = seen.states != VACANT
        image = self._image(seen.select(there), strength[there])
        arrays = {
            "image": image[None].astype(np.float32),
            "sites": sites,
            "sampling": np.array([self.settings.sampling]),
        }
        return arrays | {name: self._marks(name, sites) for name in self.settings.marks}

    def _margin(self) -> float:
        """How far outside of the image atoms still shine into it, in Å."""
        return REACH * max(
            self.settings.probe, self.settings.tail_probe if self.settings.tails else 0
        )

    def _strength(self, atoms: Placed) -> NDArray[np.float64]:
        s = self.settings
        return cross_sections(atoms.numbers, s.power, s.voltage, s.detector)

    def _image(self, atoms: Placed, strength: NDArray[np.float64]) -> NDArray[np.float64]:
        """The fraction of the beam that is scattered at each pixel."""
        s = self.settings
        image = np.zeros((s.pixels, s.pixels))
        seen = tilted(atoms, s.tilt)
        across, down = (way / s.sampling + (s.pixels - 1) / 2 for way in (seen.across, seen.down))
        for share, width in ((1 - s.tails, s.probe), (s.tails, s.tail_probe)):
            if share > 0:
                heights = share * strength / (2 * math.pi * width**2)
                points = width / s.sampling
                add_gaussians(image, across, down, heights, points, REACH * points)
        return image

    def _marks(self, name: str, sites: NDArray[np.float32]) -> NDArray[Any]:
        """The class of every pixel."""
        s = self.settings
        marks = np.zeros((s.pixels, s.pixels), np.int8 if name == "defects" else np.int16)
        classes = sites[:, PLACE_OF[name]].astype(np.int64)
        order = np.argsort(classes, kind="stable")  # defects are painted last
        places = sites[order, :2].astype(float)
        across, down = (np.ascontiguousarray(places[:, axis]) for axis in (0, 1))
        paint_discs(marks, across, down, classes[order], s.radius / s.sampling)
        return marks
