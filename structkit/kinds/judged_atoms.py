"""Atoms that guards judge: each is a row, so that whoever judges structures judges atoms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from structkit.data.columns import Array
from structkit.data.rows import Row
from structkit.data.table import Table
from structkit.data.writing import TableWriter
from structkit.engine.recipe import Recipe
from structkit.evidence import UNKNOWN
from structkit.kinds.explained_atoms import drawn

LEARNT, JUDGED = 64, 256  # atoms of each structure that a guard learns from, and that a run judges
ATOM, PROBABILITIES, TRUTH = "atom", "probabilities", "truth"
Draw = Callable[[str, Array], NDArray[np.int64]]  # from a structure's id and what its atoms are


class Items(Protocol):
    """One array a structure."""

    def __getitem__(self, row: int) -> Array: ...


def some_atoms(recipe: Recipe, count: int) -> Draw:
    """Draw some atoms of each structure, of those whose class is known where any is.

    They are drawn here, so that no guard chooses what it is judged by.
    """

    def draw(name: str, truth: Array) -> NDArray[np.int64]:
        known = np.flatnonzero(truth != UNKNOWN)
        among = known if len(known) else np.arange(len(truth))
        return among[drawn(recipe.generator(f"atoms of {name}"), len(among), count)]

    return draw


def all_atoms(name: str, truth: Array) -> NDArray[np.int64]:
    """All atoms of a structure."""
    return np.arange(len(truth), dtype=np.int64)


def rows_of_atoms(
    structures: Table, said: Mapping[str, Items], draw: Draw
) -> tuple[Table, dict[str, Array], NDArray[np.int64]]:
    """Atoms of structures as rows, each a structure of one atom to the model.

    Args:
        structures: as the model reads them.
        said: `probabilities`, float64 (atoms, classes), and `truth`, int64 (atoms), of each structure.
        draw: which atoms.

    Returns:
        The rows, with those arrays of the structures that have an item an atom; `probabilities`,
        float64 (rows, classes); and the place of the structure of each row, int64 (rows).
    """
    names = list(_per_atom(structures, said[TRUTH]))
    rows: list[Row] = []
    chosen, arrays = [], dict[str, list[Array]]()
    for place, structure in enumerate(structures.rows):
        truth = said[TRUTH][place]
        atoms = draw(structure.id, truth)
        chosen.append(atoms)
        rows += [_row(structure, atom, truth[atom]) for atom in atoms.tolist()]
        for name in names:
            of_atoms = structures.item(name, place)[atoms][:, None]
            arrays.setdefault(name, []).append(of_atoms)
    columns = {name: np.concatenate(parts) for name, parts in arrays.items()}
    owners = np.repeat(np.arange(len(chosen)), [len(atoms) for atoms in chosen])
    p = [said[PROBABILITIES][place][atoms] for place, atoms in enumerate(chosen)]
    return Table.of(rows, **columns), {PROBABILITIES: np.concatenate(p)}, owners


def _per_atom(structures: Table, truth: Items) -> Iterator[str]:
    """Arrays that have an item for each atom of each structure."""
    for name in structures.arrays:
        items = ((structures.item(name, row), truth[row]) for row in range(len(structures)))
        if all(item.ndim > 0 and len(item) == len(atoms) for item, atoms in items):
            yield name


def _row(structure: Row, atom: int, truth: Any) -> Row:
    """An atom of a structure: its label is its class, and `meta` says which atom of which structure."""
    label = None if truth == UNKNOWN else str(int(truth))
    own = {"structure": structure.id, ATOM: atom}
    return replace(structure, id=f"{structure.id}:{atom}", label=label, meta=own, targets={})


def write_atoms(
    rows: Table, arrays: Mapping[str, Array], parts: Sequence[str], folder: Path
) -> None:
    """Write a table of atoms, with the part of the split of each."""
    with TableWriter(folder) as writer:
        for place, row in enumerate(rows.rows):
            items = {name: values[place] for name, values in arrays.items()}
            writer.append(replace(row, subset=parts[place]), items)
