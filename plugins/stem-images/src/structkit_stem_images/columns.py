"""Columns of atoms as they are seen from above: where, of what, and what is missing in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from structkit_stem_images.placing import SUBSTITUTED, VACANT, Placed, tilted
from structkit_stem_images.settings import StemSettings

BETWEEN, COLUMN, VACANCY, SUBSTITUTION = 0, 1, 2, 3
NAMES = ("between columns", "column", "vacancy", "substitution")
WORDS = 4  # numbers of a site: across, down, class, heaviest atom
PLACE_OF = {"defects": 2, "species": 3}


def sites_of(
    atoms: Placed, strength: NDArray[np.float64], settings: StemSettings
) -> NDArray[np.float32]:
    """The columns that can be seen, ordered by their places.

    Args:
        atoms: under the beam.
        strength: what each would scatter, in any unit, also where it is missing; (atoms).
        settings: of the image.

    Returns:
        float32 (sites, 4): across and down in pixels, the class (1 column, 2 vacancy, 3
        substitution), the atomic number of the heaviest atom.
    """
    if len(strength) == 0:
        return np.zeros((0, WORDS), np.float32)
    owner = _owners(atoms, settings.merge)
    whole = np.bincount(owner, strength)
    lost = np.bincount(owner, strength * (atoms.states == VACANT)) / whole
    other = np.bincount(owner, strength * (atoms.states == SUBSTITUTED)) / whole
    classes = np.full(len(whole), COLUMN)
    classes[other >= settings.share] = SUBSTITUTION
    classes[lost >= settings.share] = VACANCY
    heaviest = np.zeros(len(whole))
    np.maximum.at(heaviest, owner, atoms.numbers)
    places = _places(atoms, owner, strength, settings)
    sites = np.column_stack([places, classes, heaviest])
    seen = whole >= settings.faint * whole.max()
    return sorted_inside(sites[seen], settings.pixels)


def sorted_inside(sites: NDArray[np.floating], pixels: int) -> NDArray[np.float32]:
    """The sites whose middle is a pixel of the image, from top to bottom."""
    places = sites[:, :2]
    kept = sites[((places >= -0.5) & (places < pixels - 0.5)).all(axis=1)]
    order = np.lexsort(np.round(kept[:, :2], 2).T)
    return np.ascontiguousarray(kept[order], np.float32)


def _owners(atoms: Placed, merge: float) -> NDArray[np.int64]:
    """The number of the column of each atom: those that are near, seen along the columns, are joined."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    places = np.column_stack([atoms.across, atoms.down])
    pairs = cKDTree(places).query_pairs(merge, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(places), len(places)))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def _places(
    atoms: Placed, owner: NDArray[np.int64], strength: NDArray[np.float64], settings: StemSettings
) -> NDArray[np.float64]:
    """The middle of what each column scatters, in pixels; of a column that is missing, where it was."""
    there = np.where(atoms.states == VACANT, 1e-9, 1.0) * strength
    total = np.bincount(owner, there)
    seen = tilted(atoms, settings.tilt)
    across, down = (np.bincount(owner, there * way) / total for way in (seen.across, seen.down))
    return np.column_stack([across, down]) / settings.sampling + (settings.pixels - 1) / 2
