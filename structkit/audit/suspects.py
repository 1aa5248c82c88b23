"""Labels that are doubted by models that did not see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.audit.findings import NAMED, Finding, several
from structkit.audit.gathering import Rows
from structkit.audit.learning import balanced, folds, left_out
from structkit.data.table import Table
from structkit.evaluation.copies import projected

Floats = NDArray[np.float64]
DOUBTED = 0.1  # a label whose probability is lower is doubted, where another class is as sure as its own rows are
WIDE = 512  # numbers a row, of which no more are looked at as they are
QUANTILES = np.linspace(0, 1, 9)  # of arrays whose length differs from row to row
USEFUL = 0.5  # of the way from chance to certainty: a worse baseline doubts everything
TREES = 200


def suspects(rows: Rows) -> Iterator[Finding]:
    """Rows whose label is improbable to a baseline that has seen no row of their group.

    A row is named when its label has less than a tenth, and another class at least as much as that
    class's own rows have on the average.

    Source: Northcutt, Jiang and Chuang, J. Artif. Intell. Res. 70, 1373 (2021).
    """
    known = np.flatnonzero(rows.truth.known)
    if len(rows.classes) < 2 or len(set(np.array(rows.features.groups)[known])) < 2:
        return
    labels = np.array([str(rows.labels[row]) for row in known])
    names, codes = np.unique(labels, return_inverse=True)
    classes = [str(name) for name in names]
    groups = np.unique(np.array(rows.features.groups, dtype=object)[known], return_inverse=True)[1]
    probabilities = _probabilities(numbers_of(rows.features)[known], codes, groups)
    score, chance = float(balanced(probabilities, codes).sum()), 1 / len(classes)
    base = f"a baseline on features has a balanced accuracy of {score:.3f} on groups left out"
    facts: dict[str, Any] = {"baseline": score, "chance": chance}
    if score < chance + USEFUL * (1 - chance):
        text = f"{base}: too little to doubt a label by"
        yield Finding("labels", text, False, facts, rows.step.id)
        return
    doubted = doubtful(probabilities, codes)
    named = [_named(rows.features, known[row], classes, probabilities[row]) for row in doubted]
    text = f"{base}; it doubts {several(len(doubted), 'label')}"
    if named:
        words = [
            f"{row} is '{label}', more likely {other} ({p:.2f})" for row, label, other, p in named
        ]
        text += f": {'; '.join(words[:NAMED])}{'; …' if len(words) > NAMED else ''}"
    facts |= {"doubted": len(doubted), "named": named[:100]}
    yield Finding("labels", text, bool(named), facts, rows.step.id)


def _probabilities(features: Floats, codes: NDArray[np.int64], groups: NDArray[np.int64]) -> Floats:
    from sklearn.ensemble import ExtraTreesClassifier

    model = ExtraTreesClassifier(
        TREES, min_samples_leaf=2, class_weight="balanced", random_state=0, n_jobs=1
    )
    return left_out(model, features, codes, folds(codes, groups, 0))


def doubtful(probabilities: Floats, codes: NDArray[np.int64]) -> list[int]:
    """Rows whose label is doubted, the least probable first.

    Args:
        probabilities: by models that did not see the row's group, (rows, classes).
        codes: the class that each row is said to be.
    """
    own = probabilities[np.arange(len(codes)), codes]
    count = probabilities.shape[1]
    usual = np.array(
        [own[codes == code].mean() if (codes == code).any() else 2.0 for code in range(count)]
    )
    likely = probabilities.argmax(axis=1)
    sure = probabilities.max(axis=1) >= usual[likely]
    rows = np.flatnonzero((own < DOUBTED) & sure & (likely != codes))
    return [int(row) for row in rows[np.argsort(own[rows], kind="stable")]]


def _named(
    table: Table, row: int, classes: Sequence[str], p: Floats
) -> tuple[str, str, str, float]:
    """Which row it is, what it is said to be, and what it is more likely."""
    known = table[int(row)]
    likely = int(p.argmax())
    return (
        f"{known.id} of {known.origin}",
        str(known.label),
        str(classes[likely]),
        round(float(p[likely]), 4),
    )


def numbers_of(table: Table) -> Floats:
    """Features as a matrix (rows, numbers).

    Arrays of a fixed shape are taken as they are, or projected where they are wide; of others,
    quantiles are.
    """
    fixed = [name for name in table.arrays if not _ragged(table, name)]
    width = sum(int(np.prod(table.item(name, 0).shape)) for name in fixed)
    blocks = []
    if fixed and width <= WIDE:
        blocks = [table.stack(name).reshape(len(table), -1).astype(np.float64) for name in fixed]
    elif fixed:
        blocks = [projected(table, fixed)]
    ragged = [name for name in table.arrays if _ragged(table, name)]
    for name in ragged:
        if table.item(name, 0).dtype.kind in "fiub":
            blocks.append(
                np.array([_quantiles(table.item(name, row)) for row in range(len(table))])
            )
    features = np.concatenate(blocks, axis=1) if blocks else np.zeros((len(table), 1))
    return np.nan_to_num(features)


def _quantiles(array: NDArray[np.float64]) -> Floats:
    """Of each column of a row's array, one after the other."""
    columns = np.asarray(array, dtype=np.float64).reshape(len(array), -1)
    if len(columns) == 0:
        return np.zeros(len(QUANTILES) * columns.shape[1])
    quantiles: Floats = np.quantile(columns, QUANTILES, axis=0).ravel()
    return quantiles


def _ragged(table: Table, name: str) -> bool:
    return any(part.columns[name].ragged for part in table.parts)
