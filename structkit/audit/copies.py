"""Equal and near-equal structures in several groups, and how many of them the split parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from structkit.audit.disorder import is_copy
from structkit.audit.findings import NAMED, Finding, several
from structkit.audit.fingerprint import Fingerprint, distances, fingerprint
from structkit.audit.frames import frames_alike
from structkit.audit.gathering import Rows, holds_structures
from structkit.data.items.structure import PHYSICAL
from structkit.data.table import Table
from structkit.evaluation.copies import near_copies

NEAR = 1.0  # copies are at most so far apart
SAME = 1e-3  # of structures whose atoms are at the same places
MOST_PAIRS = 100_000  # of disordered structures that are compared atom by atom
MOST = 5_000  # structures that are compared: of more, as many are taken evenly


@dataclass(frozen=True)
class Pair:
    """Two rows that are copies of each other, or all but.

    Args:
        one: number of a row.
        other: number of another.
        distance: 0 for equal ones, up to 1.
    """

    one: int
    other: int
    distance: float


@dataclass(frozen=True)
class Compared:
    """How alike structures are.

    Args:
        pairs: copies, the nearest first.
        nearest: of every row, how far the nearest row of another group is whose part is `train`;
            infinite where none can be compared.
    """

    pairs: Sequence[Pair]
    nearest: NDArray[np.float64]


def compare(structures: Table, groups: Sequence[str], parts: Sequence[str]) -> Compared:
    """Find the copies among structures, and how near each is to the training part.

    Args:
        structures: rows.
        groups: of every row; rows of one group are not compared.
        parts: of every row.
    """
    prints = fingerprints(structures)
    families: dict[str, list[int]] = defaultdict(list)
    for number, described in enumerate(prints):
        families[described.family].append(number)
    nearest = np.full(len(structures), np.inf)
    pairs: list[Pair] = []
    names, learnt = np.array(groups, dtype=object), np.array(parts) == "train"
    for rows in families.values():
        members = np.array(rows)
        smeared = np.array([prints[row].smeared for row in rows])
        for place, row in enumerate(rows):
            foreign = names[members] != names[row]
            apart = distances(smeared[place], smeared[foreign])
            others = members[foreign]
            nearest[row] = apart[learnt[others]].min(initial=np.inf)
            later = (apart <= NEAR) & (others > row)
            near = zip(others[later].tolist(), apart[later].tolist(), strict=True)
            pairs += [Pair(row, other, distance) for other, distance in near]
    pairs = _proven(pairs, prints)
    seen = {(pair.one, pair.other) for pair in pairs}
    for one, other in frames_alike(structures, groups):
        if (one, other) not in seen:
            pairs.append(Pair(one, other, NEAR))
    return Compared(sorted(pairs, key=lambda pair: pair.distance), nearest)


def _proven(pairs: Sequence[Pair], prints: Sequence[Fingerprint]) -> list[Pair]:
    """The pairs without those of disordered structures that are alike on the average alone."""
    seen = [fingerprint.environments for fingerprint in prints]
    doubtful = sum(bool(seen[p.one].disorder or seen[p.other].disorder) for p in pairs)
    if doubtful > MOST_PAIRS:
        return [
            pair
            for pair in pairs
            if pair.distance <= SAME or not (seen[pair.one].disorder or seen[pair.other].disorder)
        ]
    return [pair for pair in pairs if is_copy(seen[pair.one], seen[pair.other])]


def fingerprints(structures: Table) -> list[Fingerprint]:
    """Of every structure; of equal ones once."""
    contents = structures.values("content")
    done: dict[str, Fingerprint] = {}
    prints = []
    for row in range(len(structures)):
        name = contents[row] or f"row {row}"
        if name not in done:
            done[name] = fingerprint({a: structures.item(a, row) for a in PHYSICAL})
        prints.append(done[name])
    return prints


def copies(rows: Rows) -> Iterator[Finding]:
    """What copies mean for the split of a model's rows."""
    group_of = dict(zip(rows.groups, rows.features.groups, strict=True))
    kept = [row for row, group in enumerate(rows.begun.groups) if group in group_of]
    begun = rows.begun.select(_evenly(kept))
    if not holds_structures(begun):
        yield _by_features(rows)
        return
    units = [group_of[group] for group in begun.groups]
    parts = [rows.parts.get(unit, "train") for unit in units]
    compared = compare(begun, units, parts)
    yield _of_structures(rows, begun, units, parts, compared)


def _evenly(rows: Sequence[int]) -> NDArray[np.int64]:
    """At most so many rows as are compared."""
    chosen = np.linspace(0, len(rows) - 1, min(len(rows), MOST)).astype(np.int64)
    return np.array(rows, dtype=np.int64)[np.unique(chosen)]


def _of_structures(
    rows: Rows, table: Table, units: Sequence[str], parts: Sequence[str], compared: Compared
) -> Finding:
    pairs, ids, labels = compared.pairs, table.ids, table.values("label")
    across = [pair for pair in pairs if parts[pair.one] != parts[pair.other]]
    unlike = [pair for pair in pairs if labels[pair.one] != labels[pair.other]]
    told = across or pairs
    yardstick, facts = _yardstick(np.array(parts), compared.nearest)
    facts |= {"structures": len(table), "pairs": len(pairs)}
    facts |= {"across": len(across), "labels_differ": len(unlike)}
    facts["named"] = [[ids[p.one], ids[p.other], round(p.distance, 4)] for p in told[:100]]
    text = (
        f"{several(len(table), 'structure')} compared, whatever their cell, size, strain or order"
    )
    if len(table) == MOST:
        text += " (taken evenly from all)"
    text += f": {several(len(pairs), 'pair')} of copies in different groups"
    if pairs:
        groups = {units[row] for pair in pairs for row in (pair.one, pair.other)}
        named = ", ".join(f"{ids[p.one]} ≈ {ids[p.other]}" for p in told[:NAMED])
        text += f" ({several(len(groups), 'group')}), {len(across)} across the split: {named}"
        text += f"{', …' if len(told) > NAMED else ''}; {_advice(len(pairs), len(unlike))}"
    return Finding("copies", f"{text}. {yardstick}", bool(pairs), facts, rows.step.id)


def _advice(pairs: int, unlike: int) -> str:
    """What to do about copies; those of different classes are not to be put into one group."""
    if not unlike:
        return "give copies one group"
    text = f"{unlike} are of different classes, which a small strain or heat turns into each other"
    return text if unlike == pairs else f"{text}; give the others one group"


def _yardstick(
    parts: NDArray[np.str_], nearest: NDArray[np.float64]
) -> tuple[str, dict[str, object]]:
    """How near the test is to the training part, beside how near the groups of that are to each other."""
    tested, learnt = _median(nearest[parts == "test"]), _median(nearest[parts == "train"])
    facts: dict[str, object] = {
        "test_to_train": tested,
        "train_to_train": learnt,
        "copies_below": NEAR,
    }
    if tested is None or learnt is None:
        return "No test structure has the composition of one that is learnt from", facts
    text = (
        f"Half the test structures lie within {tested:.3g} of the training part, half the training "
        f"structures within {learnt:.3g} of another group (copies: at most {NEAR:g})"
    )
    return text, facts


def _median(values: NDArray[np.float64]) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None


def _by_features(rows: Rows) -> Finding:
    """Rows that were measured: equal ones, and those whose features are all but equal."""
    contents: Mapping[str, set[str]] = defaultdict(set)
    for content, group in zip(rows.features.values("content"), rows.features.groups, strict=True):
        if content:
            contents[content].add(group)
    equal = sum(len(groups) > 1 for groups in contents.values())
    near = near_copies(rows.features, rows.parts)
    text = (
        f"{several(len(rows.features), 'row')} without structures: {equal} occur in several groups"
    )
    text += f"; {several(len(near), 'test row')} much nearer to the training part than its groups to each other"
    if near:
        text += f": {', '.join(f'{copy.row} ≈ {copy.learnt}' for copy in near[:NAMED])}"
    facts = {"equal": equal, "near": len(near), "named": [[c.row, c.learnt] for c in near[:100]]}
    return Finding("copies", text, bool(equal or near), facts, rows.step.id)
