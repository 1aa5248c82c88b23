"""Disorder in a CIF: which sites exclude each other, and which of them are taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from structkit.builtin.cif_sites import FULL, Floats, Site, at_one_position
from structkit.builtin.physics import near_pairs
from structkit.builtin.settings import ReadSettings
from structkit.errors import DataError, Problem

EXCLUSIVE = 0.6  # of the sum of two covalent radii: partly occupied sites nearer than this cannot both be there


@dataclass(frozen=True)
class Alternative:
    """Sites that are there together, in a share of the crystal."""

    sites: list[Site]
    share: float


def occupied(
    sites: list[Site], cell: Floats, where: str, settings: ReadSettings, rng: np.random.Generator
) -> list[Site]:
    """One occupant for every place: refused, drawn or the likeliest, as the settings say.

    Places are the disorder groups that the file names, else sites at one position, or too near for both to be there.

    Raises:
        DataError: S040 a partly occupied place, or one that is described by halves; S021 two full sites in one place,
            S041 a place more than full.
    """
    kept = []
    for index, place in enumerate(_places(sites, cell, where), 1):
        if len(place) == 1 and place[0].share >= FULL:
            kept += place[0].sites
        else:
            kept += _decided(place, index, where, settings, rng)
    if not kept:
        raise DataError(Problem("S010", "no occupied site", where))
    return kept


def _decided(
    place: list[Alternative], index: int, where: str, settings: ReadSettings, rng: np.random.Generator
) -> list[Site]:
    """The occupants of a disordered place: one alternative, or none for a vacancy."""
    if settings.disorder == "reject":
        listed = ", ".join(f"{one.sites[0].element} {one.share:g}" for one in place)
        fix = "choose disorder: reject/sample/major"
        raise DataError(Problem("S040", f"disordered site {index} ({listed})", where, fix))
    shares = np.array([one.share for one in place])
    empty = max(0.0, 1 - shares.sum())
    if settings.disorder == "major":
        return place[int(shares.argmax())].sites if shares.max() >= empty else []
    drawn = int(rng.choice(len(place) + 1, p=np.array([*shares, empty]) / (shares.sum() + empty)))
    return place[drawn].sites if drawn < len(place) else []


def _places(sites: list[Site], cell: Floats, where: str) -> Iterator[list[Alternative]]:
    """The alternatives of every place, in the order of the file."""
    home = _by_position(sites, cell)
    places: dict[str, dict[str, list[Site]]] = {}
    for index, site in enumerate(sites):
        place, alternative = (f"assembly {site.assembly}", site.group) if site.group else (f"{home[index]}", f"{index}")
        places.setdefault(place, {}).setdefault(alternative, []).append(site)
    for members in places.values():
        alternatives = [_alternative(together, where) for together in members.values()]
        _check_shares(alternatives, cell, where)
        yield alternatives


def _alternative(sites: list[Site], where: str) -> Alternative:
    """Sites of one disorder group, or a single site."""
    shares = [site.occupancy for site in sites]
    group = sites[0].group
    if max(shares) - min(shares) > 0.02:
        message = f"occupancies of disorder group {group} differ: {min(shares):g} to {max(shares):g}"
        raise DataError(Problem("S040", message, where, "give the sites of a group one occupancy"))
    if group.startswith("-") and shares[0] < FULL:
        message = f"disorder group {group}: {sites[0].name} is disordered about a symmetry element"
        raise DataError(Problem("S040", message, where, "expand it to P 1, with a group for each alternative"))
    return Alternative(sites, shares[0])


def _check_shares(place: list[Alternative], cell: Floats, where: str) -> None:
    """Refuse a place whose alternatives fill it more than once."""
    total = sum(one.share for one in place)
    if total <= 1.001:
        return
    sites = [one.sites[0] for one in place]
    names = " and ".join(site.name for site in sites)
    if sites[0].group:
        groups = ", ".join(site.group for site in sites)
        raise DataError(Problem("S040", f"disorder groups {groups} have occupancies of {total:g} together", where))
    if not any(site.partial for site in sites):
        raise DataError(Problem("S021", f"{names} coincide", where, "give occupancies, or remove one"))
    if len({*_connected(len(sites), *_at_one_position(sites, cell))}) > 1:
        message = f"{names} are too near to be there together, and fill {total:g} of a place"
        raise DataError(Problem("S040", message, where, "give them disorder groups"))
    raise DataError(Problem("S041", f"occupancy {total:g} > 1 at {names}", where))


def _by_position(sites: list[Site], cell: Floats) -> list[int]:
    """The place of every site, as a number: sites at one position, or too near for both to be there, share it."""
    first, second = _at_one_position(sites, cell)
    near, other = too_near(sites, np.array([site.position for site in sites]), cell)
    return _connected(len(sites), np.concatenate([first, near]), np.concatenate([second, other]))


def _at_one_position(sites: list[Site], cell: Floats) -> tuple[np.ndarray, np.ndarray]:
    return at_one_position(np.array([site.position for site in sites]) % 1.0, cell)


def _connected(count: int, first: np.ndarray, second: np.ndarray) -> list[int]:
    """The component of every node, from the ends of the edges."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    pairs = coo_matrix((np.ones(len(first)), (first, second)), shape=(count, count))
    return connected_components(pairs, directed=False)[1].tolist()  # type: ignore[no-any-return]


def too_near(sites: list[Site], fractions: Floats, cell: Floats) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of partly occupied sites (n,), given their positions (n, 3), that cannot both be there."""
    from ase import Atoms
    from ase.data import atomic_numbers, covalent_radii

    partial = np.flatnonzero([site.partial for site in sites])
    if len(partial) < 2:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    numbers = np.array([atomic_numbers[sites[i].element] for i in partial])
    radii = EXCLUSIVE * covalent_radii[numbers]
    points = Atoms(numbers, scaled_positions=fractions[partial] % 1.0, cell=cell, pbc=True)
    i, j, distance = near_pairs(points, 2 * float(radii.max()))
    near = (distance < radii[i] + radii[j]) & (i != j)
    return partial[i[near]], partial[j[near]]


def check_images(sites: list[Site], fractions: Floats, cell: Floats, where: str) -> None:
    """Refuse images of partly occupied sites, one entry for each image, that cannot both be there.

    Raises:
        DataError: S040.
    """
    first, second = too_near(sites, fractions, cell)
    if len(first):
        message = f"{sites[first[0]].name} and an image of {sites[second[0]].name} are too near to be there together"
        raise DataError(Problem("S040", message, where, "expand it to P 1, and leave out one alternative"))
