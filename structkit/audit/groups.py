"""What groups there are, how large they are, and which parts of the split they come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from structkit.audit.findings import NAMED, Finding, several
from structkit.audit.gathering import Rows
from structkit.evaluation.splits import untested
from structkit.records import PARTS


def groups(rows: Rows) -> Iterator[Finding]:
    """The groups of a model's rows, or the units that the split makes of them; whether they can be dealt out."""
    names = rows.features.groups
    sizes = np.array(list(Counter(names).values()))
    coarser = len(set(rows.groups)) if list(rows.groups) != list(names) else None
    noun = "group" if coarser is None else "unit"
    text = f"{several(len(names), 'row')} in {several(len(sizes), noun)} of {_range(sizes)}"
    if coarser is not None:
        text += f", made of {several(coarser, 'group')}"
    facts: dict[str, Any] = {"rows": len(names), "groups": len(sizes), "largest": int(sizes.max())}
    if rows.undealt:
        yield Finding("groups", f"{text}; {rows.undealt}", True, facts, rows.step.id)
        return
    counts = Counter(rows.parts.values())
    told = ", ".join(f"{counts[part]} {part}" for part in PARTS if counts[part])
    facts |= {"parts": dict(counts)}
    yield Finding("groups", f"{text}: {told}", False, facts, rows.step.id)
    missing = untested(rows.features, rows.truth.strata, rows.parts)
    if missing:
        named = ", ".join(missing[:NAMED])
        text = f"never tested, for want of {noun}s: {named}"
        yield Finding("groups", text, True, {"untested": missing}, rows.step.id)
    if len(sizes) == len(names) and len(names) > 1:
        text = "every row is a group of its own: nothing says which rows belong together"
        yield Finding("groups", text, False, {}, rows.step.id)


def _range(sizes: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> str:
    """How many rows groups have."""
    low, high = int(sizes.min()), int(sizes.max())
    return several(low, "row") if low == high else f"{low:,} to {high:,} rows"
