"""Images whose pixels are what a bright pixel elsewhere says, and the linear model that knows where."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from structkit.data.table import Row, Table

OFFSETS = ((-2, 3), (3, 1))  # rows and columns from a pixel of a class to the bright one
EDGE, REACH = 24, 4  # pixels of an image's edge; of the model's kernel, from its middle
BRIGHT, SHARE = 1.0, 0.08  # how bright, and how many pixels are
UNKNOWN = -1
Floats = NDArray[np.float64]


def planted_pixels(rows: int = 6, seed: int = 0) -> Table:
    """Images of sparse bright pixels, which say what the pixels at two offsets from them are.

    Every row has `image`, float32 (1, 24, 24), `target`, int64 (24, 24): 0, 1, or -1 where none or
    both of the offsets are bright; and `explained`, three pixels of each class.
    """
    rng = np.random.default_rng(seed)
    images, targets, explained = [], [], []
    for _ in range(rows):
        bright = rng.random((EDGE, EDGE)) < SHARE
        image = rng.uniform(0.0, 0.05, (EDGE, EDGE)) + BRIGHT * bright
        target = _target(bright)
        images.append(image[None].astype(np.float32))
        targets.append(target)
        of_each = [np.flatnonzero(target.ravel() == name) for name in (0, 1)]
        drawn = [rng.choice(places, size=3, replace=False) for places in of_each]
        explained.append(np.sort(np.concatenate(drawn)))
    named = [Row(f"row-{i}", None, f"group-{i}", "planted") for i in range(rows)]
    return Table.of(named, image=np.stack(images), target=np.stack(targets), explained=explained)


def _target(bright: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The class of every pixel that one of the offsets is bright of; no pixel near the edge has one."""
    first, second = (np.roll(bright, (-down, -across), (0, 1)) for down, across in OFFSETS)
    target = np.full(bright.shape, UNKNOWN, np.int64)
    target[first & ~second] = 0
    target[second & ~first] = 1
    inner = np.zeros_like(bright)
    inner[REACH:-REACH, REACH:-REACH] = True
    return np.where(inner, target, UNKNOWN)


class LinearPixels:
    """Softmax of a linear map of what lies around each pixel: `kernel`, (2, 9, 9)."""

    classes = ("0", "1")

    def __init__(self, kernel: Floats) -> None:
        self.kernel = kernel

    def of_parts(self, features: Table) -> Iterator[Floats]:
        """Probabilities of the classes of all pixels, (pixels, classes) a row."""
        for row in range(len(features)):
            logits = self.logits(features.item("image", row)[0])
            raised = np.exp(logits - logits.max(axis=0))
            yield (raised / raised.sum(axis=0)).reshape(len(self.classes), -1).T

    def predict(self, features: Table) -> dict[str, NDArray[np.int64]]:
        """The class of every pixel: no probabilities."""
        places = [p.argmax(axis=1).reshape(EDGE, EDGE) for p in self.of_parts(features)]
        return {"pixels": np.stack(places)}

    def logits(self, image: NDArray[np.floating]) -> Floats:
        """Of every pixel, (classes, height, width); beyond the edge there is nothing."""
        from scipy.ndimage import correlate

        planes = [correlate(np.asarray(image, float), one, mode="constant") for one in self.kernel]
        return np.stack(planes)

    def with_random_weights(self, seed: int) -> LinearPixels:
        """A copy that has learnt nothing: every weight is drawn anew."""
        return LinearPixels(np.random.default_rng(seed).normal(size=self.kernel.shape))


def linear_pixels() -> LinearPixels:
    """The model that looks where the evidence is planted, and nowhere else."""
    kernel = np.zeros((2, 2 * REACH + 1, 2 * REACH + 1))
    for name, (down, across) in enumerate(OFFSETS):
        kernel[name, REACH + down, REACH + across] = 4.0
    return LinearPixels(kernel)
