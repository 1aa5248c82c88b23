"""The scan of a microscope that is not quite where it should be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from structkit_stem_images.columns import sorted_inside

Floats = NDArray[np.float64]
WAVES = 2  # of a wobble, of at most that many periods along the image


@dataclass(frozen=True)
class Warp:
    """Where the probe is when a pixel is written: pixel (row, column) shows (row + down, column + across).

    Args:
        across, down: float64 (rows,), in pixels: a row of pixels is written in no time.
    """

    across: Floats
    down: Floats

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is moved."""
        return not (self.across.any() or self.down.any())

    def image(self, image: NDArray[np.floating]) -> Floats:
        """An image (rows, columns) as it is scanned, by cubic splines; beyond the edge it goes on as in a mirror."""
        return self._mapped(image.astype(np.float64), 3)

    def marks(self, marks: NDArray[np.integer]) -> NDArray[np.integer]:
        """Classes of pixels as they are scanned: of the nearest pixel."""
        return self._mapped(marks, 0).astype(marks.dtype)

    def _mapped(self, image: NDArray[np.generic], order: int) -> Floats:
        from scipy.ndimage import map_coordinates

        row, column = np.indices(image.shape, dtype=float)
        places = [row + self.down[:, None], column + self.across[:, None]]
        return np.asarray(map_coordinates(image, places, order=order, mode="mirror"))

    def sites(self, sites: NDArray[np.floating], pixels: int) -> NDArray[np.float32]:
        """Sites (sites, words) where they are seen, without those that are seen no longer."""
        moved = np.array(sites, float)
        rows = np.arange(len(self.down), dtype=float)
        # the probe never goes far enough back to see a row twice: a slight step back is no step
        shown = np.maximum.accumulate(rows + self.down)
        edges = np.concatenate([[shown[0] - 1e3], shown, [shown[-1] + 1e3]])
        row = np.interp(moved[:, 1], edges, np.concatenate([[-1e3], rows, [rows[-1] + 1e3]]))
        moved[:, 0] -= np.interp(row, rows, self.across)
        moved[:, 1] = row
        return sorted_inside(moved, pixels)


def drawn_warp(
    pixels: int, drift: float, wobble: float, jitter: float, rng: np.random.Generator
) -> Warp:
    """A scan with drift, wobble and jitter.

    Args:
        pixels: rows of the image.
        drift: from the first row to the last, in pixels, in a direction that is drawn.
        wobble: root of the mean square, in pixels, along each axis.
        jitter: standard deviation of a row, in pixels, along the rows.
        rng: what is drawn from.
    """
    angle = rng.uniform(0, 2 * np.pi)
    time = np.linspace(-0.5, 0.5, pixels)
    across = drift * np.cos(angle) * time + wobble * _waves(pixels, rng)
    down = drift * np.sin(angle) * time + wobble * _waves(pixels, rng)
    return Warp(across + jitter * rng.normal(size=pixels), down)


def _waves(pixels: int, rng: np.random.Generator) -> Floats:
    """A smooth curve (pixels,) whose root of the mean square is one."""
    place = np.arange(pixels) / pixels
    curve = np.zeros(pixels)
    for number in range(1, WAVES + 1):
        height, phase = rng.normal() / number, rng.uniform(0, 2 * np.pi)
        curve += height * np.sin(2 * np.pi * number * place + phase)
    return np.asarray(curve / max(float(np.sqrt(np.mean(curve**2))), 1e-12))
