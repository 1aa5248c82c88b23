"""How fast the fingerprint is, on one core, against a direct sum, and how near to what the core can do.

    OMP_NUM_THREADS=1 .venv/bin/python
    plugins/diffraction-fingerprint/benchmarks/fingerprint_speed.py

Everything is measured side by side in one run: the yardstick (a direct float64 numpy sum over all
4,096 pixels and six shots), the fingerprint, its neighbour distance, and the rate of the vectorised
sine-cosine-multiply that bounds it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numba
import numpy as np
from ase import Atoms
from ase.build import bulk
from threadpoolctl import threadpool_limits

from structkit_diffraction_fingerprint import DiffractionFingerprint, mean_neighbour_distance
from structkit_diffraction_fingerprint.form_factors import form_factor
from structkit_diffraction_fingerprint.geometry import detector, rotation
from structkit_diffraction_fingerprint.kernel import _sincos
from structkit_diffraction_fingerprint.settings import FingerprintSettings

SETTINGS = FingerprintSettings()
FULL = FingerprintSettings(inner_radius=0, outer_radius=100)


def seconds(work: Callable[[], object], repeats: int) -> float:
    """Median process time of one call, after one to warm up: what others do on the machine counts little."""
    work()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def direct(atoms: Atoms) -> np.ndarray:
    """The equations of the paper as numpy says them: float64, every pixel, six shots."""
    found = detector(FULL)
    positions = atoms.positions / mean_neighbour_distance(atoms)
    length = np.linalg.norm(found.vectors, axis=1)
    factors = {int(z): form_factor(int(z) + 2, length) for z in np.unique(atoms.numbers)}
    image = np.zeros((3, SETTINGS.size, SETTINGS.size))
    for axis in range(3):
        for sign in (-1, 1):
            h = found.vectors @ rotation(axis, sign * 45).T
            waves = np.exp(-2j * np.pi * (h @ positions.T))
            total = sum(factors[z] * waves[:, atoms.numbers == z].sum(axis=1) for z in factors)
            image[axis][found.keep] += np.abs(total) ** 2 * found.solid_angle
    image[:, ~detector(SETTINGS).keep] = 0
    return image / image.max()


@numba.njit(fastmath=True)
def sincos_rate(values: np.ndarray) -> np.float32:
    """Sum of the sines and cosines of many phases, eight independent ones at a time."""
    total = np.float32(0)
    for j in range(len(values)):
        s, c = _sincos(values[j])
        total += s + c
    return total


def main() -> None:
    """Print the table."""
    atoms = bulk("Cu", cubic=True).repeat(4)
    fingerprint = DiffractionFingerprint()
    phases = np.random.default_rng(0).uniform(-20, 20, 4096).astype(np.float32)
    with threadpool_limits(1):
        slow = seconds(lambda: direct(atoms), 5)
        fast = seconds(lambda: fingerprint.batch([atoms] * 100), 9) / 100
        scale = seconds(lambda: mean_neighbour_distance(atoms), 200)
        rate = len(phases) / seconds(lambda: sincos_rate(phases), 2000)
        slow_again = seconds(lambda: direct(atoms), 5)
    error = np.abs(fingerprint(atoms)["image"] - direct(atoms)).max()
    pairs = 5 * len(fingerprint._length) * len(atoms)
    # the kernel needs 5 sincos (13 operations each) and 40 further operations for every octant and atom
    bound = pairs * (5 + 40 / 13) / rate
    print(f"atoms                             {len(atoms)}")
    print(
        f"direct float64 numpy sum          {1e3 * slow:8.2f} ms  (again: {1e3 * slow_again:.2f} ms)"
    )
    print(f"fingerprint, batched              {1e3 * fast:8.3f} ms")
    print(f"  of which neighbour distance     {1e3 * scale:8.3f} ms")
    print(f"ratio                             {min(slow, slow_again) / fast:8.1f}")
    print(f"largest difference                {error:8.1e}")
    print(f"sine-cosine pairs per second      {rate:8.2e}")
    print(
        f"bound from that rate              {1e3 * bound:8.3f} ms  (reached: {100 * bound / fast:.0f} %)"
    )


if __name__ == "__main__":
    main()
