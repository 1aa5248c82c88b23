"""A flat configuration as an image, so that a convolutional network can look at it."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit.library import configured, descriptor
from structkit_particle_descriptors.neighbours import is_flat
from structkit_particle_descriptors.settings import ParticleImageSettings

Floats = NDArray[np.float64]
LEAST = 0.6  # pixels, of a disc's standard deviation: a sharper one would change with its place among the pixels


@descriptor
class ParticleImage:
    r"""Each particle as a soft disc of its diameter: one channel for each species, and one for all.

    $$
    I_a(r) = \sum_{i \in a} \frac{p^2}{2\pi s_a^2}\, e^{-|r - r_i|^2 / 2 s_a^2}
    $$

    on pixels of edge p. The standard deviation s is a quarter of the diameter unless `spread` says
    otherwise (at least 0.6 pixels), and the sum of a disc is one, so that a channel's sum is its
    number of particles whatever the resolution. Discs that stick out of a periodic box come in at
    the other side. For flat configurations only. The image lies as the structure does: turned by
    an angle it is another, which a network must be shown (`augment` of `cnn-disorder`).

    Args:
        settings: the words of `ParticleImageSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase import Atoms
        >>> from structkit_particle_descriptors import ParticleImage
        >>> grid = np.stack([*np.meshgrid(np.arange(8), np.arange(8)), np.zeros((8, 8))], -1)
        >>> cell = {"cell": [9.6, 9.6, 1], "pbc": [True, True, False]}
        >>> plane = Atoms("NiP" * 32, 1.2 * grid.reshape(-1, 3), **cell)
        >>> image = ParticleImage(size=32)(plane)["image"]
        >>> image.shape, image.sum(axis=(1, 2)).round(1).tolist()
        ((3, 32, 32), [32.0, 32.0, 64.0])
    """

    @configured(ParticleImageSettings)
    def __init__(self, settings: ParticleImageSettings) -> None:
        self.settings = settings

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.float32]]:
        """The image of one configuration.

        Returns:
            `image`: float32 (species + 1, size, size), particles per pixel; rows = y, columns = x.

        Raises:
            DataError: M020, particles that do not lie in a plane, a species without a channel, a
                box that is no square, a width that exceeds the box.
        """
        self._check(atoms)
        low, width = self._square(atoms)
        places = self._places(atoms, low, width)
        whole = bool(atoms.pbc[:2].all()) and self.settings.width is None
        symbols = np.array(atoms.get_chemical_symbols())
        channels = [
            self._channel(places[symbols == name], diameter / width, whole)
            for name, diameter in zip(self.settings.species, self.settings.diameter, strict=True)
        ]
        return {"image": np.stack([*channels, np.sum(channels, axis=0)]).astype(np.float32)}

    def _check(self, atoms: Atoms) -> None:
        if not is_flat(atoms):
            message = "the particles do not lie in a plane of constant z"
            raise DataError(
                Problem("M020", message, fix="use frames of a two-dimensional simulation")
            )
        if strange := sorted(set(atoms.get_chemical_symbols()) - set(self.settings.species)):
            message = f"{strange[0]} has no channel (species: {', '.join(self.settings.species)})"
            raise DataError(Problem("M020", message, fix="set species and diameter"))

    def _square(self, atoms: Atoms) -> tuple[Floats, float]:
        """Lower corner (2,) and edge of what is shown."""
        cell = np.asarray(atoms.cell[:])
        box = cell[[0, 1], [0, 1]]
        if atoms.pbc[:2].all():
            if np.abs(cell[[0, 1], [1, 0]]).max() > 1e-6:
                raise DataError(
                    Problem("M020", "the box is sheared", fix="use frames of a rectangular box")
                )
            if self.settings.width is None and abs(box[0] - box[1]) > 1e-6:
                raise DataError(
                    Problem(
                        "M020",
                        f"the box is {box[0]:.4g} by {box[1]:.4g}, no square",
                        fix="set width",
                    )
                )
            middle, whole = box / 2, float(box[0])
        else:
            places = atoms.positions[:, :2]
            middle = (places.max(axis=0) + places.min(axis=0)) / 2
            whole = float(np.ptp(places, axis=0).max()) + max(self.settings.diameter)
        width = self.settings.width or whole
        return middle - width / 2, width

    def _places(self, atoms: Atoms, low: Floats, width: float) -> Floats:
        """Particles as fractions of what is shown, of a periodic box by the images nearest its middle."""
        places = atoms.positions[:, :2] - low
        if atoms.pbc[:2].all():
            box = np.asarray(atoms.cell[:])[[0, 1], [0, 1]]
            if width > box.min() * (1 + 1e-9):
                message = (
                    f"width {width:g} is more than the periodic box of {box[0]:.4g} by {box[1]:.4g}"
                )
                raise DataError(
                    Problem("M020", message, fix="lower width, or leave it out to show the box")
                )
            places -= box * np.round((places - width / 2) / box)
        result: Floats = places / width
        return result

    def _channel(self, places: Floats, diameter: float, periodic: bool) -> Floats:
        """Sum of the discs of one species; places and diameter as fractions of the edge."""
        size = self.settings.size
        spread = max(diameter * self.settings.spread, LEAST / size)
        middles = (np.arange(size) + 0.5) / size
        gaps = middles - places[:, :, None]  # (particles, 2, size)
        if periodic:
            gaps -= np.round(gaps)
        bells = np.exp(-0.5 * (gaps / spread) ** 2) / (np.sqrt(2 * np.pi) * spread * size)
        result: Floats = bells[:, 1].T @ bells[:, 0]
        return result
