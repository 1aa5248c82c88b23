"""How good weight fractions are: their errors, their intervals, and which phases are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.evaluation.intervals import share_interval, size_interval
from structkit.evaluation.target import Headline
from structkit_powder_spectra.waves import Floats

Bools = NDArray[np.bool_]
NOTHING: dict[str, Any] = {"value": None, "interval": None}
UNIT = "% by weight"


def scores_of(arrays: Mapping[str, Floats], groups: Sequence[str]) -> dict[str, Any]:
    """Scores of rows whose phases are known.

    Args:
        arrays: `fractions`, `low`, `high` (rows, phases); `stray_height` (rows,); `weighed` (rows, phases
            + 1), NaN for a phase that is there in an amount that nobody weighed, the last of those
            that have no reference.
        groups: of every row.

    Returns:
        `mae` of the phases that were weighed, as a fraction, beside `trivial_mae` of equal parts of all
        references; `largest` error; `covered`, how many of their intervals hold; `misplaced`, the
        weight that is given to a wrong phase; `present`, how many phases that are there are found;
        `absent`, how many that are found are not there, and the heaviest of these; `something_else`: of
        rows with a phase that has no reference, and of all others, of how many it is said. `value` and
        `interval` over groups.
    """
    known, rest = arrays["weighed"][:, :-1], arrays["weighed"][:, -1]
    there = np.isnan(known) | (known > 0)
    weighed: Bools = np.asarray(np.isfinite(arrays["weighed"]).all(axis=1))
    named = arrays["fractions"] > 0
    wrong = np.where(~there & named, arrays["fractions"], 0.0)
    told, unlisted = arrays["stray_height"] > 0, np.isnan(rest) | (rest > 0)
    return {
        "n": len(known),
        "groups": len(set(groups)),
        **_errors(arrays, weighed[:, None] & there, groups),
        "misplaced": _misplaced(arrays, weighed, groups),
        "present": _shares(named, there, groups),
        "absent": {"count": int((wrong > 0).sum()), "heaviest": float(wrong.max(initial=0.0))},
        "something_else": {
            "missing_reference": _count(told, unlisted),
            "complete": _count(told, ~unlisted),
        },
    }


def _errors(arrays: Mapping[str, Floats], chosen: Bools, groups: Sequence[str]) -> dict[str, Any]:
    """Errors and intervals of the phases that were weighed."""
    if not chosen.any():
        return {"mae": NOTHING, "trivial_mae": None, "largest": None, "covered": NOTHING}
    known = arrays["weighed"][:, :-1]
    error = np.abs(arrays["fractions"] - known)
    held = (arrays["low"] <= known) & (known <= arrays["high"])
    where = _groups(chosen, groups)
    trivial = np.abs(1 / known.shape[1] - known[chosen])
    return {
        "mae": {
            "value": float(error[chosen].mean()),
            "interval": size_interval(error[chosen], where),
        },
        "trivial_mae": float(trivial.mean()),
        "largest": float(error[chosen].max()),
        "covered": _shares(held, chosen, groups),
    }


def _misplaced(arrays: Mapping[str, Floats], rows: Bools, groups: Sequence[str]) -> dict[str, Any]:
    """Half the sum of all errors of a row, phases without a reference among them."""
    if not rows.any():
        return NOTHING
    fractions = np.column_stack([arrays["fractions"], np.zeros(len(rows))])[rows]
    away = np.abs(fractions - arrays["weighed"][rows]).sum(axis=1) / 2
    where = [group for group, chosen in zip(groups, rows.tolist(), strict=True) if chosen]
    return {"value": float(away.mean()), "interval": size_interval(away, where)}


def _shares(right: Bools, chosen: Bools, groups: Sequence[str]) -> dict[str, Any]:
    """How many of the chosen phases are right, over groups."""
    if not chosen.any():
        return NOTHING
    values = right[chosen].astype(float)
    interval = share_interval(values, _groups(chosen, groups))
    return {"value": float(values.mean()), "interval": interval, "n": len(values)}


def _groups(chosen: Bools, groups: Sequence[str]) -> list[str]:
    """The group of every chosen phase of every row."""
    return [groups[row] for row in np.nonzero(chosen)[0].tolist()]


def _count(told: Bools, rows: Bools) -> dict[str, int]:
    return {"told": int((told & rows).sum()), "n": int(rows.sum())}


def headlines_of(scores: Mapping[str, Any]) -> list[Headline]:
    """What of the scores is told."""
    return [
        _percent("mae", "mean absolute error", scores, scores["trivial_mae"]),
        _share("covered", "weights within their 95 % intervals", scores, "within intervals"),
        _share("present", "phases found of those that are there", scores, "phases found"),
        _percent("misplaced", "weight given to wrong phases", scores, None),
    ]


def _percent(name: str, words: str, scores: Mapping[str, Any], trivial: float | None) -> Headline:
    value, interval = scores[name]["value"], scores[name]["interval"]
    return Headline(
        name=name,
        words=words,
        value=None if value is None else 100 * value,
        interval=None if interval is None else [100 * end for end in interval],
        trivial=None if trivial is None else 100 * trivial,
        unit=UNIT,
        baseline="equal parts",
    )


def _share(name: str, words: str, scores: Mapping[str, Any], short: str) -> Headline:
    return Headline(name, words, scores[name]["value"], scores[name]["interval"], short=short)
