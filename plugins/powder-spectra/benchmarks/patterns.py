"""Patterns per second of one core, and pymatgen's beside them: process time, medians of five.

.venv/bin/python plugins/powder-spectra/benchmarks/patterns.py [FOLDER]

Crystals are AFLOW's prototypes of pymatgen; with a folder of CIFs, those.
"""

import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from pymatgen.analysis.diffraction.xrd import XRDCalculator
from pymatgen.analysis.prototypes import AFLOW_PROTOTYPE_LIBRARY
from pymatgen.core import Structure

from structkit import Measurement
from structkit_powder_spectra import Instrument, PowderXrd, TidySpectrum
from structkit_powder_spectra.waves import TUBES

REPEATS = 5
EVERY = 6  # prototype


def structures() -> list[Structure]:
    """What is measured."""
    if len(sys.argv) > 1:
        return [Structure.from_file(path) for path in sorted(Path(sys.argv[1]).glob("*.cif"))]
    return [entry["snl"].structure for entry in AFLOW_PROTOTYPE_LIBRARY[::EVERY]]


def milliseconds(work: Callable[[Any], Any], items: Sequence[Any]) -> float:
    """Process time for each item, the median of several rounds; the first round, which compiles, is not counted."""
    work(items[0])
    rounds = []
    for _ in range(REPEATS):
        start = time.process_time()
        for item in items:
            work(item)
        rounds.append(1000 * (time.process_time() - start) / len(items))
    return median(rounds)


def main() -> None:
    """Measure and print."""
    warnings.simplefilter("ignore")
    found = structures()
    atoms = [one.to_ase_atoms(msonable=False) for one in found]
    powder = PowderXrd(start=10, stop=80, step=0.02)
    calculator = XRDCalculator(wavelength=TUBES["Cu"][0])
    rows = [Measurement(str(i), powder(one)) for i, one in enumerate(atoms)]
    rng = np.random.default_rng(0)
    instrument, tidy = Instrument(copies=1, impurity=0.1), TidySpectrum()
    theirs = milliseconds(lambda one: calculator.get_pattern(one, two_theta_range=(10, 80)), found)
    peaks = milliseconds(powder.peaks, atoms)
    whole = milliseconds(powder, atoms)
    seen = milliseconds(lambda row: next(instrument(row, rng)), rows)
    bare = milliseconds(lambda row: next(tidy(row, rng)), rows)
    sizes = sorted(len(one) for one in atoms)
    middle = f"median {median(sizes):g}"
    print(
        f"{len(found)} crystals, {sizes[0]} to {sizes[-1]} atoms ({middle}), {powder.grid.points} points"
    )
    print(f"pymatgen's peaks      {theirs:8.2f} ms")
    print(f"our peaks             {peaks:8.2f} ms   {theirs / peaks:.1f} times as fast")
    print(
        f"pattern from structure{whole:8.2f} ms   {theirs / whole:.1f} times as fast, profile and all"
    )
    print(f"degraded pattern      {seen:8.2f} ms   {1000 / seen:.0f} a second and core")
    print(f"tidied                {bare:8.2f} ms")


if __name__ == "__main__":
    main()
