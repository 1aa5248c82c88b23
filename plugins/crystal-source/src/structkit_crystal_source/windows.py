"""The transform `strided-windows`: overlapping cut-outs on a grid, so that a whole sample can be mapped."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from ase import Atoms
from scipy.spatial import cKDTree

from structkit import Sample
from structkit.library import component, configured
from structkit_crystal_source.settings import StridedSettings
from structkit_crystal_source.window_grid import WindowGrid, grid_over, spacing_of, with_images


@component
class StridedWindows:
    """Cut-outs of equal size around the points of a grid, each a structure of its own, without a cell.

    Lengths are in the spacing of the structure, the median over its atoms of the mean distance to
    the six nearest: what is learnt from one element's windows fits another's. Windows overlap
    where the stride is less than the size, and go on through periodic boundaries. Each knows its
    `centre` (Å) and its `place` on the grid by its meta, so that predictions become a map of the
    sample. A window on a boundary of two grains holds both, and a map is no finer than the windows
    are large.

    Source: A. Leitherer, A. Ziletti, L. M. Ghiringhelli, Nature Communications 12, 6234 (2021):
    strided pattern matching.

    Args:
        settings: the words of `StridedSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import bulk
        >>> from structkit import Sample
        >>> from structkit_crystal_source import StridedWindows
        >>> copper = Sample("copper", bulk("Cu", cubic=True).repeat(6))
        >>> windows = list(StridedWindows()(copper, np.random.default_rng(0)))
        >>> len(windows), sorted(windows[0].meta)
        (64, ['centre', 'place'])
    """

    @configured(StridedSettings)
    def __init__(self, settings: StridedSettings) -> None:
        self.settings = settings

    def grid(self, atoms: Atoms) -> WindowGrid:
        """The grid of the windows of a structure.

        Raises:
            DataError: S014, it has fewer than seven atoms and images; S012, no cell along a period.
        """
        spacing = spacing_of(atoms)
        return grid_over(atoms, self.settings.stride * spacing, self.settings.size * spacing)

    def __call__(self, sample: Sample, rng: np.random.Generator | None = None) -> Iterator[Sample]:
        """The windows of one structure that hold atoms enough, in the order of the grid; raises as `grid`."""
        atoms, grid = sample.atoms, self.grid(sample.atoms)
        reach = 0.5 * grid.size
        positions, originals = with_images(atoms, reach * 3**0.5)
        tree = cKDTree(positions)
        norm = 2 if self.settings.shape == "sphere" else np.inf
        points = grid.points()
        for place in np.ndindex(*grid.shape):
            centre = points[place]
            inside = np.sort(tree.query_ball_point(centre, reach, p=norm))
            if len(inside) < self.settings.least:
                continue
            cut = Atoms(atoms.numbers[originals[inside]], positions[inside] - centre)
            meta = {**sample.meta, "centre": centre.tolist(), "place": list(place)}
            yield Sample(sample.id, cut, sample.label, sample.group, meta)
