"""The transform `window`: a square or cube with a chosen number of particles, anywhere in a periodic box."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import DataError, Problem, Sample
from structkit.library import component, configured
from structkit_md_glass_source.settings import WindowSettings

SHAPES = {2: "square", 3: "cube"}


@component
class Window:
    """Square cut-outs of a flat periodic configuration, as Swanson et al. (2020) classify them; cubes of others.

    The centre is drawn at random in the whole box (theirs lay on its diagonal); the square around
    it grows until it holds the wanted number of particles. A cut-out is open: it has no cell and
    no periodic images, so that particles at its edge lack neighbours. Cut-outs of one box are
    alike and stay in its group.

    Args:
        settings: the words of `WindowSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase import Atoms
        >>> from structkit import Sample
        >>> from structkit_md_glass_source import Window
        >>> places = np.random.default_rng(0).uniform(0, 20, (400, 3)) * [1, 1, 0]
        >>> flat = {"pbc": [True, True, False], "info": {"units": "lj"}}
        >>> box = Atoms("Ni400", places, cell=[20, 20, 1], **flat)
        >>> part = next(Window(particles=50)(Sample("box", box), np.random.default_rng(0))).atoms
        >>> len(part), bool(part.pbc.any())
        (50, False)
    """

    @configured(WindowSettings)
    def __init__(self, settings: WindowSettings) -> None:
        self.settings = settings

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Iterator[Sample]:
        """`copies` cut-outs of one configuration.

        Raises:
            DataError: no plane and no volume in a rectangular periodic box (M011), or too few
                particles in the box (M012).
        """
        box = box_of(sample)
        for _ in range(self.settings.copies):
            yield Sample(
                sample.id,
                cut(sample.atoms, rng.uniform(0, box), box, self.settings.particles, sample.id),
            )


def box_of(sample: Sample) -> NDArray[np.float64]:
    """Edges of a rectangular box: (2,) around a plane that is periodic in x and y, (3,) around a periodic volume.

    Raises:
        DataError: M011.
    """
    atoms = sample.atoms
    size = 3 if atoms.pbc[2] else 2
    cell = np.asarray(atoms.cell[:])[:size]
    edges = np.diag(cell)
    off = cell.copy()
    np.fill_diagonal(off, 0)
    level = size == 3 or np.ptp(atoms.positions[:, 2]) < 1e-6
    rectangular = np.abs(off).max() < 1e-9 and (edges > 0).all()
    if not (atoms.pbc[:size].all() and rectangular and level):
        message = f"'{sample.id}' is neither a plane nor a volume in a rectangular periodic box"
        raise DataError(Problem("M011", message, fix="give whole frames of a simulation"))
    return edges


def cut(atoms: Atoms, centre: NDArray[Any], box: NDArray[Any], count: int, name: str) -> Atoms:
    """The `count` particles nearest to a centre in the largest of |Δx|, |Δy| (and |Δz|), around the origin.

    Raises:
        DataError: M012, the square or cube would reach around the box and meet itself.
    """
    size = len(box)
    gaps = atoms.positions[:, :size] - centre
    gaps -= box * np.round(gaps / box)
    reach = np.abs(gaps).max(axis=1)
    order = np.argsort(reach, kind="stable")[:count]
    if count > len(atoms) or reach[order[-1]] > box.min() / 2:
        message = f"'{name}': no {SHAPES[size]} with {count} of its {len(atoms)} particles fits into the box"
        raise DataError(Problem("M012", message, fix="lower particles, or simulate a larger box"))
    chosen = atoms[np.sort(order)]
    chosen.positions[:] = 0.0
    chosen.positions[:, :size] = gaps[np.sort(order)]
    chosen.set_cell(None)
    chosen.pbc = False
    chosen.info = {**atoms.info, "window_edge": float(2 * reach[order[-1]])}
    return chosen
