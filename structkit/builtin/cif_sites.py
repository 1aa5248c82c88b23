"""Sites of a CIF's asymmetric unit: which are one place, who is there, and where their images lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from structkit.builtin.physics import near_pairs
from structkit.builtin.settings import ReadSettings
from structkit.builtin.text import warn
from structkit.errors import DataError, Problem

Floats = NDArray[np.float64]
SAME = 0.02  # Å: images of a site this near to each other are one site on a special position


@dataclass(frozen=True)
class Site:
    """A site of the asymmetric unit."""

    name: str
    element: str
    position: Floats
    occupancy: float


def occupied(
    sites: list[Site], cell: Floats, where: str, settings: ReadSettings, rng: np.random.Generator
) -> list[Site]:
    """One occupant for every place: refused, drawn or the likeliest, as the settings say.

    Raises:
        DataError: S040 a partly occupied place, S021 two full sites in one place, S041 a place more than full.
    """
    kept = []
    for index, place in enumerate(_places(sites, cell), 1):
        total = sum(site.occupancy for site in place)
        if len(place) > 1 and all(site.occupancy == 1.0 for site in place):
            message = f"{place[0].name} and {place[1].name} coincide"
            raise DataError(Problem("S021", message, where, "give occupancies, or remove one"))
        if total > 1.001:
            names = " and ".join(site.name for site in place)
            raise DataError(Problem("S041", f"occupancy {total:g} > 1 at {names}", where))
        if total >= 0.999 and len(place) == 1:
            kept.append(place[0])
        else:
            kept += _decided(place, index, where, settings, rng)
    if not kept:
        raise DataError(Problem("S010", "no occupied site", where))
    return kept


def _decided(place: list[Site], index: int, where: str, settings: ReadSettings, rng: np.random.Generator) -> list[Site]:
    """The occupant of a disordered place: one site, or none for a vacancy."""
    if settings.disorder == "reject":
        listed = ", ".join(f"{site.element} {site.occupancy:g}" for site in place)
        fix = "choose disorder: reject/sample/major"
        raise DataError(Problem("S040", f"disordered site {index} ({listed})", where, fix))
    shares = np.array([site.occupancy for site in place])
    empty = max(0.0, 1 - shares.sum())
    if settings.disorder == "major":
        return [place[int(shares.argmax())]] if shares.max() >= empty else []
    drawn = int(rng.choice(len(place) + 1, p=np.array([*shares, empty]) / (shares.sum() + empty)))
    return [place[drawn]] if drawn < len(place) else []


def without_images(sites: list[Site], found: Contacts, path: Path) -> list[Site]:
    """The sites without those that are symmetry images of another (some files list them for their bonds).

    Two sites in the same place of the cell are no image of each other; they coincide, which is told of later.
    """
    dropped: set[int] = set()
    for first, second in sorted(found.images - found.coinciding):
        alike = sites[first].element == sites[second].element and sites[first].occupancy == sites[second].occupancy
        if alike and first not in dropped:
            dropped.add(second)
    if dropped:
        warn(path, "S054", f"{len(dropped)} sites are symmetry images of others: left out")
    return [site for index, site in enumerate(sites) if index not in dropped]


@dataclass(frozen=True)
class Contacts:
    """Pairs (i < j) of sites: whose positions coincide, and of which j lies on some image of i."""

    coinciding: set[tuple[int, int]]
    images: set[tuple[int, int]]


def contacts(sites: list[Site], rotations: Floats, translations: Floats, cell: Floats) -> Contacts:
    """All pairs by one neighbour list over every image of every site."""
    count = len(sites)
    positions = np.array([site.position for site in sites])
    images = (np.einsum("oij,nj->oni", rotations, positions) + translations[:, None]).reshape(-1, 3) % 1.0
    p, q = _near(images, cell)
    i, j, same = p % count, q % count, p // count == q // count
    pairs = [(min(a, b), max(a, b)) for a, b in zip(i.tolist(), j.tolist(), strict=True)]
    coinciding = {pair for pair, together in zip(pairs, same.tolist(), strict=True) if together and pair[0] != pair[1]}
    return Contacts(coinciding, {pair for pair in pairs if pair[0] != pair[1]})


def _near(fractions: Floats, cell: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of points within SAME of each other, periodic images included."""
    from ase import Atoms

    points = Atoms(numbers=np.ones(len(fractions)), scaled_positions=fractions, cell=cell, pbc=True)
    first, second, _ = near_pairs(points, SAME)
    return np.asarray(first, dtype=np.intp), np.asarray(second, dtype=np.intp)


def _places(sites: list[Site], cell: Floats) -> list[list[Site]]:
    """Sites of the asymmetric unit by place: those that share one are together."""
    home = np.arange(len(sites))
    first, second = _near(np.array([site.position for site in sites]) % 1.0, cell)
    for i, j in sorted(zip(first.tolist(), second.tolist(), strict=True)):
        home[max(i, j)] = min(home[i], home[j])
    places: dict[int, list[Site]] = {}
    for index, site in enumerate(sites):
        places.setdefault(int(home[index]), []).append(site)
    return list(places.values())


def images_of(position: Floats, rotations: Floats, translations: Floats, cell: Floats) -> Floats:
    """All different images of a site in the cell, (n, 3), in fractions."""
    images: Floats = (rotations @ position + translations) % 1.0
    if len(images) == 1:
        return images
    first, second = _near(images, cell)
    return np.delete(images, np.unique(np.maximum(first, second)), axis=0)
