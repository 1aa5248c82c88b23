"""The inner loops after the neighbours are known: averages over neighbours, cosines, lengths."""

from __future__ import annotations

import numpy as np

from structkit_local_structure.ring import (
    AVERAGED,
    BONDED,
    COMPARED,
    DEGREES,
    FROM3,
    FROM6,
    HARMONICS,
    SIZE,
    TO6,
    Ints,
    Ring,
    Singles,
    compiled,
)

SETS = 3  # of neighbours: 4, 12, 14
TO8 = 2 * HARMONICS  # the end of l = 8 of the sums over twelve
LENGTHS = SETS * DEGREES
FEATURES = 3 * LENGTHS + 4 * BONDED  # 120
_SHARE = np.float32(1 / (BONDED + 1))
_NORMS = np.array([4 * np.pi / (2 * l + 1) for l in range(1, DEGREES + 1)], np.float32)  # noqa: E741


@compiled
def average(ring: Ring, atoms: Ints) -> None:
    """Average the sums of atoms over themselves and their 12 neighbours."""
    for i in atoms:
        row = ring.row[i]
        mean = ring.averaged[row]
        own = ring.local[row]
        for h in range(SIZE):
            mean[h] = own[h]
        for n in range(BONDED):
            other = ring.local[ring.row[ring.neighbours[row, n]]]
            for h in range(SIZE):
                mean[h] += other[h]
        for h in range(SIZE):
            mean[h] *= _SHARE
        ring.sizes[row, 0] = _size(mean, FROM3, TO8)
        ring.sizes[row, 1] = _size(own, FROM6, TO6)
        ring.stage[row] = AVERAGED


@compiled
def compare(ring: Ring, atoms: Ints) -> None:
    """Sort the cosines between atoms and their 12 neighbours: of averaged sums, then of q_6."""
    for i in atoms:
        row = ring.row[i]
        cosines = ring.cosines[row]
        for n in range(BONDED):
            other = ring.row[ring.neighbours[row, n]]
            alike = _product(ring.averaged[row], ring.averaged[other], FROM3, TO8)
            cosines[n] = alike / (ring.sizes[row, 0] * ring.sizes[other, 0])
            alike = _product(ring.local[row], ring.local[other], FROM6, TO6)
            cosines[BONDED + n] = alike / (ring.sizes[row, 1] * ring.sizes[other, 1])
        ring.alike[row] = cosines[:BONDED]
        _sort(cosines[:BONDED])
        _sort(cosines[BONDED:])
        ring.stage[row] = COMPARED


@compiled
def _product(one: Singles, two: Singles, begin: int, end: int) -> np.float32:
    product = np.float32(0)
    for h in range(begin, end):
        product += one[h] * two[h]
    return product


@compiled
def _size(one: Singles, begin: int, end: int) -> np.float32:
    """The length of a part of sums, never 0."""
    size: np.float32 = np.sqrt(max(_product(one, one, begin, end), np.float32(1e-20)))
    return size


@compiled
def _sort(values: Singles) -> None:
    """Sort a few numbers in place."""
    for i in range(1, len(values)):
        value, k = values[i], i
        while k > 0 and values[k - 1] > value:
            values[k] = values[k - 1]
            k -= 1
        values[k] = value


@compiled
def finish(ring: Ring, atoms: Ints, features: Singles) -> None:
    """Write the 120 invariants of atoms, float32 (atoms, 120)."""
    mean = np.empty(SIZE, np.float32)
    for k in range(len(atoms)):
        row = ring.row[atoms[k]]
        own = features[k]
        _lengths(ring.local[row], own, 0)
        _lengths(ring.averaged[row], own, LENGTHS)
        for h in range(SIZE):
            mean[h] = ring.averaged[row, h]
        for c in range(2 * BONDED):
            own[3 * LENGTHS + c] = ring.cosines[row, c]
            own[3 * LENGTHS + 2 * BONDED + c] = ring.cosines[row, c]
        for n in range(BONDED):
            other = ring.row[ring.neighbours[row, n]]
            for h in range(SIZE):
                mean[h] += ring.averaged[other, h]
            for c in range(2 * BONDED):
                own[3 * LENGTHS + 2 * BONDED + c] += ring.cosines[other, c]
        for h in range(SIZE):
            mean[h] *= _SHARE
        for c in range(2 * BONDED):
            own[3 * LENGTHS + 2 * BONDED + c] *= _SHARE
        _lengths(mean, own, 2 * LENGTHS)


@compiled
def _lengths(sums: Singles, own: Singles, at: int) -> None:
    """The lengths |q_l| = sqrt(4π / (2l + 1) Σ_m q_lm²), l = 1 ... 8, of three sets of sums."""
    for s in range(SETS):
        for l in range(1, DEGREES + 1):  # noqa: E741
            begin = s * HARMONICS + l * l - 1
            square = np.float32(0)
            for h in range(begin, begin + 2 * l + 1):
                square += sums[h] * sums[h]
            own[at + s * DEGREES + l - 1] = np.sqrt(_NORMS[l - 1] * square)
