"""Places of columns from maps of how probable they are."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
ROUNDS = 3  # of the centroid, each about the place that the one before gave


def maxima(image: Floats, separation: float, threshold: float) -> NDArray[np.int64]:
    """Local maxima (count, 2) as row and column, none lower than `threshold` and no two within `separation` pixels."""
    from scipy.ndimage import maximum_filter
    from scipy.spatial import cKDTree

    reach = max(1, math.floor(separation / 2))
    highest = maximum_filter(image, footprint=disc(reach), mode="nearest")
    places = np.argwhere((image == highest) & (image >= threshold))
    order = np.argsort(-image[tuple(places.T)], kind="stable")
    places = places[order]
    lost = np.zeros(len(places), bool)
    pairs = cKDTree(places).query_pairs(separation, output_type="ndarray") if len(places) else []
    for first, second in sorted(map(tuple, pairs)):
        lost[second] |= not lost[first]
    return np.asarray(places[~lost], np.int64)


def centroids(image: Floats, places: NDArray[np.integer], reach: float) -> NDArray[np.float64]:
    """Centres of weight within `reach` pixels about each place, (count, 2) as row and column.

    The weight is what lies above the lowest pixel of the disc, so that a level shifts nothing.
    """
    found = np.asarray(places, float)
    for _ in range(ROUNDS):
        found = np.array([_centroid(image, place, reach) for place in found]).reshape(-1, 2)
    return found


def _centroid(image: Floats, place: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    low = np.maximum(np.ceil(place - reach).astype(int), 0)
    high = np.minimum(np.floor(place + reach).astype(int), np.array(image.shape) - 1) + 1
    part = image[low[0] : high[0], low[1] : high[1]]
    row = np.arange(low[0], high[0])[:, None]
    column = np.arange(low[1], high[1])[None]
    inside = np.hypot(row - place[0], column - place[1]) <= reach
    if not inside.any():
        return place
    weight = np.where(inside, part - part[inside].min(), 0.0)
    total = float(weight.sum())
    if total <= 0:
        return place
    return np.array([(weight * row).sum() / total, (weight * column).sum() / total])


def disc(radius: float) -> NDArray[np.bool_]:
    """The pixels within a distance of the middle one, (edge, edge)."""
    half = math.floor(radius)
    away = np.arange(-half, half + 1)
    return np.asarray(np.hypot(away[:, None], away[None]) <= radius + 1e-9)


def sites_in(
    probabilities: Floats, separation: float, threshold: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The columns that a map of probabilities shows.

    Args:
        probabilities: of the classes of every pixel, (classes, height, width); the first is no column.
        separation: in pixels.
        threshold: least probability of any column.

    Returns:
        float32 (sites, 2), across and down in pixels; float32 (sites, classes), the mean
        probabilities about each site.
    """
    from scipy.ndimage import gaussian_filter, uniform_filter

    there = gaussian_filter(1 - probabilities[0].astype(np.float64), 1.0)
    places = maxima(there, separation, threshold)
    reach = separation / 2
    fine = centroids(1 - probabilities[0].astype(np.float64), places, reach)
    means = np.stack([uniform_filter(one.astype(np.float64), 3) for one in probabilities])
    said = means[:, places[:, 0], places[:, 1]].T.reshape(-1, len(probabilities))
    said = said / np.maximum(said.sum(axis=1, keepdims=True), 1e-12)
    return fine[:, ::-1].astype(np.float32), said.astype(np.float32)
