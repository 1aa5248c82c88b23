"""A pattern as a sum of non-negative columns and a background, by weighted least squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit_powder_spectra.grid import Grid
from structkit_powder_spectra.waves import Floats

DIM = 0.01  # of the largest count, added to the variance of each: what profiles never get right


@dataclass(frozen=True)
class Pattern:
    """A measured pattern, ready to be fitted.

    Args:
        counts: (points,).
        grid: where they are.
        roots: square roots of the weights, (points,).
        basis: non-negative curves of the background, (points, curves).
        gram: of basis and counts, weighted: what does not change from fit to fit.
    """

    counts: Floats
    grid: Grid
    roots: Floats
    basis: Floats
    gram: Floats

    @classmethod
    def of(cls, counts: Floats, grid: Grid, degree: int) -> Pattern:
        """A pattern with weights 1/(counts + 1 % of the largest) and a background of Bernstein polynomials."""
        roots = 1 / np.sqrt(np.maximum(counts, 0) + DIM * counts.max())
        basis = bernstein(grid.points, degree)
        fixed = np.column_stack([basis, counts]) * roots[:, None]
        return cls(counts, grid, roots, basis, fixed.T @ fixed)


@dataclass(frozen=True)
class Fit:
    """Scales of the columns and of the background.

    Args:
        scales: of the columns, (columns,).
        phases: their sum, (points,).
        background: (points,).
        squares: weighted sum of squared differences.
    """

    scales: Floats
    phases: Floats
    background: Floats
    squares: float

    def residual(self, pattern: Pattern) -> float:
        """The weighted R factor of what is above the background."""
        above = pattern.roots * (pattern.counts - self.background)
        return float(np.sqrt(self.squares / max(float(above @ above), 1e-300)))


def fitted(pattern: Pattern, columns: Floats, rows: NDArray[np.bool_] | None = None) -> Fit:
    """Non-negative least squares of columns (points, columns) and the background.

    Args:
        pattern: what is fitted.
        columns: any scale.
        rows: the points that count; all unless given.
    """
    tops = np.maximum(columns.max(axis=0, initial=0.0), 1e-300)
    weighted = columns / tops * pattern.roots[:, None]
    basis, counts = (pattern.basis * pattern.roots[:, None], pattern.counts * pattern.roots)
    if rows is not None:
        weighted, basis, counts = weighted[rows], basis[rows], counts[rows]
    gram = _gram(pattern, weighted, basis, counts, rows is None)
    scales, squares = _nnls_of_gram(gram)
    count = columns.shape[1]
    scales[:count] /= tops
    phases, background = columns @ scales[:count], pattern.basis @ scales[count:]
    return Fit(scales[:count], phases, background, squares)


def _gram(pattern: Pattern, weighted: Floats, basis: Floats, counts: Floats, whole: bool) -> Floats:
    """The Gram matrix of columns, background and counts."""
    if not whole:
        everything = np.column_stack([weighted, basis, counts])
        return np.asarray(everything.T @ everything)
    fixed = np.column_stack([basis, counts])
    across = weighted.T @ fixed
    return np.block([[weighted.T @ weighted, across], [across.T, pattern.gram]])


def _nnls_of_gram(gram: Floats) -> tuple[Floats, float]:
    """Non-negative least squares from a Gram matrix whose last row is that of the target."""
    from scipy.optimize import nnls

    inner, target, square = gram[:-1, :-1], gram[:-1, -1], float(gram[-1, -1])
    ridge = 1e-10 * np.trace(inner) / len(inner)
    root = np.linalg.cholesky(inner + ridge * np.eye(len(inner)))
    scales, _ = nnls(root.T, np.linalg.solve(root, target), maxiter=50 * len(inner))
    squares = square - 2 * float(scales @ target) + float(scales @ inner @ scales)
    return scales, max(squares, 0.0)


def bernstein(points: int, degree: int) -> Floats:
    """Bernstein polynomials (points, degree + 1): no sum of them with non-negative factors is negative."""
    from scipy.special import comb

    place: Any = np.linspace(0, 1, points)[:, None]
    order = np.arange(degree + 1)
    return np.asarray(comb(degree, order) * place**order * (1 - place) ** (degree - order))
