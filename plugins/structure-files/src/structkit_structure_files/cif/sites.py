"""Sites of a CIF's asymmetric unit, and where their images lie."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_structure_files.text import warn

Floats = NDArray[np.float64]
FULL = 0.999  # occupancies are rounded
SAME = 0.02  # Å: images of a site this near to each other are one site on a special position


@dataclass(frozen=True)
class Site:
    """A site of the asymmetric unit."""

    name: str
    element: str
    position: Floats
    occupancy: float
    assembly: str = ""
    group: str = ""
    digits: tuple[float, ...] = (0.0, 0.0, 0.0)  # one unit of the last digit of each coordinate

    @property
    def partial(self) -> bool:
        """Whether the place is empty, or another's, in part of the crystal."""
        return self.occupancy < FULL


def without_images(sites: list[Site], contacts: Contacts, path: Path) -> list[Site]:
    """The sites without those that are symmetry images of another (some files list them for their bonds).

    Two sites in the same place of the cell are no image of each other; they coincide, which is told
    of later. Two partly occupied ones may be halves of one atom or alternatives, and stay.
    """
    dropped: set[int] = set()
    for first, second in sorted(contacts.images - contacts.coinciding):
        if _alike(sites[first], sites[second]) and first not in dropped:
            dropped.add(second)
    if dropped:
        warn(path, "S054", f"{len(dropped)} sites are symmetry images of others: left out")
    return [site for index, site in enumerate(sites) if index not in dropped]


def check_alternatives(sites: list[Site], contacts: Contacts, where: str) -> None:
    """Refuse partly occupied sites that share a place only through an operation: each would be drawn on its own.

    Raises:
        DataError: S040.
    """
    for first, second in sorted(contacts.images - contacts.coinciding):
        if sites[first].partial and sites[second].partial:
            message = f"{sites[first].name} and an image of {sites[second].name} share a place"
            fix = "list both at one position, or expand the file to P 1"
            raise DataError(Problem("S040", message, where, fix))


def _alike(one: Site, other: Site) -> bool:
    return one.element == other.element and not (one.partial or other.partial)


@dataclass(frozen=True)
class Contacts:
    """Pairs (i < j) of sites: whose positions coincide, and of which j lies on some image of i."""

    coinciding: set[tuple[int, int]]
    images: set[tuple[int, int]]


def contacts(sites: list[Site], rotations: Floats, translations: Floats, cell: Floats) -> Contacts:
    """All pairs by one neighbour list over every image of every site."""
    p, q = at_one_position(_images(sites, rotations, translations), cell)
    i, j, same = p // len(rotations), q // len(rotations), p % len(rotations) == q % len(rotations)
    pairs = [(min(a, b), max(a, b)) for a, b in zip(i.tolist(), j.tolist(), strict=True)]
    coinciding = {
        pair
        for pair, together in zip(pairs, same.tolist(), strict=True)
        if together and pair[0] != pair[1]
    }
    return Contacts(coinciding, {pair for pair in pairs if pair[0] != pair[1]})


def _images(sites: list[Site], rotations: Floats, translations: Floats) -> Floats:
    """What every operation makes of every site, (sites · operations, 3), in fractions."""
    positions = np.array([site.position for site in sites])
    images: Floats = np.einsum("oij,nj->noi", rotations, positions) + translations
    return images.reshape(-1, 3) % 1.0


def at_one_position(fractions: Floats, cell: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of different points (i < j) within SAME of each other, periodic images included.

    By a tree: the boxes of a neighbour list for so short a distance would fill the memory.
    """
    from scipy.spatial import cKDTree

    count = len(fractions)
    places, owners = _with_ghosts(fractions % 1.0, cell)
    contacts = cKDTree(places @ cell).query_pairs(SAME, output_type="ndarray")
    contacts = contacts[
        (contacts < count).any(axis=1)
    ]  # two ghosts are a pair that is found elsewhere
    pairs = np.unique(np.sort(owners[contacts], axis=1).reshape(-1, 2), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    return pairs[:, 0].astype(np.intp), pairs[:, 1].astype(np.intp)


def _with_ghosts(fractions: Floats, cell: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Points (n, 3) with those of the next cells that are within SAME of this one; and whose ghost each is."""
    heights = 1 / np.linalg.norm(np.linalg.inv(cell), axis=0)
    margin = SAME / heights
    near = np.flatnonzero(((fractions < margin) | (fractions > 1 - margin)).any(axis=1))
    places, owners = [fractions], [np.arange(len(fractions))]
    for shift in itertools.product((-1.0, 0.0, 1.0), repeat=3):
        moved = fractions[near] + np.array(shift)
        inside = ((moved > -margin) & (moved < 1 + margin)).all(axis=1)
        if any(shift):
            places.append(moved[inside])
            owners.append(near[inside])
    return np.concatenate(places), np.concatenate(owners)


@dataclass(frozen=True)
class Orbit:
    """The images of a site in the cell: (n, 3) in fractions, and which operation made each, (n,)."""

    positions: Floats
    operations: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.operations)


def orbits(sites: list[Site], rotations: Floats, translations: Floats, cell: Floats) -> list[Orbit]:
    """All different images of every site."""
    images = _images(sites, rotations, translations)
    count = len(rotations)
    first, second = (
        at_one_position(images, cell) if count > 1 else (np.zeros(0, np.intp), np.zeros(0, np.intp))
    )
    own = first // count == second // count
    kept = np.ones(len(images), dtype=bool)
    kept[np.maximum(first, second)[own]] = False
    orbits_of_cell = []
    for start in range(0, len(images), count):
        chosen = np.flatnonzero(kept[start : start + count])
        orbits_of_cell.append(Orbit(images[start + chosen], chosen))
    return orbits_of_cell
