"""The descriptor `bond-cosines`: the angles between the bonds of each atom."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from numpy.typing import NDArray
from scipy.sparse import csr_array

from structkit.library import configured, descriptor
from structkit_local_structure.bonds import Bonds, Floats, nearest_bonds
from structkit_local_structure.settings import CosineSettings

BLOCK = 10_000  # atoms whose cosines are computed at once: 12 MB with twelve neighbours


@descriptor
class BondCosines:
    r"""The sorted cosines of the angles between the bonds of each atom to its k nearest neighbours.

    For bonds with directions u_i, the k (k − 1) / 2 numbers

    $$
    \cos\theta_{ij} = u_i \cdot u_j, \qquad i < j \le k
    $$

    in ascending order. They do not change when the structure is scaled, moved, turned or mirrored,
    and stay with the atom when atoms are relabelled. Where neighbours are equally near, all of
    them count, and the sorted cosines are interpolated to as many numbers: no rounding decides who
    is a neighbour. In perfect fcc six of the 66 are −1 (bonds opposite each other), in hcp three.
    With `average` the mean over the atom and its neighbours stands beside its own numbers: less
    noise, and a view that reaches one shell further.

    Distances and species are not seen. An atom beside a vacancy takes its twelfth neighbour from
    the next shell, and looks like another lattice. An atom with fewer than k neighbours within
    `reach` is refused (S014).

    Source: G. J. Ackland and A. P. Jones, Physical Review B 73, 054104 (2006).

    Args:
        settings: the words of `CosineSettings`.

    Examples:
        >>> import numpy as np
        >>> from ase.build import bulk
        >>> from structkit_local_structure import BondCosines
        >>> fcc = BondCosines()(bulk("Cu"))["atoms"]
        >>> fcc.shape, int(np.isclose(fcc[0], -1, atol=1e-5).sum())
        ((1, 66), 6)
    """

    @configured(CosineSettings)
    def __init__(self, settings: CosineSettings) -> None:
        self.settings = settings

    def __call__(self, atoms: Atoms) -> dict[str, NDArray[np.float32]]:
        """`atoms`: float32 (atoms, k (k - 1) / 2), or twice as many with `average`.

        Raises:
            DataError: S014, an atom has fewer than k neighbours within reach; S012, no cell;
                S021, atoms coincide.
        """
        wanted = self.settings.neighbours
        bonds = nearest_bonds(atoms, wanted, self.settings.reach)
        own = sorted_cosines(bonds, wanted * (wanted - 1) // 2)
        if self.settings.average:
            own = np.concatenate([own, averaged(own, bonds)], axis=1)
        return {"atoms": own.astype(np.float32)}


def sorted_cosines(bonds: Bonds, size: int) -> Floats:
    """Give the sorted cosines between the bonds of every atom, float64 (atoms, size)."""
    found = np.empty((len(bonds.counts), size))
    starts = np.cumsum(bonds.counts) - bonds.counts
    for count in np.unique(bonds.counts):
        alike = np.flatnonzero(bonds.counts == count)
        for begin in range(0, len(alike), BLOCK):
            chosen = alike[begin : begin + BLOCK]
            directions = bonds.directions[starts[chosen][:, None] + np.arange(count)]
            found[chosen] = _resampled(_cosines(directions), size)
    return found


def averaged(values: Floats, bonds: Bonds) -> Floats:
    """Average values over each atom and its neighbours.

    Args:
        values: float64 (atoms, features).
        bonds: of the atoms.
    """
    rows = np.concatenate([[0], np.cumsum(bonds.counts)])
    links = csr_array((np.ones(len(bonds.neighbours)), bonds.neighbours, rows))
    links.resize((len(values), len(values)))
    result: Floats = (values + links @ values) / (1 + bonds.counts)[:, None]
    return result


def _cosines(directions: Floats) -> Floats:
    """Sorted cosines (atoms, k (k - 1) / 2) between unit vectors (atoms, k, 3)."""
    first, second = np.triu_indices(directions.shape[1], 1)
    products = directions @ directions.transpose(0, 2, 1)
    return np.sort(products[:, first, second], axis=1)


def _resampled(ordered: Floats, size: int) -> Floats:
    """Sorted numbers interpolated to another count, (atoms, size)."""
    count = ordered.shape[1]
    if count == size:
        return ordered
    places = np.linspace(0, count - 1, size)
    below = np.minimum(places.astype(np.int64), count - 2)
    share = places - below
    result: Floats = ordered[:, below] * (1 - share) + ordered[:, below + 1] * share
    return result
