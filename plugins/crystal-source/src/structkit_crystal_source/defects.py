"""The transform `point-defects`: vacancies and displacements."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from structkit import Sample
from structkit.library import component, configured
from structkit_crystal_source.settings import DefectSettings


@component
class PointDefects:
    """Removes atoms at random and moves the others by normal noise.

    The fraction `vacancies` of the atoms is removed; each of the others moves by normal noise of
    `displacement` Å along each axis. Per-atom arrays, such as the truth of each atom, stay with
    their atoms. Let `standard-supercell` come first, as the paper does: symmetry of a damaged
    crystal cannot be found. Nothing is relaxed, and neighbours of a vacancy do not know of it.

    Args:
        settings: the words of `DefectSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import bulk
        >>> from structkit import Sample
        >>> from structkit_crystal_source import PointDefects
        >>> copper = Sample("copper", bulk("Cu", cubic=True).repeat(4))
        >>> damage = PointDefects(vacancies=0.25, displacement=0.1)
        >>> damaged = next(damage(copper, np.random.default_rng(0))).atoms
        >>> len(copper.atoms), len(damaged)
        (256, 192)
    """

    @configured(DefectSettings)
    def __init__(self, settings: DefectSettings) -> None:
        self.settings = settings

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Iterator[Sample]:
        """The damaged copies of one structure; at least one atom stays."""
        for _ in range(self.settings.copies):
            atoms = sample.atoms.copy()
            removed = min(round(self.settings.vacancies * len(atoms)), len(atoms) - 1)
            kept = np.sort(rng.permutation(len(atoms))[removed:])
            atoms = atoms[kept]
            atoms.positions += rng.normal(
                scale=self.settings.displacement, size=atoms.positions.shape
            )
            yield Sample(sample.id, atoms, sample.label, sample.group, sample.meta)
