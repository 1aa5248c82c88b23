"""What a label says of a mixture: its phases, and where it was weighed how much there is of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from structkit import DataError, Problem
from structkit_powder_spectra.waves import Floats

TERM = re.compile(r"(?P<weight>\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>%|mg|g|wt%)?\s+(?P<phase>\S.*)")
FIX = "write weights of all phases, such as 0.6 g ZnO + 0.4 g TiO2, or of none"


def weights_of(label: str, where: str) -> dict[str, float | None]:
    """Weight fractions of the phases that a label names, such as `0.6 g ZnO + 0.4 g TiO2` or `ZnO + TiO2`.

    Args:
        label: phases joined by +, each with its weight or all without; of one phase no weight is needed.
        where: what an error calls the row.

    Returns:
        By phase; None where phases are named without weights.

    Raises:
        DataError: X027, some phases have a weight and others none, weights of several units, no weight
            at all, or a phase that is named twice.
    """
    terms = [term.strip() for term in label.split("+")]
    parsed = [TERM.fullmatch(term) for term in terms]
    weighed = [match for match in parsed if match is not None]
    names = [term if m is None else m["phase"] for term, m in zip(terms, parsed, strict=True)]
    if len(set(names)) < len(names) or "" in names:
        raise _refused(label, "names a phase twice, or none", where)
    if not weighed:
        return {names[0]: 1.0} if len(names) == 1 else dict.fromkeys(names)
    if len(weighed) < len(names) or len({match["unit"] for match in weighed}) > 1:
        raise _refused(label, "gives weights to some phases only, or in several units", where)
    weights = np.array([float(match["weight"]) for match in weighed])
    if weights.sum() <= 0:
        raise _refused(label, "weighs nothing", where)
    return dict(zip(names, (weights / weights.sum()).tolist(), strict=True))


def label_of(weights: Mapping[str, float]) -> str:
    """The label of a mixture whose weight fractions are known."""
    return " + ".join(f"{100 * share:.4g} % {name}" for name, share in weights.items())


def shares_of(weights: Mapping[str, float | None], phases: Sequence[str]) -> Floats:
    """Weight fractions in the order of some phases, and of all others together: float64 (phases + 1,).

    A phase that is not named has 0, one without a weight NaN.
    """
    known = [
        np.nan if weights.get(name, 0.0) is None else weights.get(name, 0.0) for name in phases
    ]
    others = [share for name, share in weights.items() if name not in phases]
    rest = np.nan if None in others else float(sum(share or 0.0 for share in others))
    return np.array([*known, rest], dtype=float)


def _refused(label: str, what: str, where: str) -> DataError:
    return DataError(Problem("X027", f"label '{label}' {what}", where, FIX))
