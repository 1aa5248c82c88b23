"""Which sites of a CIF are too near to each other to be there together."""

from __future__ import annotations

import numpy as np

from structkit import DataError, Problem
from structkit_structure_files.cif.sites import Floats, Site, at_one_position
from structkit_structure_files.physics import near_pairs

EXCLUSIVE = 0.6  # of the sum of two covalent radii: nearer than this, a partly occupied site excludes another


def by_position(sites: list[Site], cell: Floats) -> list[int]:
    """The place of every site, as a number: sites at one position, or too near for both to be there, share it."""
    first, second = of_one_position(sites, cell)
    near, other = too_near(sites, np.array([site.position for site in sites]), cell)
    return connected(len(sites), np.concatenate([first, near]), np.concatenate([second, other]))


def of_one_position(sites: list[Site], cell: Floats) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of sites at one position."""
    return at_one_position(np.array([site.position for site in sites]) % 1.0, cell)


def connected(count: int, first: np.ndarray, second: np.ndarray) -> list[int]:
    """The component of every node of a graph, from the ends of the edges."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    pairs = coo_matrix((np.ones(len(first)), (first, second)), shape=(count, count))
    return connected_components(pairs, directed=False)[1].tolist()  # type: ignore[no-any-return]


def too_near(sites: list[Site], fractions: Floats, cell: Floats) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of sites, one of them partly occupied, that cannot both be there, given their positions (n, 3)."""
    from ase import Atoms
    from ase.data import atomic_numbers, covalent_radii

    partial = np.array([site.partial for site in sites])
    if not partial.any():
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    numbers = np.array([atomic_numbers[site.element] for site in sites])
    radii = EXCLUSIVE * covalent_radii[numbers]
    i, j, distance = near_pairs(
        Atoms(numbers, scaled_positions=fractions % 1.0, cell=cell, pbc=True),
        2 * float(radii.max()),
    )
    near = (distance < radii[i] + radii[j]) & (i != j) & (partial[i] | partial[j])
    return i[near], j[near]


def check_images(sites: list[Site], fractions: Floats, cell: Floats, where: str) -> None:
    """Refuse atoms, one site for each, that cannot both be there.

    Raises:
        DataError: S040.
    """
    first, second = too_near(sites, fractions, cell)
    if len(first):
        message = f"{sites[first[0]].name} and an image of {sites[second[0]].name} are too near to be there together"
        raise DataError(
            Problem("S040", message, where, "expand it to P 1, and leave out one alternative")
        )
