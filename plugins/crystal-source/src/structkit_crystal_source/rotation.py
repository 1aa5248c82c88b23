"""The transform `random-rotation`: real data come in any orientation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.spatial.transform import Rotation

from structkit import Sample
from structkit.library import component, configured
from structkit_crystal_source.settings import RotationSettings


@component
class RandomRotation:
    """Turns positions and cell by a rotation drawn uniformly from all.

    For descriptors that should not see how a structure lies, and to show which do: a diffraction
    fingerprint changes, a powder pattern does not. The cell turns with its atoms, so that the
    crystal is the same.

    Args:
        settings: the words of `RotationSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import bulk
        >>> from structkit import Sample
        >>> from structkit_crystal_source import RandomRotation
        >>> copper = Sample("copper", bulk("Cu", cubic=True))
        >>> turned = next(RandomRotation()(copper, np.random.default_rng(0))).atoms
        >>> float(turned.get_volume().round(3)), float(turned.get_distance(0, 1).round(3))
        (47.046, 2.553)
    """

    @configured(RotationSettings)
    def __init__(self, settings: RotationSettings) -> None:
        self.settings = settings

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Iterator[Sample]:
        """The turned copies of one structure."""
        for _ in range(self.settings.copies):
            matrix = Rotation.random(rng=rng).as_matrix()
            atoms = sample.atoms.copy()
            atoms.set_cell(np.asarray(atoms.cell[:]) @ matrix.T, scale_atoms=False)
            atoms.positions = atoms.positions @ matrix.T
            yield Sample(sample.id, atoms, sample.label, sample.group, sample.meta)
