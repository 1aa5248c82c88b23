"""Small cells: the same atom again and again is no surroundings that a network has learnt from.

Of a perfect crystal's equally near neighbours some are chosen by chance. In a cell of one atom the
same ones are chosen around every atom, and what is averaged over neighbours stays lopsided: fcc
gold in its primitive cell looked like no lattice. So a small periodic cell is repeated, and its
atoms displaced by a hundredth of their distance, as the least heat would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from structkit import Recognised
from structkit.randomness import generator

FEWEST = 200  # atoms of a cell that is taken as it is
TREMBLE = 0.01  # standard deviation of a displacement along each axis, in mean distances of atoms
Recognise = Callable[[Atoms, str], Recognised]


def recognised_repeated(atoms: Atoms, name: str, recognise: Recognise) -> Recognised:
    """What the atoms of a structure are; one with a small cell is recognised as a piece of its crystal.

    Shares are those of the piece; every atom is told as most of its copies are.

    Args:
        atoms: the structure.
        name: of it.
        recognise: says what the atoms of a structure are, by its name.
    """
    times = repeats(atoms)
    copies = int(np.prod(times))
    if copies == 1:
        return recognise(atoms, name)
    piece = atoms.repeat(times)
    spread = TREMBLE * (piece.get_volume() / len(piece)) ** (1 / 3)
    piece.positions += generator(0, "small cells").normal(0, spread, (len(piece), 3))
    return _of_one_cell(recognise(piece, name), len(atoms), copies)


def repeats(atoms: Atoms) -> tuple[int, int, int]:
    """How often a cell is repeated along its three edges, so that the piece is about a cube."""
    whole = bool(atoms.pbc.all()) and atoms.cell.rank == 3
    if not whole or not 0 < len(atoms) < FEWEST or not np.isfinite(atoms.positions).all():
        return (1, 1, 1)
    edges = np.asarray(atoms.cell[:], dtype=float)
    volume = abs(float(np.linalg.det(edges)))
    areas = np.linalg.norm(np.cross(edges[[1, 2, 0]], edges[[2, 0, 1]]), axis=1)
    side = (FEWEST * volume / len(atoms)) ** (1 / 3)
    first, second, third = np.ceil(side / (volume / areas)).astype(int).tolist()
    return (first, second, third)


def _of_one_cell(piece: Recognised, count: int, copies: int) -> Recognised:
    """What was said of a piece, told of the atoms of one of its cells."""
    by_copy = piece.structure.reshape(copies, count)
    chosen = np.array([_typical(by_copy[:, atom]) for atom in range(count)])
    rows = chosen * count + np.arange(count)
    grains = [{**facts, "atoms": max(1, round(facts["atoms"] / copies))} for facts in piece.grains]
    return replace(
        piece,
        structure=piece.structure[rows],
        confidence=piece.confidence[rows],
        novelty=piece.novelty[rows],
        grain=piece.grain[rows],
        perfect=piece.perfect[rows],
        grains=tuple(grains),
    )


def _typical(classes: NDArray[np.int16]) -> int:
    """The first copy of an atom that is what most copies are."""
    commonest = np.bincount(classes).argmax()
    return int(np.flatnonzero(classes == commonest)[0])
