"""Features laid out in a plane, so that rows which are alike lie near each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from structkit.errors import Problem, SpecError
from structkit.randomness import seed_for
from structkit_explorer.features import Matrix

FEW = 500  # features: of more, only the largest components are computed


@dataclass(frozen=True)
class Chart:
    """Where rows lie.

    Args:
        places: (rows, 2).
        axes: what stands along both sides.
        words: by which method.
    """

    places: NDArray[np.float64]
    axes: tuple[str, str]
    words: str


def projected(values: Matrix, method: str, seed: int) -> Chart:
    """Lay out features in a plane.

    Args:
        values: (rows, features).
        method: `pca` (scikit-learn) or `umap` (McInnes et al., arXiv:1802.03426).
        seed: of what is drawn at random.

    Raises:
        SpecError: P015, UMAP is asked for and not installed.
    """
    drawn = seed_for(seed, "structkit-explorer", "map") % 2**32
    if method == "umap":
        return _umap(values, drawn)
    return _components(values, drawn)


def _components(values: Matrix, seed: int) -> Chart:
    """The first two principal components, with the shares of the variance that they hold."""
    from sklearn.decomposition import PCA

    most = min(2, *values.shape)
    places, shares = np.zeros((len(values), 2)), np.zeros(2)
    if np.ptp(values, axis=0).any():
        solver = "covariance_eigh" if values.shape[1] <= FEW else "randomized"
        components = PCA(most, svd_solver=solver, random_state=seed)
        places[:, :most] = components.fit_transform(values)
        shares[:most] = components.explained_variance_ratio_
    names = ("first", "second")
    axes = [f"{name} component, {share:.0%}" for name, share in zip(names, shares, strict=True)]
    words = f"map: principal components, {shares.sum():.0%} of the variance,"
    return Chart(places, (axes[0], axes[1]), words)


def _umap(values: Matrix, seed: int) -> Chart:
    try:
        from umap import UMAP
    except ImportError as error:
        fix = "pip install 'structkit-explorer[umap]', or leave --map out"
        raise SpecError(Problem("P015", "UMAP is not installed", "--map", fix)) from error
    neighbours = max(2, min(15, len(values) - 1))
    places = UMAP(n_components=2, n_neighbors=neighbours, random_state=seed).fit_transform(values)
    words = f"map: UMAP with {neighbours} neighbours (distances between far groups mean nothing)"
    return Chart(np.asarray(places, dtype=np.float64), ("UMAP 1", "UMAP 2"), words)
