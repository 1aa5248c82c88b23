"""What a split deals out as one where groups are not enough: all groups that share an element, a prototype, a run.

Groups and values are the two sides of a graph; its components are the units. So no value is ever on
two sides of the split, nor is a group that has several.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from structkit.data.table import Table
from structkit.errors import DataError, Problem, listed
from structkit.evaluation.splits import untestable
from structkit.pipeline.spec import Split
from structkit.store.files import digest

ELEMENT, SOURCE = "element", "source"
WORDLIKE = (str, int, float, bool)  # what a value noted in `meta` may be
ORDER = ("test", "valid", "calibration")  # parts, in the order in which they are filled


def noted(table: Table, word: str) -> list[str | None]:
    """What every row notes under a word in its `meta`; None where it notes nothing that could be a value."""
    values = (row_meta.get(word) for row_meta in table.values("meta"))
    return [str(value) if isinstance(value, WORDLIKE) else None for value in values]


def elements_of(structures: Table) -> list[str]:
    """The elements of every structure: their symbols in alphabetical order, such as `Cl-Na`."""
    from ase.data import chemical_symbols

    names = []
    for row in range(len(structures)):
        numbers = np.unique(structures.item("numbers", row)).tolist()
        names.append("-".join(sorted(chemical_symbols[number] for number in numbers)))
    return names


def check_noted(table: Table, values: Sequence[str | None], word: str) -> None:
    """Refuse rows that do not say what the split asks for.

    Raises:
        DataError: D042, with the words that all rows note.
    """
    if None not in values:
        return
    row = table.rows[values.index(None)]
    message = f"row '{row.id}' of '{row.origin}' notes no word or number '{word}'; {values.count(None)} rows do not"
    words = shared_words(table)
    others = f"all rows note {listed(words)}" if words else f"all structures have '{ELEMENT}'"
    fix = f"split by what all rows note ({others}), or note it in the `meta` of each"
    raise DataError(Problem("D042", message, "split.by", fix))


def shared_words(table: Table) -> list[str]:
    """The words that all rows note in their `meta`, with a value each."""
    counts: Counter[str] = Counter()
    for meta in table.values("meta"):
        counts.update(word for word, value in meta.items() if isinstance(value, WORDLIKE))
    return sorted(word for word, count in counts.items() if count == len(table))


def joined(groups: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    """The unit of every group: groups that share a value, directly or through others, are in one.

    Args:
        groups: of every row.
        values: of every row.

    Returns:
        A unit a group, called by the first of its values; with how many more there are.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    group_names, group_of = np.unique(np.array(groups, dtype=object), return_inverse=True)
    value_names, value_of = np.unique(np.array(values, dtype=object), return_inverse=True)
    count = len(group_names) + len(value_names)
    edges = (np.ones(len(group_of)), (group_of, len(group_names) + value_of))
    _, component = connected_components(coo_array(edges, shape=(count, count)), directed=False)
    members: dict[int, list[str]] = defaultdict(list)
    for value, number in zip(value_names, component[len(group_names) :].tolist(), strict=True):
        members[number].append(value)
    names = {number: _name(inside) for number, inside in members.items()}
    of_groups = component[: len(group_names)].tolist()
    return {group: names[number] for group, number in zip(group_names, of_groups, strict=True)}


def _name(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"{values[0]} (+{len(values) - 1})"


def deal_units(
    units: Sequence[str], strata: Sequence[str | None], split: Split, seed: int
) -> dict[str, str]:
    """Deal units out so that none is parted, and every stratum is in every part where that is possible.

    A unit may hold several strata, as an element crystallises in several lattices: the strata are
    taken by turns, the rarest first, and fill each part with units that are not dealt yet. With one
    stratum a unit this does what `structkit.evaluation.splits.deal` does.

    Source: Sechidis, Tsoumakas and Vlahavas, ECML PKDD 2011, LNCS 6913, 145.

    Args:
        units: of every row.
        strata: a word a row; None for rows that are not dealt.
        split: the fractions.
        seed: of the pipeline.

    Raises:
        DataError: D040, no stratum has two units.
    """
    members: dict[str, set[str]] = defaultdict(set)
    for unit, stratum in zip(units, strata, strict=True):
        if stratum is not None:
            members[stratum].add(unit)
    parts: dict[str, str] = {}
    for stratum in sorted(members, key=lambda name: (len(members[name]), name)):
        _deal_stratum(members[stratum], split.fractions(), seed, parts)
    if "test" not in parts.values() or "train" not in parts.values():
        raise untestable({name: len(inside) for name, inside in members.items()}, str(split.by))
    return parts


def _deal_stratum(
    members: set[str], fractions: Mapping[str, float], seed: int, parts: dict[str, str]
) -> None:
    """Fill every part with units of one stratum that are not dealt yet; one at least is learnt from."""
    waiting = sorted(members - parts.keys(), key=lambda unit: digest([seed, unit]))
    dealt = Counter(parts[unit] for unit in members & parts.keys())
    wanted = _wanted(len(members), fractions)
    learnt = 0 if dealt["train"] else 1
    for part in ORDER:
        count = min(wanted[part] - dealt[part], len(waiting) - learnt)
        for _ in range(max(count, 0)):
            parts[waiting.pop(0)] = part
    parts.update(dict.fromkeys(waiting, "train"))


def _wanted(count: int, fractions: Mapping[str, float]) -> Counter[str]:
    """How many of a stratum's units each part should have: one at least, as long as there are enough."""
    wanted: Counter[str] = Counter()
    for part in ORDER:
        left = count - wanted.total() - 1
        if part in fractions and left > 0:
            wanted[part] = min(max(1, round(fractions[part] * count)), left)
    return wanted
