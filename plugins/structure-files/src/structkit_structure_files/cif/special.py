"""Special positions whose coordinates are rounded: 0.33 for 1/3 puts an atom beside its own images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_structure_files.cif.sites import SAME, Orbit, Site
from structkit_structure_files.physics import near_pairs
from structkit_structure_files.text import warn

Floats = NDArray[np.float64]
BESIDE = 0.5  # Å: images of one atom are never that near
NEVER = 0.3  # Å: the same, whatever `min_distance` is
EXACT = 1e-6
ROUNDING = 0.5 + 1e-6  # of the last digit


def on_special_positions(
    sites: Sequence[Site], rotations: Floats, translations: Floats, cell: Floats, path: Path
) -> list[Site]:
    """The sites; those that are on a special position but for the rounding of their digits are put on it."""
    placed = []
    for site in sites:
        position = _special(site, rotations, translations, cell)
        if position is None:
            placed.append(site)
            continue
        warn(
            path,
            "S062",
            f"{site.name} {_words(site.position)} is read as {_words(position)}: "
            "a special position, to the digits that are given",
        )
        placed.append(replace(site, position=position))
    return placed


def _words(position: Floats) -> str:
    return " ".join(f"{value:.5g}" for value in position)


def _special(site: Site, rotations: Floats, translations: Floats, cell: Floats) -> Floats | None:
    """The special position that a site is rounded from; None where it is on one, or on none.

    The images that lie beside the site are those by the operations which leave the position as it
    is; their mean is that position.
    """
    shifts = _shifts(site.position, rotations, translations)
    lengths = np.linalg.norm(shifts @ cell, axis=1)
    beside = lengths < BESIDE
    if not (beside & (lengths > SAME)).any():
        return None
    position = site.position
    for _ in range(3):
        position = position + _shifts(position, rotations[beside], translations[beside]).mean(
            axis=0
        )
    left = _shifts(position, rotations[beside], translations[beside])
    if np.abs(left).max() > EXACT or not _is_rounded(
        site.position, position, np.array(site.digits)
    ):
        return None
    result: Floats = position
    return result


def _shifts(position: Floats, rotations: Floats, translations: Floats) -> Floats:
    """From a position to the nearest of its images by each operation, (operations, 3), in fractions."""
    shifts: Floats = rotations @ position + translations - position
    return shifts - np.round(shifts)


def _is_rounded(written: Floats, exact: Floats, digit: Floats) -> bool:
    """Whether numbers are others, rounded or cut off to their digits."""
    rounded = np.abs(exact - written) <= ROUNDING * digit + EXACT
    beyond = (exact - written) * np.where(written < 0, -1, 1)
    cut = (beyond >= 0) & (beyond < digit)
    return bool((rounded | cut).all())


def check_own_images(
    sites: Sequence[Site], orbits: Sequence[Orbit], cell: Floats, where: str
) -> None:
    """Refuse a full site that lies beside its own images: no distance makes two atoms of one.

    Raises:
        DataError: S021.
    """
    from ase import Atoms

    for site, orbit in zip(sites, orbits, strict=True):
        if site.partial or len(orbit) < 2:
            continue
        images = Atoms(
            numbers=np.ones(len(orbit)), scaled_positions=orbit.positions, cell=cell, pbc=True
        )
        first, second, distances = near_pairs(images, NEVER)
        distances = distances[first != second]
        if len(distances):
            message = (
                f"{site.name} {_words(site.position)} is {distances.min():.3g} Å from its own image, "
                "on no special position that its digits allow"
            )
            fix = "write its coordinates with all their digits (0.33333)"
            raise DataError(Problem("S021", message, where, fix))
