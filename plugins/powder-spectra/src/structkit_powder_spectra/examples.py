"""Small crystals, files and tables of spectra, for tests and for trying things out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from structkit import Measurement, Row, Table
from structkit.store.files import write_text
from structkit_powder_spectra.waves import Floats

if TYPE_CHECKING:
    from ase import Atoms

GRID: dict[str, Any] = {"start": 20.0, "stop": 80.0, "step": 0.05}
PLANTED = {"left": 40, "right": 150}  # first point of the line of each class
LINES = (28.4, 47.3, 56.1)  # degrees, of the files


def crystals() -> dict[str, Atoms]:
    """Six crystals of one or two elements."""
    from ase.build import bulk

    return {
        "Cu": bulk("Cu"),
        "Si": bulk("Si"),
        "NaCl": bulk("NaCl", "rocksalt", a=5.64, cubic=True),
        "ZnO": bulk("ZnO", "wurtzite", a=3.25, c=5.207),
        "Fe": bulk("Fe"),
        "Mg": bulk("Mg"),
    }


def simulated(name: str = "NaCl", **settings: Any) -> Measurement:
    """The pattern of one of the crystals, as a row of `powder-xrd`."""
    from structkit_powder_spectra.pattern import PowderXrd

    arrays = PowderXrd(**{**GRID, **settings})(crystals()[name])
    return Measurement(name, arrays, name, name)


def planted_spectra(rows: int = 16, points: int = 200, seed: int = 0) -> Table:
    """Noisy spectra (points,) of two classes, `left` and `right`, that differ in where one line lies."""
    rng = np.random.default_rng(seed)
    spectra = rng.uniform(0, 0.1, (rows, points)).astype(np.float32)
    labels = [("left", "right")[row % 2] for row in range(rows)]
    for spectrum, label in zip(spectra, labels, strict=True):
        spectrum[PLANTED[label] : PLANTED[label] + 8] += 0.9
    named = [Row(f"row-{i}", label, f"group-{i}", "planted") for i, label in enumerate(labels)]
    axis = np.tile([20.0, 79.7, 1.5405929, 0.0], (rows, 1))
    return Table.of(named, spectrum=spectra, axis=axis)


def counts(
    start: float = 15.0, stop: float = 85.0, step: float = 0.02, seed: int = 0
) -> tuple[Floats, NDArray[np.int64]]:
    """Angles in degrees and counts of a scan: three lines on a level, with the noise of counts."""
    rng = np.random.default_rng(seed)
    angles = np.round(np.arange(start, stop + step / 2, step), 6)
    level = np.full(len(angles), 80.0)
    for place in LINES:
        level += 900 * np.exp(-0.5 * ((angles - place) / 0.1) ** 2)
    return angles, rng.poisson(level)


def write_columns(path: Path, separator: str = " ", head: str = "", **scan: Any) -> Path:
    """Write a scan, as `counts` makes it, as columns of text; returns the path."""
    lines = [f"{a:.4f}{separator}{c}" for a, c in zip(*counts(**scan), strict=True)]
    write_text(path, head + "\n".join(lines) + "\n")
    return path
