"""The transform `point-defects`: vacancies and displacements."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from structkit import Sample
from structkit.library import component, configured
from structkit_crystal_source.settings import DefectSettings


@component
class PointDefects:
    """Removes atoms at random and moves the others by normal noise. The supercell is built first, as the paper does.

    Args:
        settings: the words of `DefectSettings`.
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
