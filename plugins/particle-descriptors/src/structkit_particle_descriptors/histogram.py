"""Partial pair distribution functions: what a thermometer sees."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit.library import configured, descriptor
from structkit_particle_descriptors.neighbours import is_flat, within
from structkit_particle_descriptors.settings import PairHistogramSettings


@descriptor
class PairHistogram:
    r"""Neighbours of a particle by distance and species, over those of a structureless material of the same density.

    $$
    g_{ab}(r) = \frac{\text{counts of } b \text{ in the shell around an } a}
    {\text{area or volume of the shell} \cdot \rho_b}
    $$

    An ideal gas gives one. An open structure has no density: there the counts are divided by the
    shell alone. Of all that is known of a liquid it is what scattering sees, and it follows the
    temperature: what a model reaches on it alone, it owes to pair distances. Glass and liquid of
    one energy hardly differ in it.

    Args:
        settings: the words of `PairHistogramSettings`.

    Examples:
        >>> from ase.build import bulk
        >>> from structkit_particle_descriptors import PairHistogram
        >>> g = PairHistogram(species=("Cu",), reach=5.0, bins=50)(bulk("Cu", cubic=True))["vector"]
        >>> g.shape, int(g.argmax())  # the bin from 2.5 to 2.6 Å
        ((50,), 25)
    """

    @configured(PairHistogramSettings)
    def __init__(self, settings: PairHistogramSettings) -> None:
        self.settings = settings

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.float32]]:
        """`vector`: float32 (pairs × bins,), the pairs in the order AA, AB, BB; zero for an absent species.

        Raises:
            DataError: M020, a species that is not in the settings.
        """
        edges = within(atoms, self.settings.reach)
        symbols = np.array(atoms.get_chemical_symbols())
        if strange := sorted(set(symbols) - set(self.settings.species)):
            message = f"{strange[0]} has no histogram (species: {', '.join(self.settings.species)})"
            raise DataError(Problem("M020", message, fix="set species"))
        bins = np.linspace(0, self.settings.reach, self.settings.bins + 1)
        shell = np.pi * np.diff(bins**2) if is_flat(atoms) else 4 / 3 * np.pi * np.diff(bins**3)
        parts = []
        for a, b in combinations_with_replacement(self.settings.species, 2):
            chosen = (symbols[edges.receivers] == a) & (symbols[edges.senders] == b)
            counts = np.histogram(edges.distances[chosen], bins)[0]
            parts.append(
                counts / (max((symbols == a).sum(), 1) * shell * _density(atoms, symbols == b))
            )
        return {"vector": np.concatenate(parts).astype(np.float32)}


def _density(atoms: Atoms, chosen: NDArray[np.bool_]) -> float:
    """Particles of a kind per area or volume of a periodic box; one where there is no box or no particle."""
    size = 2 if is_flat(atoms) else 3
    if not atoms.pbc[:size].all() or not chosen.any():
        return 1.0
    return float(chosen.sum() / abs(np.linalg.det(np.asarray(atoms.cell[:])[:size, :size])))
