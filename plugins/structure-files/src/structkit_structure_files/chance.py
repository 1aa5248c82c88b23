"""Labels by chance: a check that ships with the source. A pipeline that predicts them has a leak."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

LABELS = ("heads", "tails")


def by_chance(groups: Sequence[str], copies: Sequence[str]) -> list[str]:
    """One of two labels for each group, which says nothing of its structures; as many groups of one as of the other.

    Copies have one label wherever a split puts them: groups that part them are found out.

    Args:
        groups: of every row, as a split has them.
        copies: of every row, a word that structures share which are alike.
    """
    groups = min(groups, copies, key=lambda words: len(set(words)))
    dealt = sorted(set(groups), key=lambda group: sha256(group.encode()).digest())
    label = {group: LABELS[place % len(LABELS)] for place, group in enumerate(dealt)}
    return [label[group] for group in groups]
