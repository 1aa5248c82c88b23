"""Which atoms are explained, and what an explainer is given to explain them by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from structkit.data.columns import Array
from structkit.data.items.structure import PHYSICAL
from structkit.data.table import Table
from structkit.engine.recipe import Recipe
from structkit.evaluation.faithfulness_of_atoms import EXPLAINED, OF_STRUCTURE

ATOMS = 8  # of each structure, unless the step says how many


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


def drawn(rng: np.random.Generator, atoms: int, count: int) -> NDArray[np.int64]:
    """The numbers of some atoms, in order, int64 (count or fewer)."""
    chosen = rng.choice(atoms, size=min(atoms, count), replace=False)
    return np.sort(chosen).astype(np.int64)
