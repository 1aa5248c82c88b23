"""The transform `marked-defects`: point defects that the structure remembers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from structkit import Sample
from structkit.library import component, configured
from structkit_stem_images.placing import MARK, MISSING
from structkit_stem_images.settings import DefectSettings

if TYPE_CHECKING:
    from ase import Atoms

DOPANTS = {  # of a species that is not named: found in the literature, and told apart by its brightness
    "C": "Si", "B": "C", "N": "O", "S": "Se", "Se": "S", "Mo": "W", "W": "Mo", "Sr": "Ba", "Ba": "Sr", "Ti": "Nb",
    "K": "Ba", "Ta": "Ti", "La": "Sr", "Al": "Cr", "Mg": "Ni", "Pb": "Sn", "Te": "S", "Au": "Cu", "Si": "Sb",
}  # fmt: skip


@component
class MarkedDefects:
    """Takes atoms out and replaces others. What was done stays known.

    Each atom is missing with the chance `vacancies` and of another species with the chance
    `substitutions`. The array `substituted` says which atoms were replaced, and
    `info["vacancies"]` where which are missing; `stem-image` marks their pixels. Nothing is
    relaxed. Transforms that turn or stretch a structure do not know of the vacancies: let them
    come first. For crystals that are only to be damaged, take `point-defects`.

    Args:
        settings: the words of `DefectSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import mx2
        >>> from structkit import Sample
        >>> from structkit_stem_images import MarkedDefects
        >>> layer = Sample("layer", mx2("MoS2", size=(5, 5, 1), vacuum=5.0))
        >>> damaged = next(MarkedDefects(vacancies=0.1)(layer, np.random.default_rng(0))).atoms
        >>> len(damaged) < len(layer.atoms), damaged.arrays["substituted"].dtype.kind
        (True, 'i')
    """

    @configured(DefectSettings)
    def __init__(self, settings: DefectSettings) -> None:
        self.settings = settings

    def __call__(self, sample: Sample, rng: np.random.Generator) -> Iterator[Sample]:
        """The structure with defects, or as it was; how many stands in `meta`."""
        atoms = sample.atoms.copy()
        gone, other = self._drawn(atoms, rng)
        swapped = self._replaced(atoms, other & ~gone)
        _note(atoms, gone, swapped)
        count = {"vacancies": int(gone.sum()), "substitutions": int(swapped[~gone].sum())}
        label = sample.label
        if self.settings.label == "state":
            label = "defects" if sum(count.values()) else "perfect"
        meta = {**sample.meta, "defects": count}
        yield replace(sample, atoms=atoms[~gone], label=label, meta=meta)

    def _drawn(
        self, atoms: Atoms, rng: np.random.Generator
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which atoms are taken out, and which replaced; one atom is always left."""
        s = self.settings
        chance, some = rng.uniform(size=(2, len(atoms))), rng.uniform() < s.share
        meant = (
            np.isin(atoms.get_chemical_symbols(), s.species)
            if s.species
            else np.ones(len(atoms), bool)
        )
        gone = (chance[0] < s.vacancies) & meant & some
        if gone.all():
            gone[0] = False
        return gone, (chance[1] < s.substitutions) & meant & some

    def _replaced(self, atoms: Atoms, other: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Give atoms their other species; returns which were replaced."""
        known = {**DOPANTS, **self.settings.replace}
        done = np.zeros(len(atoms), bool)
        for index in np.flatnonzero(other).tolist():
            if dopant := known.get(atoms[index].symbol):
                atoms[index].symbol = dopant
                done[index] = True
        return done


def _note(atoms: Atoms, gone: NDArray[np.bool_], swapped: NDArray[np.bool_]) -> None:
    """Write down what was done, beside what was known before."""
    before = atoms.arrays.get(MARK, np.zeros(len(atoms)))
    atoms.set_array(MARK, ((before != 0) | swapped).astype(np.int8), dtype=np.int8)
    lost = np.column_stack([atoms.positions[gone], atoms.numbers[gone]])
    atoms.info[MISSING] = [*atoms.info.get(MISSING, ()), *lost.tolist()]
