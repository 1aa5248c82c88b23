"""What says the class without looking at the structure: sizes, volumes, elements, cells, the order of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from structkit.audit.findings import Finding
from structkit.audit.gathering import Rows, holds_structures
from structkit.audit.learning import Better, better_than_chance
from structkit.data.table import Table

Floats = NDArray[np.float64]
PERMUTATIONS = 199
UNLIKELY = 0.01  # a leak is called so when chance does as well less often
MOST = 1_500  # rows that are learnt from: of more, as many are taken evenly
FEWEST = 6  # groups


def leaks(rows: Rows, permutations: int = PERMUTATIONS) -> Iterator[Finding]:
    """Whether metadata alone predict the classes of groups that were left out."""
    if len(rows.classes) < 2:
        return
    known = np.flatnonzero(rows.truth.known)
    chosen = known[np.unique(np.linspace(0, len(known) - 1, min(len(known), MOST)).astype(int))]
    labels = np.array([str(rows.labels[row]) for row in chosen])
    codes = np.unique(labels, return_inverse=True)[1]
    names = np.array(rows.features.groups, dtype=object)[chosen]
    groups = np.unique(names, return_inverse=True)[1]
    if groups.max() + 1 < FEWEST:
        text = f"too few groups ({groups.max() + 1}) to say whether metadata predict the class"
        yield Finding("leaks", text, False, {}, rows.step.id)
        return
    for name, columns in metadata(rows, chosen).items():
        if (columns == columns[:1]).all():
            text = f"{name} is the same of all rows"
            yield Finding("leaks", text, False, {"metadata": name}, rows.step.id)
            continue
        better = better_than_chance(columns, codes, groups, 0, permutations)
        yield _finding(name, better, rows.step.id)


def _finding(name: str, better: Better, step: str) -> Finding:
    low, high = better.interval or (0.0, 1.0)
    leak = better.p <= UNLIKELY and low > better.chance
    text = (
        f"{name} alone: balanced accuracy {better.accuracy:.3f} [{low:.3f}, {high:.3f}], "
        f"chance {better.chance:.3f} (p = {better.p:.3f})"
    )
    if leak:
        text += f"; {name} says the class: make it equal for all classes, or show that the model does not see it"
    facts = {
        "metadata": name,
        "balanced_accuracy": better.accuracy,
        "interval": [low, high],
        "chance": better.chance,
        "p": better.p,
    }
    return Finding("leaks", text, leak, facts, step)


def metadata(rows: Rows, chosen: NDArray[np.int64]) -> Mapping[str, Floats]:
    """Numbers that say nothing of where atoms are, by name, each (rows, numbers).

    Args:
        rows: of a model.
        chosen: which of them.
    """
    found = {"row order": _order(rows.features)[chosen]}
    if rows.structures is not None and holds_structures(rows.structures):
        found |= _of_structures(rows.structures, chosen)
    return found


def _order(table: Table) -> Floats:
    """The place of each row among those of its origin, from 0 to 1."""
    origins = np.array(table.origins, dtype=object)
    order = np.zeros((len(table), 1))
    for origin in set(table.origins):
        inside = np.flatnonzero(origins == origin)
        order[inside, 0] = np.linspace(0, 1, len(inside))
    return order


def _of_structures(structures: Table, chosen: NDArray[np.int64]) -> Mapping[str, Floats]:
    atoms, volumes, cells, counted = [], [], [], []
    for row in chosen.tolist():
        numbers, cell = structures.item("numbers", row), structures.item("cell", row)
        atoms.append([float(len(numbers))])
        volumes.append([abs(float(np.linalg.det(cell))) / len(numbers)])
        cells.append(_shape(cell))
        counted.append(np.bincount(numbers, minlength=120) / len(numbers))
    shares = np.array(counted)
    shares = shares[:, shares.any(axis=0)]
    return {
        "number of atoms": np.array(atoms),
        "volume per atom": np.array(volumes),
        "elements": shares,
        "cell shape": np.array(cells),
    }


def _shape(cell: Floats) -> Floats:
    """Two ratios of sorted lengths and three sorted cosines; zeros where there is no cell."""
    lengths = np.linalg.norm(cell, axis=1)
    if not lengths.all():
        return np.zeros(5)
    units = cell / lengths[:, None]
    cosines = np.sort(np.abs([units[0] @ units[1], units[0] @ units[2], units[1] @ units[2]]))
    low, middle, high = np.sort(lengths)
    shape: Floats = np.round(np.array([low / high, middle / high, *cosines]), 6)
    return shape
