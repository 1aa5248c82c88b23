"""How unlike the training data a row is, by its distance in a space of features."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.spatial.distance import cdist

from structkit import DataError, Problem

Floats = NDArray[np.float64]
MOST = 2048  # features whose covariance is estimated; more are projected first
BLOCK = 4096  # rows whose distances are in memory at once
ROWS = 256  # rows that are taken in double precision at once: of images, more would be gigabytes


@dataclass(frozen=True)
class Whitened:
    """A space in which the classes of the training rows have a round spread.

    Distances to the mean of the nearest class are the class-conditional Mahalanobis distances of
    Lee et al. (NeurIPS 2018, equation 2), with the covariance within classes shrunk as Ledoit and
    Wolf do (J. Multivariate Anal. 88, 365 (2004)): it can always be inverted, also of a thousand
    features of forty rows.

    Args:
        mean, scale: (features), by which features are standardised.
        projection: (features, fewer), a random one where there are very many; else empty.
        factor: (fewer, fewer), lower triangle, of the covariance within classes.
        centres: (classes, fewer), the mean of each class.
        rows: (rows, fewer), the training rows.
    """

    mean: Floats
    scale: Floats
    projection: Floats
    factor: Floats
    centres: Floats
    rows: Floats

    @classmethod
    def fit(
        cls, features: NDArray[np.floating], classes: NDArray[np.int64], seed: int = 0
    ) -> Whitened:
        """Learn the space.

        Args:
            features: (rows, features) of the training rows, in any precision.
            classes: (rows), the place of the class of each.
            seed: of the projection.

        Raises:
            DataError: D051, no feature differs between rows; D005, a feature is no number.
        """
        check_finite(features)
        mean = features.mean(axis=0, dtype=np.float64)
        scale = _deviations(features, mean)
        if not (scale > 1e-12).any():
            message = (
                f"the {features.shape[1]} features are equal in all {len(features)} training rows"
            )
            raise DataError(
                Problem("D051", message, fix="nothing can be told to be unlike: use other features")
            )
        scale = np.where(scale > 1e-12, scale, 1.0)
        projection = _projection(features.shape[1], seed)
        flat = np.concatenate(
            [_reduced((part - mean) / scale, projection) for part in _parts(features)]
        )
        present = np.unique(classes)
        centres = np.stack([flat[classes == place].mean(axis=0) for place in present])
        within = flat - centres[np.searchsorted(present, classes)]
        factor: Floats = np.linalg.cholesky(_covariance(within, flat)).astype(np.float64)
        made = cls(mean, scale, projection, factor, centres, flat)
        white = made._white(flat), made._white(centres)
        return cls(mean, scale, projection, factor, white[1], white[0])

    def __call__(self, features: NDArray[np.floating]) -> Floats:
        """Rows in the space, (rows, fewer)."""
        check_finite(features)
        return self._white(_reduced((features - self.mean) / self.scale, self.projection))

    def to_classes(self, white: Floats) -> Floats:
        """The distance of each row to the nearest class."""
        return _nearest(white, self.centres, 1)

    def to_rows(self, white: Floats, neighbours: int) -> Floats:
        """The distance of each row to the training row that is its n-th neighbour."""
        return _nearest(white, self.rows, min(neighbours, len(self.rows)))

    def _white(self, flat: Floats) -> Floats:
        white: Floats = solve_triangular(self.factor, flat.T, lower=True).T
        return np.ascontiguousarray(white)


def check_finite(features: NDArray[np.floating]) -> None:
    """Refuse what is no number.

    Raises:
        DataError: D005.
    """
    bad = np.argwhere(~np.isfinite(features))
    if len(bad):
        row, column = bad[0].tolist()
        message = f"feature {column} of row {row} is {features[row, column]}"
        raise DataError(Problem("D005", message, fix="leave the row out, or mend the features"))


def _parts(features: NDArray[np.floating]) -> Iterator[NDArray[np.floating]]:
    """Some rows after the others."""
    for start in range(0, len(features), ROWS):
        yield features[start : start + ROWS]


def _deviations(features: NDArray[np.floating], mean: Floats) -> Floats:
    """The standard deviation of each feature."""
    squares = sum(np.square(part - mean).sum(axis=0) for part in _parts(features))
    deviations: Floats = np.sqrt(squares / len(features))
    return deviations


def _covariance(within: Floats, flat: Floats) -> Floats:
    """Within classes; where every class has one row, or all rows of a class are equal, of all rows."""
    from sklearn.covariance import ledoit_wolf

    usable = within if np.abs(within).max() > 1e-12 else flat - flat.mean(axis=0)
    covariance, _ = ledoit_wolf(usable, assume_centered=True)
    # with as many rows as features, or features that depend on each other, nothing may be shrunk
    floor = 1e-6 * np.trace(covariance) / len(covariance)
    ridge: Floats = covariance + floor * np.eye(len(covariance))
    return ridge


def _projection(features: int, seed: int) -> Floats:
    """A random projection that keeps distances (Johnson and Lindenstrauss); empty for few features."""
    if features <= MOST:
        return np.zeros((0, 0))
    from sklearn.random_projection import GaussianRandomProjection

    made = GaussianRandomProjection(n_components=MOST // 4, random_state=seed)
    made.fit(np.zeros((1, features)))
    projection: Floats = np.ascontiguousarray(made.components_.T)
    return projection


def _reduced(flat: Floats, projection: Floats) -> Floats:
    return flat @ projection if projection.size else flat


def _nearest(white: Floats, others: Floats, number: int) -> Floats:
    """The distance to the n-th nearest of others, a block of rows at a time."""
    found = np.empty(len(white))
    for start in range(0, len(white), BLOCK):
        distances = cdist(white[start : start + BLOCK], others)
        found[start : start + BLOCK] = np.partition(distances, number - 1, axis=1)[:, number - 1]
    return found
