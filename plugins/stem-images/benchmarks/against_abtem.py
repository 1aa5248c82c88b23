"""The convolution beside abTEM's PRISM: correlation and time, on crystals that were not used to fit the probe.

pip install abtem          # GPL; it is in no installation of structkit
.venv/bin/python plugins/stem-images/benchmarks/against_abtem.py

Static lattices, 80 kV, 30 mrad, a detector from 60 to 200 mrad. The probe's two widths, the share of its
tails and the power of Z are fitted to SrTiO3; then nothing is changed.
"""

import itertools
import time
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit_stem_images import StemImage
from structkit_stem_images.crystals import unit_cell

EDGE = 14.0  # Å, at least
SAMPLING = 0.2  # Å, of both images
BEAM = {"voltage": 80.0, "detector": (60.0, 200.0)}
GRID = {
    "probe": (0.25, 0.3, 0.35, 0.4, 0.45, 0.5),
    "tails": (0.0, 0.1, 0.2, 0.3, 0.4),
    "tail_probe": (0.8, 1.2, 1.6),
    "power": (1.5, 1.6, 1.7, 1.8, 2.0),
}
THICK = {"SrTiO3": 12.0, "graphene": 4.0, "MoS2": 8.0, "MgO": 12.0, "Au": 12.0, "BaTiO3": 24.0}


def orthogonal(crystal: str) -> Atoms:
    """A rectangular cell that is periodic in the plane, at least `EDGE` wide, with all its layers."""
    cell = unit_cell(crystal)
    if abs(cell.cell.angles()[2] - 90) > 1:
        cell = _rectangle(cell)
    wide = [int(np.ceil(EDGE / length)) for length in cell.cell.lengths()[:2]]
    deep = int(np.ceil(THICK[crystal] / cell.cell[2, 2])) if cell.pbc[2] else 1
    large = cell.repeat((*wide, deep))
    large.cell[2] = [0, 0, np.ptp(large.positions[:, 2]) + 4.0]
    large.center(axis=2)
    large.pbc = (True, True, False)
    return large


def _rectangle(cell: Atoms) -> Atoms:
    """A hexagonal cell as a rectangle of two."""
    from ase.build import make_supercell

    oblique = cell.cell.angles()[2] > 90
    second = [1, 2, 0] if oblique else [-1, 2, 0]
    return make_supercell(cell, [[1, 0, 0], second, [0, 0, 1]], wrap=True)


def by_abtem(atoms: Atoms) -> NDArray[np.float64]:
    """PRISM's image of a whole cell, (columns, rows) as abTEM has them."""
    import abtem

    abtem.config.set({"dask.lazy": False, "local_diagnostics.progress_bar": False})
    potential = abtem.Potential(
        atoms, sampling=0.05, slice_thickness=1.0, parametrization="kirkland"
    )
    matrix = abtem.SMatrix(
        potential=potential, energy=BEAM["voltage"] * 1e3, semiangle_cutoff=30, interpolation=2
    )
    detector = abtem.AnnularDetector(*BEAM["detector"])
    scan = abtem.GridScan((0, 0), potential.extent, sampling=SAMPLING, endpoint=False)
    return np.asarray(matrix.scan(scan=scan, detectors=detector).array, float)


def by_us(atoms: Atoms, shape: tuple[int, ...], words: dict[str, Any]) -> NDArray[np.float64]:
    """The convolution on the same pixels, whose origin is the cell's corner."""
    steps = atoms.cell.lengths()[:2] / shape
    pixels = 2 * max(shape) + 2
    thick = float(np.ptp(atoms.positions[:, 2])) + 1.0
    frame = {"pixels": pixels, "sampling": float(np.mean(steps)), "thickness": thick}
    image = StemImage(**frame, **BEAM, **words)(atoms)["image"][0].astype(float)
    # the middle of the image is the origin of the cell, between its two middle pixels
    from scipy.ndimage import map_coordinates

    middle = (pixels - 1) / 2
    across = middle + np.arange(shape[0]) * steps[0] / frame["sampling"]
    down = middle + np.arange(shape[1]) * steps[1] / frame["sampling"]
    return map_coordinates(image.T, np.meshgrid(across, down, indexing="ij"), order=3)


def correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Pearson's, over pixels."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def main() -> None:
    """Fit to one crystal, and compare on others."""
    images, atoms, seconds = {}, {}, {}
    for crystal in THICK:
        atoms[crystal] = orthogonal(crystal)
        start = time.process_time()
        images[crystal] = by_abtem(atoms[crystal])
        seconds[crystal] = time.process_time() - start
        print(crystal, len(atoms[crystal]), "atoms, abTEM", f"{seconds[crystal]:.1f} s", flush=True)
    fitted = "SrTiO3"
    points = [dict(zip(GRID, one, strict=True)) for one in itertools.product(*GRID.values())]
    scores = [
        correlation(images[fitted], by_us(atoms[fitted], images[fitted].shape, words))
        for words in points
    ]
    words = points[int(np.argmax(scores))]
    print("fitted to", fitted, words, f"correlation {max(scores):.4f}")
    for crystal, image in images.items():
        start = time.process_time()
        ours = by_us(atoms[crystal], image.shape, words)
        took = time.process_time() - start
        scale = image.mean() / ours.mean()
        print(
            f"{crystal}: correlation {correlation(image, ours):.4f}, abTEM's mean {image.mean():.3g} "
            f"is {scale:.2f} of ours; {1000 * took:.0f} ms, abTEM {seconds[crystal]:.0f} s"
        )


if __name__ == "__main__":
    main()
