"""Dealing groups out to train, validation and test: a group is never parted, every class is in every part it can.

scikit-learn's grouped splitters cut folds of equal size and may leave a rare class out of the test part; here the
fractions are free, and a class with two groups is tested, with three also validated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from structkit.errors import DataError, Problem
from structkit.files import digest
from structkit.pipeline.spec import Split
from structkit.table import CONTENT, Row

PARTS = ("train", "valid", "test")


def deal(rows: Sequence[Row], split: Split, seed: int) -> dict[str, str]:
    """The part (`train`, `valid` or `test`) of every group, by the groups' own labels.

    Counting groups and not rows makes the result independent of how many rows a group has: two models that see
    the same groups get the same split.

    Raises:
        DataError: fewer than two classes (D001), or no class with groups enough to test (D040).
    """
    labels = _label_of_groups(rows)  # a trajectory may hold both classes: then all groups are dealt as one kind
    classes = Counter(labels.values())
    known = {row.label for row in rows if row.label is not None}
    if len(known) < 2:
        name = next(iter(known), "none")
        message = f"one class '{name}' ({len(rows)} rows); a classifier needs ≥ 2"
        raise DataError(Problem("D001", message, fix="label the structures, or add another class"))
    order = sorted(labels, key=lambda group: (labels[group], digest([seed, group])))
    parts: dict[str, str] = {}
    for _, groups in groupby(order, key=labels.__getitem__):
        parts.update(_deal_class(list(groups), split))
    if "test" not in parts.values():
        message = f"no class has two groups ({', '.join(f'{k}: {v}' for k, v in sorted(classes.items()))})"
        raise DataError(Problem("D040", f"empty test part: {message}", fix="give the structures groups of their own"))
    return parts


def units_of(info: Mapping[str, Any]) -> str:
    """Of a structure, by its `info`: `lj` or `metal`."""
    return str(info.get("units", "metal"))


def check_units(rows: Sequence[Row]) -> None:
    """Refuse to learn from reduced and metal units at once: the same numbers are other lengths.

    Raises:
        DataError: D013.
    """
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(_units(row), row)
    if len(first) > 1:
        (one, a), (two, b), *_ = first.items()
        message = f"structures in {one} and in {two} units: {a.id}, {b.id}"
        raise DataError(Problem("D013", message, fix="learn from one kind of units"))


def _units(row: Row) -> str:
    return units_of(row.meta.get("_info", {}))


def check_duplicates(rows: Sequence[Row], parts: Mapping[str, str]) -> None:
    """Refuse equal structures in two parts of a split: the test would only ask what was learnt by heart, or chosen by.

    Raises:
        DataError: D010; D012, equal structures with different labels.
    """
    seen: dict[str, Row] = {}
    clashes = []
    for row in sorted(rows, key=lambda row: PARTS.index(part_of(row, parts))):
        first = seen.setdefault(str(row.meta.get(CONTENT, id(row))), row)
        if None not in (first.label, row.label) and first.label != row.label:
            message = (
                f"equal structures with different labels: {first.id} is '{first.label}', {row.id} is '{row.label}'"
            )
            raise DataError(Problem("D012", message, fix="mend a label, or remove one"))
        if part_of(first, parts) != part_of(row, parts):
            clashes.append((first, row))
    if clashes:
        a, b = clashes[0]
        one, two = (part_of(row, parts).replace("valid", "validation") for row in (a, b))
        message = f"{len(clashes)} structures occur in {one} and {two} (first: {a.id} = {b.id})"
        raise DataError(Problem("D010", message, fix="remove the duplicates, or give them one group"))


def learnt(rows: Sequence[Row], parts: Mapping[str, str]) -> dict[str, Any]:
    """What a model has seen, as JSON holds it: the units, and the content of every row of train and validation."""
    seen = [row for row in rows if row.label is not None and part_of(row, parts) != "test"]
    contents = {str(row.meta[CONTENT]): row.id for row in seen if CONTENT in row.meta}
    return {"units": _units(seen[0]) if seen else "metal", "contents": contents}


def check_asked(rows: Sequence[Row], parts: Mapping[str, str], seen: Mapping[str, Any]) -> None:
    """Refuse to test a model on structures in other units than it learnt, or on equal ones.

    Args:
        rows: those of an origin, whether the model learnt from it or not.
        parts: of the split.
        seen: what `learnt` gave.

    Raises:
        DataError: D013; D010.
    """
    asked = [row for row in rows if row.label is not None and part_of(row, parts) == "test"]
    if strange := [row for row in asked if _units(row) != seen["units"]]:
        message = f"{strange[0].id} is in {_units(strange[0])} units; the model learnt in {seen['units']} units"
        raise DataError(Problem("D013", message, fix="ask about structures in the units of the training part"))
    if known := [row for row in asked if str(row.meta.get(CONTENT)) in seen["contents"]]:
        first = seen["contents"][str(known[0].meta[CONTENT])]
        message = f"{len(known)} structures of the test were learnt from (first: {known[0].id} = {first})"
        raise DataError(Problem("D010", message, fix="remove the duplicates, or give them one group"))


def untested(rows: Sequence[Row], parts: Mapping[str, str]) -> list[str]:
    """Classes that no test group holds, which a report must say."""
    tested = {row.label for row in rows if parts.get(row.group) == "test"}
    return sorted({row.label for row in rows if row.label is not None} - tested)


def part_of(row: Row, parts: Mapping[str, str]) -> str:
    """The part of a row; a group that the split never saw was never trained on."""
    return parts.get(row.group, "test")


def _label_of_groups(rows: Sequence[Row]) -> dict[str, str]:
    """The commonest label of every group."""
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        if row.label is not None:
            counts.setdefault(row.group, Counter())[row.label] += 1
    return {group: min(c, key=lambda label: (-c[label], label)) for group, c in counts.items()}


def _deal_class(groups: list[str], split: Split) -> dict[str, str]:
    n = len(groups)
    test = max(1, round(split.test * n)) if n >= 2 else 0
    valid = min(max(1, round(split.valid * n)), n - test - 1) if n >= 3 else 0
    parts = ["test"] * test + ["valid"] * valid + ["train"] * (n - test - valid)
    return dict(zip(groups, parts, strict=True))
