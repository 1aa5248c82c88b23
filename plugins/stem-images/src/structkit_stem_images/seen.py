"""Where the network sees columns: what guards compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """What a network makes of one image.

    Args:
        probabilities: of the classes of every pixel, (classes, height, width).
        last: the last hidden layer, (filters, height, width).
        image: the means of the last two blocks over the image, (2 · filters + filters).
    """

    probabilities: Floats
    last: Floats
    image: Floats

    def at(self, sites: NDArray[np.floating]) -> Floats:
        """Where the network sees columns: the last hidden layer at the pixel of each, and the whole image.

        What is said of the image is the same for all its columns. The last blocks tell noise and
        strange crystals from what was learnt; the deepest one hardly notices a low dose.

        Args:
            sites: across and down in pixels, (sites, 2).

        Returns:
            (sites, filters + 3 · filters).
        """
        across, down = np.round(sites).astype(int).T
        height, width = self.last.shape[1:]
        there = self.last[:, down.clip(0, height - 1), across.clip(0, width - 1)].T
        return np.concatenate([there, np.tile(self.image, (len(sites), 1))], axis=1)
