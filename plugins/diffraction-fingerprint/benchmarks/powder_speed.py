"""How fast a powder pattern is, and its histogram of distances against one made from a list of pairs.

    OMP_NUM_THREADS=1 .venv/bin/python plugins/diffraction-fingerprint/benchmarks/powder_speed.py

Process time, side by side in one run, for crystals of 192 to 512 atoms that tremble.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from ase import Atoms
from ase.build import bulk

from structkit_diffraction_fingerprint import PowderPattern, typical_neighbour_distance
from structkit_neighbours import pairs
from structkit_neighbours.histogram import distance_histogram

REACH, BINS, REPEATS = 5.0, 2000, 15
CRYSTALS = [("Cu", "fcc", 3.6, 4), ("Fe", "bcc", 2.87, 6), ("Si", "diamond", 5.43, 4)]


def crystal(element: str, lattice: str, length: float, cells: int) -> Atoms:
    """A crystal whose atoms are displaced by 0.05 Å."""
    atoms = bulk(element, lattice, a=length, cubic=True).repeat((cells, cells, cells - 1))
    rng = np.random.default_rng(cells)
    atoms.positions += rng.normal(0, 0.05, atoms.positions.shape)
    return atoms


def by_list(atoms: Atoms, cutoff: float) -> object:
    """The same counts from all pairs, as vesin finds them."""
    distances = pairs(atoms, cutoff, each_twice=False, shifts=False).distances
    return np.histogram(distances, BINS, (0, cutoff))[0]


def milliseconds(work: Callable[[], object]) -> float:
    """Median process time of a call, after one to warm up."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1e3 * statistics.median(times)


def main() -> None:
    """Print a line a crystal."""
    print("crystal  atoms  pattern ms  histogram ms  by a list of pairs ms")
    pattern = PowderPattern()
    for words in CRYSTALS:
        atoms = crystal(*words)
        cutoff = REACH * typical_neighbour_distance(atoms)
        whole = milliseconds(lambda atoms=atoms: pattern(atoms))
        counted = milliseconds(lambda atoms=atoms, c=cutoff: distance_histogram(atoms, c, BINS))
        listed = milliseconds(lambda atoms=atoms, c=cutoff: by_list(atoms, c))
        print(f"{words[0]:7} {len(atoms):6} {whole:11.2f} {counted:13.2f} {listed:22.2f}")


if __name__ == "__main__":
    main()
