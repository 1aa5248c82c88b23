"""The transform `window`: a square with a chosen number of particles, anywhere in a periodic box."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import DataError, Problem, Sample
from structkit.library import component, configured
from structkit_md_glass_source.settings import WindowSettings


@component
class Window:
    """Square cut-outs of a flat periodic configuration, as Swanson et al. (2020) classify them.

    The centre is drawn at random in the whole box (theirs lay on its diagonal); the square around
    it grows until it holds the wanted number of particles.
    A cut-out is open: it has no cell and no periodic images.

    Args:
        settings: the words of `WindowSettings`.
    """

    @configured(WindowSettings)
    def __init__(self, settings: WindowSettings) -> None:
        self.settings = settings

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Iterator[Sample]:
        """`copies` cut-outs of one configuration.

        Raises:
            DataError: not flat, rectangular and periodic in x and y (M011), or too few particles in
                the box (M012).
        """
        box = flat_box(sample)
        for _ in range(self.settings.copies):
            yield Sample(
                sample.id,
                cut(sample.atoms, rng.uniform(0, box), box, self.settings.particles, sample.id),
            )


def flat_box(sample: Sample) -> NDArray[np.float64]:
    """Edges (2,) of a rectangular box, periodic in x and y, around particles that lie in a plane.

    Raises:
        DataError: M011.
    """
    atoms = sample.atoms
    cell = np.asarray(atoms.cell[:])
    off = cell[:2].copy()
    off[[0, 1], [0, 1]] = 0
    flat = np.ptp(atoms.positions[:, 2]) < 1e-6
    rectangular = np.abs(off).max() < 1e-9 and (cell[[0, 1], [0, 1]] > 0).all()
    if not (atoms.pbc[:2].all() and rectangular and flat):
        message = f"'{sample.id}' is not a plane in a rectangular box, periodic in x and y"
        raise DataError(Problem("M011", message, fix="give frames of a two-dimensional simulation"))
    return cell[[0, 1], [0, 1]]


def cut(atoms: Atoms, centre: NDArray[Any], box: NDArray[Any], count: int, name: str) -> Atoms:
    """The `count` particles nearest to a centre in the larger of |Δx| and |Δy|, around the origin.

    Raises:
        DataError: M012, the square would reach around the box and meet itself.
    """
    gaps = atoms.positions[:, :2] - centre
    gaps -= box * np.round(gaps / box)
    reach = np.abs(gaps).max(axis=1)
    order = np.argsort(reach, kind="stable")[:count]
    if count > len(atoms) or reach[order[-1]] > box.min() / 2:
        message = (
            f"'{name}': no square with {count} of its {len(atoms)} particles fits into the box"
        )
        raise DataError(Problem("M012", message, fix="lower particles, or simulate a larger box"))
    chosen = atoms[np.sort(order)]
    chosen.positions[:, :2] = gaps[np.sort(order)]
    chosen.positions[:, 2] = 0.0
    chosen.set_cell(None)
    chosen.pbc = False
    chosen.info = {**atoms.info, "window_edge": float(2 * reach[order[-1]])}
    return chosen
