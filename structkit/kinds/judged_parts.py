"""Parts of rows that guards judge: each is a row, so that whoever judges structures judges atoms and pixels.

The parts of a row are those of which a model gives classes: the atoms of a structure; of an image
the pixels that its target holds probabilities of.
"""

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
from structkit.evidence import FEATURES, UNKNOWN
from structkit.kinds.explained_parts import drawn

LEARNT, JUDGED = 64, 256  # parts of each row that a guard learns from, and that a run judges
WHOLE, PART = "structure", "part"  # in the `meta` of a part: the id of its row, its number there
PROBABILITIES, TRUTH = "probabilities", "truth"
ALONE = ("atom",)  # parts that a model reads as it reads a row
Draw = Callable[[str, Array], NDArray[np.int64]]  # from a row's id and what its parts are


class Items(Protocol):
    """One array a row."""

    def __getitem__(self, row: int) -> Array: ...


def some_parts(recipe: Recipe, count: int) -> Draw:
    """Draw some parts of each row, of those whose class is known where any is.

    They are drawn here, so that no guard chooses what it is judged by.
    """

    def draw(name: str, truth: Array) -> NDArray[np.int64]:
        known = np.flatnonzero(truth != UNKNOWN)
        among = known if len(known) else np.arange(len(truth))
        return among[drawn(recipe.generator(f"atoms of {name}"), len(among), count)]

    return draw


def all_parts(name: str, truth: Array) -> NDArray[np.int64]:
    """All parts of a row."""
    return np.arange(len(truth), dtype=np.int64)


def rows_of_parts(
    wholes: Table, said: Mapping[str, Items], draw: Draw, per: str
) -> tuple[Table, dict[str, Array], NDArray[np.int64]]:
    """Parts of rows as rows; an atom is a structure of one atom to the model.

    Args:
        wholes: the rows as the model reads them.
        said: of each `probabilities`, float64 (parts, classes), and `truth`, int64 (parts); perhaps
            `features`, (parts, numbers).
        draw: which parts.
        per: of what the model speaks.

    Returns:
        The parts, of atoms with those arrays of the structures that have an item an atom;
        `probabilities`, float64 (parts, classes), and `features` where there are any; and the place
        of the row of each part, int64 (parts).
    """
    names = list(_per_part(wholes, said[TRUTH])) if per in ALONE else []
    rows: list[Row] = []
    chosen, arrays = [], dict[str, list[Array]]()
    for place, whole in enumerate(wholes.rows):
        truth = said[TRUTH][place]
        parts = draw(whole.id, truth)
        chosen.append(parts)
        rows += [_row(whole, part, truth[part]) for part in parts.tolist()]
        for name in names:
            of_parts = wholes.item(name, place)[parts][:, None]
            arrays.setdefault(name, []).append(of_parts)
    columns = {name: np.concatenate(values) for name, values in arrays.items()}
    owners = np.repeat(np.arange(len(chosen)), [len(parts) for parts in chosen])
    predicted = {
        name: _of_parts(said[name], chosen) for name in (PROBABILITIES, FEATURES) if name in said
    }
    return Table.of(rows, **columns), predicted, owners


def _of_parts(items: Items, chosen: Sequence[NDArray[np.int64]]) -> Array:
    """What was said of the chosen parts of all rows."""
    return np.concatenate([items[place][parts] for place, parts in enumerate(chosen)])


def _per_part(wholes: Table, truth: Items) -> Iterator[str]:
    """Arrays that have an item for each part of each row."""
    for name in wholes.arrays:
        items = ((wholes.item(name, row), truth[row]) for row in range(len(wholes)))
        if all(item.ndim > 0 and len(item) == len(parts) for item, parts in items):
            yield name


def _row(whole: Row, part: int, truth: Any) -> Row:
    """A part of a row: its label is its class, and `meta` says which part of which row."""
    label = None if truth == UNKNOWN else str(int(truth))
    own = {WHOLE: whole.id, PART: part}
    return replace(whole, id=f"{whole.id}:{part}", label=label, meta=own, targets={})


def write_parts(
    rows: Table, arrays: Mapping[str, Array], subsets: Sequence[str], folder: Path
) -> None:
    """Write a table of parts, with the part of the split of each; not where the model sees them, which is long."""
    kept = {name: values for name, values in arrays.items() if name != FEATURES}
    with TableWriter(folder) as writer:
        for place, row in enumerate(rows.rows):
            items = {name: values[place] for name, values in kept.items()}
            writer.append(replace(row, subset=subsets[place]), items)
