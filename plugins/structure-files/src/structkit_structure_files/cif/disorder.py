"""Disorder in a CIF: which sites exclude each other, and which of them are taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_structure_files.cif.nearness import by_position, connected, of_one_position
from structkit_structure_files.cif.sites import FULL, Floats, Orbit, Site
from structkit_structure_files.settings import ReadSettings

UNEQUAL = 0.02  # between the occupancies of a disorder group: they are rounded


@dataclass(frozen=True)
class Alternative:
    """Sites that are there together, in a share of the crystal; by their places in the file's list."""

    members: list[int]
    share: float


class Disorder:
    """Sites of a file, some of which exclude others.

    Places are the disorder groups that the file names, else sites at one position, or too near for
    both to be there.

    Args:
        sites: of the asymmetric unit.
        found: the images of each.
        cell: rows are the cell vectors, in Å.
        where: for messages.

    Raises:
        DataError: S040 a place that is described by halves, S021 two full sites in one place, S041
            a place more than full.
    """

    def __init__(self, sites: list[Site], orbits: list[Orbit], cell: Floats, where: str) -> None:
        self.sites, self.orbits, self.cell, self.where = sites, orbits, cell, where
        self.apart = _unequal_groups(sites)
        self.places = list(self._places())

    def occupied(self, settings: ReadSettings, rng: np.random.Generator) -> list[NDArray[np.bool_]]:
        """Which images of every site are there: refused, drawn or the likeliest, as the settings say.

        Raises:
            DataError: S040 a partly occupied place; S010 nothing is left.
        """
        there = [np.zeros(len(orbit), dtype=bool) for orbit in self.orbits]
        for index, place in enumerate(self.places, 1):
            if len(place) == 1 and place[0].share >= FULL:
                chosen = {member: slice(None) for member in place[0].members}
            elif settings.disorder == "reject":
                raise self._refused(index, place)
            else:
                chosen = (
                    self._major(place) if settings.disorder == "major" else self._drawn(place, rng)
                )
            for member, images in chosen.items():
                there[member][images] = True
        if not any(images.any() for images in there):
            raise DataError(Problem("S010", "no occupied site", self.where))
        return there

    def _refused(self, index: int, place: list[Alternative]) -> DataError:
        listed = ", ".join(
            f"{self.sites[option.members[0]].element} {option.share:g}" for option in place
        )
        fix = "choose disorder: reject/sample/major"
        return DataError(Problem("S040", f"disordered site {index} ({listed})", self.where, fix))

    def _major(self, place: list[Alternative]) -> dict[int, Any]:
        """All images of the likeliest alternative, or of none where a vacancy is likelier."""
        likeliest = max(place, key=lambda option: option.share)
        empty = 1 - sum(option.share for option in place)
        return (
            {member: slice(None) for member in likeliest.members}
            if likeliest.share >= empty
            else {}
        )

    def _drawn(self, place: list[Alternative], rng: np.random.Generator) -> dict[int, Any]:
        """An alternative, or a vacancy, for every image of the place on its own."""
        members = [member for option in place for member in option.members]
        images = self.orbits[members[0]].operations
        if any(not np.array_equal(self.orbits[member].operations, images) for member in members):
            names = " and ".join(self.sites[member].name for member in members[:2])
            message = f"{names} exclude each other and have different numbers of images"
            raise DataError(
                Problem("S040", message, self.where, "choose disorder: major, or expand it to P 1")
            )
        shares = np.array([option.share for option in place])
        first = self.sites[members[0]]
        if self.apart and first.group and not first.assembly and abs(shares.sum() - 1) > UNEQUAL:
            message = f"nothing tells which disorder groups {first.name} ({first.occupancy:g}) shares its place with"
            raise DataError(
                Problem(
                    "S040", message, self.where, "name the places by _atom_site_disorder_assembly"
                )
            )
        empty = max(0.0, 1 - shares.sum())
        drawn = rng.choice(
            len(place) + 1, size=len(images), p=np.array([*shares, empty]) / (shares.sum() + empty)
        )
        return {
            member: drawn == number
            for number, option in enumerate(place)
            for member in option.members
        }

    def _places(self) -> Iterator[list[Alternative]]:
        """The alternatives of every place, in the order of the file."""
        home = by_position(self.sites, self.cell)
        self._check_mixed(home)
        places: dict[str, dict[str, list[int]]] = {}
        shares: list[float] = []
        for index, site in enumerate(self.sites):
            place, alternative = f"{home[index]}", f"{index}"
            if site.group:
                # files without assemblies number the alternatives of every place anew: only shares tell them apart
                share = (
                    _nearest(max(site.occupancy, 1 - site.occupancy), shares)
                    if self.apart and not site.assembly
                    else ""
                )
                place, alternative = f"assembly {site.assembly} {share}", site.group
            places.setdefault(place, {}).setdefault(alternative, []).append(index)
        for members in places.values():
            alternatives = [self._alternative(together) for together in members.values()]
            self._check_shares(alternatives)
            yield alternatives

    def _check_mixed(self, home: list[int]) -> None:
        """Refuse a place where one alternative has a disorder group and another has none."""
        bare = {
            place: site
            for site, place in zip(self.sites, home, strict=True)
            if site.partial and not site.group
        }
        for site, place in zip(self.sites, home, strict=True):
            if site.group and place in bare:
                message = f"{site.name} (disorder group {site.group}) and {bare[place].name} (none) exclude each other"
                raise DataError(Problem("S040", message, self.where, "give both a disorder group"))

    def _alternative(self, members: list[int]) -> Alternative:
        """Sites of one disorder group, or a single site."""
        sites = [self.sites[member] for member in members]
        shares = [site.occupancy for site in sites]
        group = sites[0].group
        if max(shares) - min(shares) > UNEQUAL:
            message = (
                f"occupancies of disorder group {group} differ: {min(shares):g} to {max(shares):g}"
            )
            fix = "tell the places apart by _atom_site_disorder_assembly"
            raise DataError(Problem("S040", message, self.where, fix))
        if group.startswith("-") and shares[0] < FULL:
            message = (
                f"disorder group {group}: {sites[0].name} is disordered about a symmetry element"
            )
            fix = "expand it to P 1, with a group for each alternative"
            raise DataError(Problem("S040", message, self.where, fix))
        return Alternative(members, shares[0])

    def _check_shares(self, place: list[Alternative]) -> None:
        """Refuse a place whose alternatives fill it more than once."""
        total = sum(option.share for option in place)
        if total <= 1.001:
            return
        sites = [self.sites[option.members[0]] for option in place]
        names = " and ".join(site.name for site in sites)
        if sites[0].group:
            groups = ", ".join(site.group for site in sites)
            message = f"disorder groups {groups} have occupancies of {total:g} together"
            raise DataError(Problem("S040", message, self.where))
        if not any(site.partial for site in sites):
            raise DataError(
                Problem("S021", f"{names} coincide", self.where, "give occupancies, or remove one")
            )
        if len({*connected(len(sites), *of_one_position(sites, self.cell))}) > 1:
            message = f"{names} are too near to be there together, and fill {total:g} of a place"
            raise DataError(Problem("S040", message, self.where, "give them disorder groups"))
        raise DataError(Problem("S041", f"occupancy {total:g} > 1 at {names}", self.where))


def _unequal_groups(sites: list[Site]) -> bool:
    """Whether a disorder group without an assembly has several occupancies."""
    shares: dict[str, list[float]] = {}
    for site in sites:
        if site.group and not site.assembly:
            shares.setdefault(site.group, []).append(site.occupancy)
    return any(max(occupancies) - min(occupancies) > UNEQUAL for occupancies in shares.values())


def _nearest(share: float, shares: list[float]) -> int:
    """The number of a share among those met so far, to which it is added when none is equal but for rounding."""
    nearest = next(
        (number for number, other in enumerate(shares) if abs(other - share) <= UNEQUAL),
        len(shares),
    )
    if nearest == len(shares):
        shares.append(share)
    return nearest
