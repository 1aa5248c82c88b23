"""The sum over atoms, as fast as one core does it: eight symmetric pixels share five sines and cosines.

The pixel grid is symmetric under x → −x, y → −y and x ↔ y, and so is the ring. With A = 2πa·x, B =
2πb·y and C = 2πc·z the eight pixels (±a, ±b), (±b, ±a) are sums and differences of products of cos
and sin of A, B (and of those with a and b exchanged), times exp(−iC). numba turns the loop over
atoms into vector instructions.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.polynomial import Polynomial
from numpy.polynomial.chebyshev import Chebyshev
from numpy.typing import NDArray

from structkit.compiling import compiled

Singles = NDArray[np.float32]
SINGLES = "float32[::1]"  # as numba calls what `octant_sums` is given
HALF, ONE, TWO = np.float32(0.5), np.float32(1), np.float32(2)


def _coefficients(
    values: NDArray[np.float64], nodes: NDArray[np.float64], terms: int
) -> list[np.float32]:
    """Nearly minimax coefficients in powers of u on 0 ≤ u ≤ 1/4."""
    series = Chebyshev.fit(nodes, values, terms - 1, domain=[0, 0.25])
    return [np.float32(c) for c in series.convert(kind=Polynomial).coef]


_U = (np.cos(np.pi * (np.arange(200) + 0.5) / 200) + 1) / 8  # Chebyshev nodes of [0, 1/4]
_R = np.sqrt(_U)
# error of sin(πt) 7e-9 for |t| ≤ 1/2
S0, S1, S2, S3, S4 = _coefficients(np.sin(np.pi * _R) / _R, _U, 5)
K0, K1, K2, K3, K4, K5 = _coefficients(np.cos(np.pi * _R), _U, 6)  # error of cos(πt) 3e-10


@numba.njit(inline="always")  # type: ignore[untyped-decorator]
def _sincos(turns: np.float32) -> tuple[np.float32, np.float32]:
    """Sin and cos of 2π·turns: half the angle by polynomials, then doubled."""
    t = turns - np.floor(turns + HALF)
    u = t * t
    s = t * (S0 + u * (S1 + u * (S2 + u * (S3 + u * S4))))
    c = K0 + u * (K1 + u * (K2 + u * (K3 + u * (K4 + u * K5))))
    return TWO * s * c, ONE - TWO * s * s


@compiled(f"float32[:, ::1]({', '.join(6 * [SINGLES])})", fastmath=True)
def octant_sums(x: Singles, y: Singles, z: Singles, a: Singles, b: Singles, c: Singles) -> Singles:
    """Σ_j of the sixteen products from which the eight pixels of every octant are made.

    Args:
        x: positions of the atoms, (atoms,).
        y: the same along y.
        z: the same along z.
        a: |h_x| of one pixel of every octant, (octants,); a·x is in turns.
        b: |h_y| of it.
        c: h_z of it.

    Returns:
        (octants, 16): eight sums with (a, b), then the same with a and b exchanged:
        cosA·cosB·cosC, sinA·sinB·cosC, sinA·cosB·sinC, cosA·sinB·sinC, and these four with cosC and
        sinC exchanged.
    """
    out = np.empty((len(a), 16), np.float32)
    for p in range(len(a)):
        ap, bp, cp = a[p], b[p], c[p]
        r0 = r1 = r2 = r3 = r4 = r5 = r6 = r7 = np.float32(0)
        q0 = q1 = q2 = q3 = q4 = q5 = q6 = q7 = np.float32(0)
        for j in range(len(x)):
            sin_c, cos_c = _sincos(cp * z[j])
            sin_a, cos_a = _sincos(ap * x[j])
            sin_b, cos_b = _sincos(bp * y[j])
            cc, ss, sc, cs = cos_a * cos_b, sin_a * sin_b, sin_a * cos_b, cos_a * sin_b
            r0, r1, r2, r3 = r0 + cc * cos_c, r1 + ss * cos_c, r2 + sc * sin_c, r3 + cs * sin_c
            r4, r5, r6, r7 = r4 + cc * sin_c, r5 + ss * sin_c, r6 + sc * cos_c, r7 + cs * cos_c
            sin_a, cos_a = _sincos(bp * x[j])
            sin_b, cos_b = _sincos(ap * y[j])
            cc, ss, sc, cs = cos_a * cos_b, sin_a * sin_b, sin_a * cos_b, cos_a * sin_b
            q0, q1, q2, q3 = q0 + cc * cos_c, q1 + ss * cos_c, q2 + sc * sin_c, q3 + cs * sin_c
            q4, q5, q6, q7 = q4 + cc * sin_c, q5 + ss * sin_c, q6 + sc * cos_c, q7 + cs * cos_c
        out[p] = (r0, r1, r2, r3, r4, r5, r6, r7, q0, q1, q2, q3, q4, q5, q6, q7)
    return out


# F = Re − i·Im of the pixel (σa, τb): coefficients of the eight sums for the four signs (σ, τ).
_SIGNS = np.array([(s, t) for s in (1, -1) for t in (1, -1)], dtype=np.float64)
_S, _T = _SIGNS.T
_ONE = np.ones(4)
REAL = np.stack([_ONE, -_S * _T, -_S, -_T])  # of sums 0 to 3
IMAGINARY = np.stack([_ONE, -_S * _T, _S, _T])  # of sums 4 to 7


def intensities(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """|F|² of the eight pixels of every octant, (octants, 8), from sums already weighted by form factors."""
    parts = [
        np.square(half[:, :4] @ REAL) + np.square(half[:, 4:] @ IMAGINARY)
        for half in (sums[:, :8], sums[:, 8:])
    ]
    return np.concatenate(parts, axis=1)
