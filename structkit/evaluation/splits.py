"""Dealing groups out to train, validation and test: a group is never parted, every class is in every part it can.

scikit-learn's grouped splitters cut folds of equal size and may leave a rare class out of the test
part; here the fractions are free, and a class with two groups is tested, with three also validated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from structkit.data.rows import METAL
from structkit.data.table import Table
from structkit.errors import DataError, Problem
from structkit.pipeline.spec import Split
from structkit.records import PARTS
from structkit.store.files import digest


def deal(
    groups: Sequence[str], strata: Sequence[str | None], split: Split, seed: int
) -> dict[str, str]:
    """Deal groups out to train, validation and test so that no group is parted.

    Counting groups and not rows makes the result independent of how many rows a group has: two
    models that see the same groups get the same split.

    Args:
        groups: of every row.
        strata: a word a row, each of which is in every part that it can be in; None for rows that
            are not dealt.
        split: the fractions.
        seed: of the pipeline.

    Raises:
        DataError: no stratum with groups enough to test (D040).
    """
    # a trajectory may hold two: then all groups are dealt as one kind
    strata_of = _stratum_of_groups(groups, strata)
    order = sorted(strata_of, key=lambda group: (strata_of[group], digest([seed, group])))
    parts: dict[str, str] = {}
    for _, members in groupby(order, key=strata_of.__getitem__):
        parts.update(_deal_class(list(members), split))
    if "test" not in parts.values():
        raise untestable(Counter(strata_of.values()))
    return parts


def untestable(counts: Mapping[str, int], by: str | None = None) -> DataError:
    """No class has enough of what is dealt out, D040.

    Args:
        counts: of groups or units, by class.
        by: what makes units of groups.
    """
    told = ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))
    if by is None:
        fix = "give the structures groups of their own"
        return DataError(
            Problem("D040", f"empty test part: no class has two groups ({told})", fix=fix)
        )
    message = f"split by {by}: too few units to learn from some and test others ({told})"
    return DataError(Problem("D040", message, fix="split by something that has more values"))


def units_of(info: Mapping[str, Any]) -> str:
    """Of a structure, by its `info`: `lj` or `metal`."""
    return str(info.get("units", METAL))


def check_units(table: Table) -> None:
    """Refuse to learn from reduced and metal units at once: the same numbers are other lengths.

    Raises:
        DataError: D013.
    """
    units = table.values("units")
    first = {unit: units.index(unit) for unit in sorted(set(units))}
    if len(first) > 1:
        (one, a), (two, b), *_ = sorted(first.items(), key=lambda item: item[1])
        message = f"structures in {one} and in {two} units: {table.rows[a].id}, {table.rows[b].id}"
        raise DataError(Problem("D013", message, fix="learn from one kind of units"))


def check_duplicates(table: Table, parts: Mapping[str, str]) -> None:
    """Refuse equal items in two parts of a split: the test would only ask what was learnt by heart, or chosen by.

    Raises:
        DataError: D010; D012, equal items with different labels.
    """
    subsets = parts_of(table, parts)
    contents, labels = table.values("content"), table.values("label")
    first: dict[str, int] = {}
    clashes = []
    for row in sorted(range(len(table)), key=lambda row: PARTS.index(subsets[row])):
        if not contents[row]:
            continue
        other = first.setdefault(contents[row], row)
        if None not in (labels[other], labels[row]) and labels[other] != labels[row]:
            a, b = (f"{table.rows[i].id} is '{labels[i]}'" for i in (other, row))
            message = f"equal structures with different labels: {a}, {b}"
            raise DataError(Problem("D012", message, fix="mend a label, or remove one"))
        if subsets[other] != subsets[row]:
            clashes.append((other, row))
    if clashes:
        one, two = (subsets[row].replace("valid", "validation") for row in clashes[0])
        a, b = (table.rows[row].id for row in clashes[0])
        message = f"{len(clashes)} structures occur in {one} and {two} (first: {a} = {b})"
        raise DataError(
            Problem("D010", message, fix="remove the duplicates, or give them one group")
        )


def learnt(table: Table, known: Sequence[bool], parts: Mapping[str, str]) -> dict[str, Any]:
    """What a model has seen, as JSON holds it: the units, and the content of every row of train and validation."""
    subsets = parts_of(table, parts)
    seen = [row for row in range(len(table)) if known[row] and subsets[row] != "test"]
    contents, ids = table.values("content"), table.ids
    units = table.rows[seen[0]].units if seen else METAL
    return {"units": units, "contents": {contents[row]: ids[row] for row in seen if contents[row]}}


def check_asked(
    table: Table, known: Sequence[bool], parts: Mapping[str, str], seen: Mapping[str, Any]
) -> None:
    """Refuse to test a model on structures in other units than it learnt, or on equal ones.

    Args:
        table: the rows of an origin, whether the model learnt from it or not.
        known: whether the truth of each is known, so that it is scored.
        parts: of the split.
        seen: what `learnt` gave.

    Raises:
        DataError: D013; D010.
    """
    subsets = parts_of(table, parts)
    asked = [row for row in range(len(table)) if known[row] and subsets[row] == "test"]
    units, contents = table.values("units"), table.values("content")
    if strange := [row for row in asked if units[row] != seen["units"]]:
        name, unit = table.rows[strange[0]].id, units[strange[0]]
        message = f"{name} is in {unit} units; the model learnt in {seen['units']} units"
        raise DataError(
            Problem("D013", message, fix="ask about structures in the units of the training part")
        )
    if copies := [row for row in asked if contents[row] in seen["contents"]]:
        first = table.rows[copies[0]].id
        message = f"{len(copies)} structures of the test were learnt from (first: {first} = "
        message += f"{seen['contents'][contents[copies[0]]]})"
        raise DataError(
            Problem("D010", message, fix="remove the duplicates, or give them one group")
        )


def untested(table: Table, strata: Sequence[str | None], parts: Mapping[str, str]) -> list[str]:
    """Strata that no test group holds, which a report must say."""
    tested = {
        stratum
        for stratum, group in zip(strata, table.groups, strict=True)
        if parts.get(group) == "test"
    }
    return sorted({stratum for stratum in strata if stratum is not None} - tested)


def part_of(group: str, parts: Mapping[str, str]) -> str:
    """The part of a group; one that the split never saw was never trained on."""
    return parts.get(group, "test")


def parts_of(table: Table, parts: Mapping[str, str]) -> list[str]:
    """The part of every row."""
    return [parts.get(group, "test") for group in table.groups]


def _stratum_of_groups(groups: Sequence[str], strata: Sequence[str | None]) -> dict[str, str]:
    """The commonest stratum of every group."""
    counts: dict[str, Counter[str]] = {}
    for group, stratum in zip(groups, strata, strict=True):
        if stratum is not None:
            counts.setdefault(group, Counter())[stratum] += 1
    return {group: min(c, key=lambda name: (-c[name], name)) for group, c in counts.items()}


def _deal_class(groups: list[str], split: Split) -> dict[str, str]:
    n = len(groups)
    test = max(1, round(split.test * n)) if n >= 2 else 0
    valid = min(max(1, round(split.valid * n)), n - test - 1) if n >= 3 else 0
    calibration = _calibration(split, n, n - test - valid)
    parts = ["test"] * test + ["valid"] * valid + ["calibration"] * calibration
    parts += ["train"] * (n - len(parts))
    return dict(zip(groups, parts, strict=True))


def _calibration(split: Split, n: int, left: int) -> int:
    """How many of a class's groups are kept for guards: one at least, and one is left to learn from."""
    if not split.calibration:
        return 0
    return min(max(1, round(split.calibration * n)), left - 1)
