"""Classes of pixels, and the columns that they make: a target of images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem, Table
from structkit.data.columns import Column
from structkit.evaluation.target import TARGET, Headline, Truth, check_classes, fixed, ragged
from structkit_stem_images.columns import PLACE_OF
from structkit_stem_images.pixel_scores import scores_of, told

UNKNOWN = -1  # a pixel of which nothing is known


class PixelClasses:
    """Whole numbers, one a pixel, as `structkit.evaluation.target.Target`; 0 is between columns, -1 is not known.

    The truth is an array of the features that is called as the target is, (height, width) a row.
    Where the features have the array `sites` too, the columns that were found are scored beside
    the pixels. A model gives a mapping: `pixels` (rows, height, width), the class of each; `sites`,
    for each row (count, 2) places in pixels; `said`, for each row (count, classes) probabilities.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def truth(self, features: Table, structures: Table | None) -> Truth:
        """The classes of all pixels; groups are dealt out as one kind.

        Raises:
            DataError: D005, the features have no such array.
        """
        if self.name not in features.arrays:
            message = f"no array '{self.name}' of pixels; arrays: {', '.join(features.arrays)}"
            fix = f"marks: [{self.name}] of stem-image, or another target"
            raise DataError(Problem("D005", message, fix=fix))
        values = np.asarray(features.stack(self.name))
        known = (values != UNKNOWN).any(axis=(1, 2))
        return Truth(known, [self.name if one else None for one in known.tolist()], values)

    def check(self, truth: Truth, features: Table) -> None:
        """Refuse images of which nothing is known, one class, and too many.

        Raises:
            DataError: D005; D001; D006.
        """
        if not truth.known.any():
            message = f"of no pixel '{self.name}' is known"
            raise DataError(Problem("D005", message, fix="learn from simulated images"))
        classes = known_classes(truth.values)
        if len(classes) < 2:
            message = f"pixels of one class of '{self.name}'; a classifier needs ≥ 2"
            raise DataError(Problem("D001", message, fix="add images of another class"))
        check_classes(len(classes))

    def for_training(self, features: Table, truth: Truth) -> Table:
        """The rows with the array `target`, whole numbers (rows, height, width)."""
        return features.with_arrays(**{TARGET: truth.values})

    def arrays(
        self, predicted: Any, model: Any, features: Table, truth: Truth
    ) -> dict[str, Column]:
        """What was found, beside what is there.

        `pixels` and `pixel_truth` (rows, height, width); ragged `found` (sites, 3) and `there`
        (columns, 3), across, down and class; `sampling`, Å. Guards judge the found columns: ragged
        `probabilities` (sites, classes), and `truth` (sites), what lies at the pixel where each was
        found: 0 where no column is.
        """
        pixels = np.asarray(predicted["pixels"])
        _check_shape(pixels, features)
        classes = np.array([int(name) for name in model.classes])
        found = [
            _with_class(sites, said, classes)
            for sites, said in zip(predicted["sites"], predicted["said"], strict=True)
        ]
        known = _known_pixels(truth, pixels)
        return {
            "pixels": fixed(pixels.astype(np.int16)),
            "pixel_truth": fixed(known),
            "truth": ragged([_at_sites(*row) for row in zip(known, found, strict=True)]),
            "found": ragged(found),
            "there": ragged([self._there(features, row) for row in range(len(features))]),
            "probabilities": ragged([np.asarray(said, np.float32) for said in predicted["said"]]),
            "sampling": fixed(np.asarray(features.stack("sampling"), float)[:, 0]),
        }

    def _there(self, features: Table, row: int) -> NDArray[np.float32]:
        """The true columns of a row, (columns, 3)."""
        if "sites" not in features.arrays:
            return np.zeros((0, 3), np.float32)
        sites = features.item("sites", row)
        return np.asarray(sites[:, [0, 1, PLACE_OF.get(self.name, 2)]], np.float32)

    def facts(self, model: Any, truth: Truth, features: Table) -> dict[str, Any]:
        """The classes, in the order of the probabilities; those that there are; and the commonest."""
        values, counts = np.unique(truth.values[truth.values != UNKNOWN], return_counts=True)
        return {
            "target": self.name,
            "classes": list(model.classes),
            "known": values.tolist(),
            "commonest": int(values[counts.argmax()]),
            "parts": "columns",
        }

    def scored(self, predictions: Table) -> NDArray[np.bool_]:
        """The rows with a pixel whose class is known."""
        truth = predictions.stack("pixel_truth")
        return np.asarray((truth != UNKNOWN).any(axis=(1, 2)))

    def scores(self, facts: Mapping[str, Any], predictions: Table) -> dict[str, Any]:
        """Scores of pixels and of sites, with intervals over groups."""
        return scores_of(facts, predictions)

    def columns(self, facts: Mapping[str, Any]) -> list[str]:
        """How many columns were found, of each class."""
        return ["columns", *(f"class {name}" for name in facts["classes"][1:])]

    def cells(self, facts: Mapping[str, Any], predictions: Table, index: int) -> list[str]:
        """The cells of one row."""
        found = predictions.item("found", index)[:, 2]
        counts = [int((found == int(name)).sum()) for name in facts["classes"][1:]]
        return [str(len(found)), *map(str, counts)]

    def headlines(self, scores: Mapping[str, Any]) -> list[Headline]:
        """F1 of the columns and of their classes, the error of their places, the accuracy per pixel."""
        return told(scores)


def known_classes(values: NDArray[np.integer]) -> list[int]:
    """The classes that are there, growing, without what is not known."""
    return [int(value) for value in np.unique(values) if value != UNKNOWN]


def _check_shape(pixels: NDArray[Any], features: Table) -> None:
    image = features.item("image", 0).shape if len(features) else (1, *pixels.shape[1:])
    if pixels.shape != (len(features), *image[1:]) or pixels.dtype.kind not in "iu":
        raise ValueError(
            f"returned {pixels.dtype} of shape {pixels.shape}, expected whole numbers of shape "
            f"{(len(features), *image[1:])}"
        )


def _with_class(
    sites: NDArray[Any], said: NDArray[Any], classes: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Places with the likeliest class that is a column, float32 (sites, 3)."""
    best = classes[1:][np.asarray(said)[:, 1:].argmax(axis=1)] if len(sites) else np.zeros(0)
    return np.column_stack([np.reshape(sites, (-1, 2)), best]).astype(np.float32)


def _at_sites(known: NDArray[np.int16], sites: NDArray[np.float32]) -> NDArray[np.int64]:
    """What lies at the pixel of each site, int64 (sites)."""
    across, down = np.round(sites[:, :2]).astype(int).T
    height, width = known.shape
    return np.asarray(known[down.clip(0, height - 1), across.clip(0, width - 1)], np.int64)


def _known_pixels(truth: Truth, pixels: NDArray[Any]) -> NDArray[np.int16]:
    """What is known of the pixels; of new images, nothing."""
    if isinstance(truth.values, np.ndarray):
        return truth.values.astype(np.int16)
    values: Sequence[Any] = truth.values
    unknown = np.full(pixels.shape[1:], UNKNOWN, np.int16)
    return np.array([unknown if value is None else value for value in values], np.int16)
