"""What a split never parts, where nobody has said it: structures that are most likely copies of each other.

Random copies of one crystal in training and test make a score that says how well copies are
recognised. So the coarsest rule is taken that still leaves groups enough to train, validate and
test every class.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from structkit.data.table import Table

ENOUGH = 3  # groups of a class: one each to train, to validate and to test
ALIKE = 0.05  # volumes per atom that differ by less are one: noise and small strains


@dataclass(frozen=True)
class Grouping:
    """Groups of all rows, and how they were found.

    Args:
        rule: in words.
        groups: a word a row.
        enough: whether every class has groups enough.
        copies: whether structures that are alike are in several groups.
    """

    rule: str
    groups: list[str]
    enough: bool
    copies: bool


def grouping(table: Table, labels: Sequence[str | None], needed: int = ENOUGH) -> Grouping:
    """The groups of the coarsest rule that leaves enough of them in each class; files where none does.

    Args:
        table: structures, with the `file` of each in their `meta`.
        labels: a class a row; rows without one are of one class.
        needed: groups of each class.
    """
    groupings = {rule: make(table) for rule, make in RULES.items()}
    fitting = [rule for rule, groups in groupings.items() if _fewest(groups, labels) >= needed]
    best = min(fitting, key=lambda rule: len(set(groupings[rule])), default=FILE)
    alike = groupings[VOLUME]
    parted = len(set(zip(alike, groupings[best], strict=True))) > len(set(alike))
    return Grouping(best, groupings[best], bool(fitting), parted)


def _fewest(groups: Sequence[str], labels: Sequence[str | None]) -> int:
    """The groups of the class that has fewest."""
    members: dict[str | None, set[str]] = defaultdict(set)
    for group, label in zip(groups, labels, strict=True):
        members[label].add(group)
    return min(map(len, members.values()))


def _files(table: Table) -> list[Path]:
    return [Path(row.meta["file"]) for row in table.rows]


def by_file(table: Table) -> list[str]:
    """The group that each row has: its file, by its place below the common folder."""
    return [str(group) for group in table.groups]


def by_folder(table: Table) -> list[str]:
    """The folder of each file."""
    return [path.parent.as_posix() for path in _files(table)]


def by_stem(table: Table) -> list[str]:
    """The folder and name of each file, without a number at the end."""
    stems = [
        path.with_name(_without_number(path.name.partition(".")[0]) or "-")
        for path in _files(table)
    ]
    return [stem.as_posix() for stem in stems]


def _without_number(stem: str) -> str:
    """A name without the number of a copy: Cu of Cu_0, Cu-01 and Cu2."""
    name = stem.rstrip("0123456789")
    return name.rstrip(" ._#-") if name != stem else stem


def by_formula(table: Table) -> list[str]:
    """The reduced formula."""
    from ase.formula import Formula

    counted = [
        np.unique(table.item("numbers", row), return_counts=True) for row in range(len(table))
    ]
    return [
        Formula.from_dict(_symbols(numbers, counts)).reduce()[0].format("hill")
        for numbers, counts in counted
    ]


def _symbols(numbers: np.ndarray, counts: np.ndarray) -> dict[str, int]:
    from ase.data import chemical_symbols

    return {
        chemical_symbols[number]: count
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True)
    }


def by_volume(table: Table) -> list[str]:
    """The reduced formula and the volume per atom, up to noise; the formula alone without a whole cell."""
    formulas = by_formula(table)
    volumes = np.array([_volume_per_atom(table, row) for row in range(len(table))])
    groups = list(formulas)
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, formula in enumerate(formulas):
        rows_of[formula].append(row)
    for formula, members in rows_of.items():
        rows = np.array(members)
        order = rows[np.argsort(volumes[rows], kind="stable")]
        steps = np.diff(volumes[order]) > ALIKE * volumes[order][:-1]
        for row, number in zip(order.tolist(), np.cumsum([0, *steps]).tolist(), strict=True):
            groups[row] = f"{formula} ({number + 1})" if steps.any() else formula
    return groups


def _volume_per_atom(table: Table, row: int) -> float:
    """In cubic ångström (or σ³); 0 where there is no cell in three directions."""
    if not table.item("pbc", row).all():
        return 0.0
    return abs(float(np.linalg.det(table.item("cell", row)))) / len(table.item("numbers", row))


FILE, VOLUME = "file", "formula and volume per atom"
RULES: dict[str, Callable[[Table], list[str]]] = {
    "folder": by_folder,
    "formula": by_formula,
    VOLUME: by_volume,
    "name of the file without its number": by_stem,
    FILE: by_file,
}
