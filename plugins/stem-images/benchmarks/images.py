"""Milliseconds of one core for an image and what is done to it: process time, medians of five.

.venv/bin/python plugins/stem-images/benchmarks/images.py
"""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from structkit import Measurement
from structkit_stem_images import Microscope, StemImage, ThinCrystals
from structkit_stem_images.crystals import unit_cell

REPEATS = 5


def milliseconds(work: Callable[[], Any]) -> float:
    """Process time, the median of several calls after one that compiles."""
    work()
    rounds = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        rounds.append(1000 * (time.process_time() - start))
    return median(rounds)


def main() -> None:
    """Measure and print."""
    rng = np.random.default_rng(0)
    print("crystal, atoms in the structure, pixels, image ms, ms per 1,000 atoms, microscope ms")
    for crystal, pixels in (("graphene", 128), ("MoS2", 128), ("SrTiO3", 128), ("SrTiO3", 256)):
        source = ThinCrystals(crystals=(crystal,), count=1, field=pixels * 0.2 + 8)
        (piece,) = source.samples(source.tasks()[0], rng)
        descriptor, scope = StemImage(pixels=pixels), Microscope()
        image = milliseconds(lambda d=descriptor, a=piece.atoms: d(a))
        row = Measurement("x", descriptor(piece.atoms))
        taken = milliseconds(lambda s=scope, r=row: next(s(r, rng)))
        count = len(piece.atoms)
        print(f"{crystal}, {count}, {pixels}, {image:.1f}, {1000 * image / count:.2f}, {taken:.1f}")
    cell = unit_cell("SrTiO3")
    whole = milliseconds(lambda: StemImage(thickness=39.0)(cell))
    print(f"a unit cell of SrTiO3, repeated to 25.6 Å and 39 Å of thickness: {whole:.1f} ms")


if __name__ == "__main__":
    main()
