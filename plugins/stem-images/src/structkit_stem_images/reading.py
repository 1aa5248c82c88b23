"""One file of an image as rows: its pixel size agreed upon, cut, and brought to the sampling that is asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Measurement, Problem, Settings
from structkit_stem_images.columns import WORDS
from structkit_stem_images.pictures_read import Scan, read_scan
from structkit_stem_images.scaling import ranged
from structkit_stem_images.settings import ReadSettings
from structkit_structure_files.finding import unreadable

ALIKE = 0.02  # by which the pixel size of the file and of the settings may differ, as a share
FULL = 0.01  # share of pixels that may be the brightest there are
SLACK = 1.0  # pixels of the file that a frame may reach beyond it
UNKNOWN = -1
Floats = NDArray[np.float64]


def read_images(
    path: Path, settings: ReadSettings, content: bytes | None = None
) -> list[dict[str, NDArray[Any]]]:
    """The arrays of each frame of a file: `image`, `sampling`, and what is not known of its pixels.

    Args:
        path: of the file.
        settings: how it is read.
        content: its bytes, where they have been read; the disk is then not looked at.

    Raises:
        DataError: what is wrong with the file, G001 to G014.
    """
    if content is None:
        if problem := unreadable(path):
            raise DataError(problem)
        content = path.read_bytes()
    scan = read_scan(path, content)
    pixel = _agreed_pixel(path, scan, settings)
    _check_counts(path, scan, settings)
    return [_arrays(one, settings) for one in frames(scan.values, path, pixel, settings)]


def _agreed_pixel(path: Path, scan: Scan, settings: ReadSettings) -> float:
    """The edge of a pixel in Å, by the file or by the settings.

    Raises:
        DataError: G006, neither says it; G007, they do not agree.
    """
    said, asked = scan.pixel, settings.pixel
    if said is None and asked is None:
        message = "the file does not say how many Å a pixel is"
        raise DataError(Problem("G006", message, str(path), "say it: pixel: 0.12"))
    if said is not None and asked is not None and abs(said / asked - 1) > ALIKE:
        message = f"the file says pixels of {said:.4g} Å, 'pixel' says {asked:.4g} Å"
        raise DataError(Problem("G007", message, str(path), "leave 'pixel' out, or mend it"))
    return float(asked if asked is not None else said)  # type: ignore[arg-type]


def _check_counts(path: Path, scan: Scan, settings: ReadSettings) -> None:
    """Refuse an image that shows nothing, or that was too bright for its file.

    Raises:
        DataError: G009; G013.
    """
    low, high = float(scan.values.min()), float(scan.values.max())
    if low == high:
        message = f"the same number everywhere ({low:g})"
        raise DataError(Problem("G009", message, str(path), "is it the right file?"))
    full = float((scan.values >= high).mean())
    if scan.most == high and full > FULL and "saturated" not in settings.accept:
        message = f"{full:.0%} of the pixels are the brightest there are ({high:g})"
        fix = "take it again with less gain, or accept: [saturated]"
        raise DataError(Problem("G013", message, str(path), fix))


def frames(values: Floats, path: Path, pixel: float, settings: ReadSettings) -> Iterator[Floats]:
    """The middle of an image, or its tiles, at the sampling that is asked for.

    Raises:
        DataError: G012, it shows less than one frame.
    """
    edge = settings.field / pixel
    counts = [int((size + SLACK) / edge) for size in values.shape]
    if min(counts) < 1:
        shown = " by ".join(f"{size * pixel:.4g}" for size in values.shape)
        message = f"it shows {shown} Å, {settings.field:.4g} Å are asked for"
        fix = "lower pixels or sampling, of stem-image too"
        raise DataError(Problem("G012", message, str(path), fix))
    counts = counts if settings.cut == "tiles" else [1, 1]
    smooth = _without_aliases(values, settings.sampling / pixel)
    first = [(size - count * edge) / 2 for size, count in zip(values.shape, counts, strict=True)]
    for row in range(counts[0]):
        for column in range(counts[1]):
            corner = (first[0] + row * edge, first[1] + column * edge)
            yield _sampled(smooth, corner, settings.sampling / pixel, settings.pixels)


def _without_aliases(values: Floats, step: float) -> Floats:
    """An image in which nothing is finer than pixels of `step` of its own can show."""
    from scipy.ndimage import gaussian_filter

    if step <= 1:
        return values
    return np.asarray(gaussian_filter(values, 0.5 * math.sqrt(step**2 - 1), mode="nearest"))


def _sampled(values: Floats, corner: tuple[float, float], step: float, pixels: int) -> Floats:
    """A frame (pixels, pixels) that begins at a corner, its pixels `step` of the image's."""
    from scipy.ndimage import map_coordinates

    places = [start + step * (np.arange(pixels) + 0.5) - 0.5 for start in corner]
    grid = np.meshgrid(*places, indexing="ij")
    return np.asarray(map_coordinates(values, grid, order=1, mode="nearest"))


def _arrays(frame: Floats, settings: ReadSettings) -> dict[str, NDArray[Any]]:
    """A frame with all that is not known of it."""
    shape = frame.shape
    return {
        "image": ranged(frame)[None].astype(np.float32),
        "sites": np.zeros((0, WORDS), np.float32),
        "sampling": np.array([settings.sampling]),
        "defects": np.full(shape, UNKNOWN, np.int8),
        "species": np.full(shape, UNKNOWN, np.int16),
    }


def read_for_prediction(path: Path, settings: Settings | None, units: str) -> list[Measurement]:
    """Read one file of a user for `predict`.

    Args:
        path: of the file.
        settings: of the step `image-files` of the run; without, the file must say its pixel size.
        units: of no meaning to images.

    Raises:
        DataError: what is wrong with the file.
    """
    known = settings if isinstance(settings, ReadSettings) else ReadSettings()
    read = read_images(path, known)
    names = [str(path)] if len(read) == 1 else [f"{path}#{number}" for number in range(len(read))]
    return [Measurement(name, arrays) for name, arrays in zip(names, read, strict=True)]
