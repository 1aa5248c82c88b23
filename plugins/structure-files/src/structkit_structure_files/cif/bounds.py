"""How many atoms the sites of a CIF can make, counted before any symmetry is worked out.

Half a megabyte can announce 20,000 sites under 192 operations: four million images, whose neighbour
list takes a minute and gigabytes. Two bounds cost a fraction of a second: the boxes that images lie
in (as many atoms at least), and how many images share a box (their pairs are what takes the time).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import DataError, Problem
from structkit_structure_files.text import too_many

Floats = NDArray[np.float64]
CHEAP = 1_000  # images: fewer need no counting
IMAGES = 5  # per atom of max_atoms: special positions are images of themselves
CHUNK = 200_000  # images that are counted at once
EDGE = 0.5  # Å, of a box
PAIRS = 20_000_000  # of images in one box
SITE_PAIRS = 500_000  # of sites in one box, of which no symmetry makes one
# of boxes that an image's rounding may put it in beside its own
SLACK = 1.05
SHIFT = np.array([0.1234567, 0.2345678, 0.3456789])  # no special position is at the side of a box


def check_number(
    block: Any, rotations: Floats, translations: Floats, cell: Floats, max_atoms: int, where: str
) -> None:
    """Refuse sites that make too many atoms, or whose images crowd.

    Args:
        block: of the CIF.
        rotations: (operations, 3, 3).
        translations: (operations, 3).
        cell: (3, 3), in Å.
        max_atoms: of a structure.
        where: the file and the block.

    Raises:
        DataError: S071; S021.
    """
    announced = len(block.find_values("_atom_site_fract_x"))
    images = announced * len(rotations)
    if announced > max_atoms or images > IMAGES * max_atoms:
        raise too_many(images, max_atoms, where)
    if images <= CHEAP:
        return
    sites = _positions(block)
    for own in _boxes(sites, np.eye(3)[None], np.zeros((1, 3)), cell):
        _check_crowds(own, SITE_PAIRS, where)
    boxes = np.zeros(0, np.int64)
    for part in _boxes(sites, rotations, translations, cell):
        boxes = np.concatenate([boxes, part])
        if len(np.unique(boxes)) > SLACK * max_atoms:
            raise too_many(images, max_atoms, where)
    _check_crowds(boxes, PAIRS, where)


def _check_crowds(boxes: NDArray[np.int64], pairs: int, where: str) -> None:
    """Refuse more pairs within a box than anybody can look at.

    Raises:
        DataError: S021.
    """
    _, crowds = np.unique(boxes, return_counts=True)
    if int((crowds.astype(np.int64) ** 2).sum()) > pairs:
        message = f"{int(crowds.max())} images of sites lie within {EDGE:g} Å of each other"
        raise DataError(Problem("S021", message, where, "list every site once"))


def _positions(block: Any) -> Floats:
    """The coordinates that are numbers, (sites, 3); the others are told of later."""
    from gemmi import cif

    columns = []
    for axis in "xyz":
        words = block.find_values(f"_atom_site_fract_{axis}")
        columns.append([cif.as_number(word) for word in words])
    count = min(map(len, columns))
    positions = np.array([column[:count] for column in columns], dtype=np.float64).T
    finite: Floats = positions[np.isfinite(positions).all(axis=1)]
    return finite


def _boxes(
    positions: Floats, rotations: Floats, translations: Floats, cell: Floats
) -> Iterator[NDArray[np.int64]]:
    """The number of the box of every image, site by site."""
    sides = np.maximum(np.linalg.norm(cell, axis=1) / EDGE, 1).astype(np.int64)
    step = max(1, CHUNK // len(rotations))
    for start in range(0, len(positions), step):
        part = positions[start : start + step]
        images = np.einsum("oij,nj->noi", rotations, part) + translations + SHIFT
        places = (images.reshape(-1, 3) % 1.0 * sides).astype(np.int64)
        yield (places[:, 0] * sides[1] + places[:, 1]) * sides[2] + places[:, 2]
