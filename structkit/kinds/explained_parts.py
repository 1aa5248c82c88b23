"""Which parts of a row are explained, and what an explainer is given to explain them by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from structkit.data.columns import Array
from structkit.data.items.structure import PHYSICAL
from structkit.data.table import Table
from structkit.engine.recipe import Recipe
from structkit.evaluation.faithfulness_of_parts import EXPLAINED, OF_STRUCTURE
from structkit.evidence import UNKNOWN

ATOMS = 8  # of each row, unless the step says how many parts


def with_atoms(recipe: Recipe, features: Table, structures: Table, count: int) -> Table:
    """Rows with their structures and the atoms that are to be explained.

    The atoms are drawn here, so that no explainer chooses what it is judged by.

    Args:
        recipe: of the explainer.
        features: rows of a model of atoms.
        structures: what they were made of, in the same order.
        count: atoms of each.

    Returns:
        The rows with `explained`, int64 (atoms), and `structure_numbers`, `structure_positions`,
        `structure_cell`, `structure_pbc` of the structure.
    """
    columns: dict[str, list[Array]] = {EXPLAINED: []}
    for index, row in enumerate(features.rows):
        atoms = len(structures.item("numbers", index))
        columns[EXPLAINED].append(drawn(recipe.generator(f"atoms of {row.id}"), atoms, count))
        for name in PHYSICAL:
            columns.setdefault(OF_STRUCTURE + name, []).append(structures.item(name, index))
    return features.with_arrays(**columns)


def with_parts(recipe: Recipe, features: Table, classes: Sequence[Array], count: int) -> Table:
    """Rows with the parts that are to be explained, of every class as many as there are.

    Args:
        recipe: of the explainer.
        features: rows of a model of such parts.
        classes: what the parts of each are, of any shape, such as (height, width) of pixels.
        count: parts of each.

    Returns:
        The rows with `explained`, int64 (parts): the places of the parts in the flat array.
    """
    chosen = [
        drawn_of_each(recipe.generator(f"parts of {row.id}"), np.ravel(of_row), count)
        for row, of_row in zip(features.rows, classes, strict=True)
    ]
    return features.with_arrays(**{EXPLAINED: chosen})


def drawn(rng: np.random.Generator, atoms: int, count: int) -> NDArray[np.int64]:
    """The numbers of some atoms, in order, int64 (count or fewer)."""
    chosen = rng.choice(atoms, size=min(atoms, count), replace=False)
    return np.sort(chosen).astype(np.int64)


def drawn_of_each(
    rng: np.random.Generator, classes: NDArray[np.integer], count: int
) -> NDArray[np.int64]:
    """The numbers of some parts, in order, int64 (count or fewer): one of each class, then another of each.

    Rare classes are what somebody wants explained: at random nearly all pixels lie between columns.

    Args:
        rng: draws.
        classes: of the parts; -1 for one of which nothing is known, which is drawn where no other is.
        count: how many.
    """
    known = np.flatnonzero(classes != UNKNOWN)
    order = rng.permutation(known if len(known) else len(classes))
    _, place = np.unique(classes[order], return_inverse=True)
    turn = np.zeros(len(order), np.int64)
    for name in range(int(place.max(initial=-1)) + 1):
        turn[place == name] = np.arange((place == name).sum())
    chosen = order[np.argsort(turn, kind="stable")[:count]]
    return np.sort(chosen).astype(np.int64)
