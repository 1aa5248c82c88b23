"""Whether guards keep what they promise: coverage, calibration, refusals, and the error of what is answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit.data.columns import Array
from structkit.evaluation.classification import CALIBRATION_BINS, calibration_error
from structkit.evaluation.intervals import share_interval, size_interval
from structkit.evaluation.verdict import (
    CALIBRATED,
    DISTANCE,
    INTERVAL,
    NOVEL,
    NOVELTY,
    SET,
    Verdict,
)
from structkit.evaluation.wholes import HALF, Wholes
from structkit.evidence import Evidence

Bools = NDArray[np.bool_]
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)  # of the risk-coverage curve


def trust_scores(
    rows: Evidence,
    judged: Mapping[str, Array],
    verdicts: Sequence[Verdict],
    typical: Typical,
    elsewhere: bool = False,
    wholes: Sequence[str] = (),
) -> dict[str, Any]:
    """Scores of the judgements of some rows.

    Args:
        rows: with what the model says and what is known of them.
        judged: what the guard gave.
        verdicts: one a row.
        typical: unlikeness of rows of known classes where the guard learnt, which novel ones are
            held against.
        elsewhere: whether the guard learnt nothing of where these rows are from.
        wholes: of rows that are parts, such as atoms, what each is part of.
    """
    labels = rows.features.values("label")
    found: dict[str, Any] = {
        "n": len(rows),
        "groups": len(set(rows.features.groups)),
        "verdicts": _verdicts(verdicts, labels, rows.known),
    }
    known = np.flatnonzero(rows.known)
    inside, kept = rows.select(known), {name: value[known] for name, value in judged.items()}
    if len(known) and SET in judged:
        found["set"] = _sets(inside, kept[SET])
    if len(known) and INTERVAL in judged:
        found["interval"] = _intervals(inside, kept[INTERVAL])
    if len(known) and rows.classes:
        found["reliability"] = _reliability(inside, kept)
        found["risk"] = _risk(inside, kept)
    if NOVEL in judged:
        found["novelty"] = _novelty(rows, judged, labels, typical.parts)
        if elsewhere:
            found["novelty"]["auroc"] = _area(typical.parts, unlikeness(kept))
        if wholes:
            of_known = [wholes[row] for row in known.tolist()]
            found["wholes"] = _wholes(inside, kept, of_known, typical.wholes, elsewhere)
    return found


@dataclass(frozen=True)
class Typical:
    """How unlike rows of known classes are where a guard learnt, which strange ones are held against.

    Args:
        parts: unlikeness of the rows.
        wholes: of rows that are parts, the median in each structure, or image.
    """

    parts: Array
    wholes: Array

    @classmethod
    def of(cls, judged: Mapping[str, Array], wholes: Sequence[str]) -> Typical:
        """Of rows that were judged; `wholes` is what each is part of."""
        each = unlikeness(judged)
        return cls(each, Wholes.of(wholes).median(each) if wholes else np.zeros(0))

    @classmethod
    def joined(cls, several: Sequence[Typical]) -> Typical:
        """Of several origins."""
        if not several:
            return cls(np.zeros(0), np.zeros(0))
        parts, wholes = [one.parts for one in several], [one.wholes for one in several]
        return cls(np.concatenate(parts), np.concatenate(wholes))


def share(values: Bools, groups: Sequence[str]) -> dict[str, Any]:
    """A share of rows with its interval over groups."""
    return {
        "value": float(values.mean()),
        "interval": share_interval(values.astype(np.float64), groups),
        "n": len(values),
    }


def _verdicts(
    verdicts: Sequence[Verdict], labels: Sequence[str | None], known: Bools
) -> dict[str, Any]:
    """How many verdicts there are of each sort; of rows whose label is a class of the model, how many are right."""
    sorts: dict[str, Counter[str]] = {"known": Counter(), "right": Counter(), "unknown": Counter()}
    for verdict, label, is_known in zip(verdicts, labels, known, strict=True):
        if not is_known:
            sorts["unknown"][verdict.sort] += 1
            continue
        sorts["known"][verdict.sort] += 1
        sorts["right"][verdict.sort] += label in verdict.classes
    return {name: dict(sorted(counts.items())) for name, counts in sorts.items()}


def _sets(rows: Evidence, sets: Bools) -> dict[str, Any]:
    """How often sets hold the truth: on the whole, by class and by group; and how large they are."""
    holds = sets[np.arange(len(rows)), rows.truth]
    sizes = sets.sum(axis=1)
    groups = np.asarray(rows.features.groups)
    of_groups = [float(holds[groups == group].mean()) for group in sorted(set(groups.tolist()))]
    return {
        "coverage": share(holds, groups.tolist()),
        "by_group": {"mean": float(np.mean(of_groups)), "lowest": min(of_groups)},
        "size": float(sizes.mean()),
        "sizes": {str(size): int((sizes == size).sum()) for size in np.unique(sizes).tolist()},
        "per_class": {
            name: share(holds[rows.truth == place], groups[rows.truth == place].tolist())
            for place, name in enumerate(rows.classes)
            if (rows.truth == place).any()
        },
    }


def _intervals(rows: Evidence, ends: Array) -> dict[str, Any]:
    """How often intervals hold the truth, and how wide they are."""
    holds = (ends[:, 0] <= rows.truth) & (rows.truth <= ends[:, 1])
    width, groups = ends[:, 1] - ends[:, 0], rows.features.groups
    return {
        "coverage": share(holds, groups),
        "width": {"value": float(width.mean()), "interval": size_interval(width, groups)},
    }


def _reliability(rows: Evidence, judged: Mapping[str, Array]) -> dict[str, Any]:
    """Calibration error and reliability diagram of the model's probabilities, and of calibrated ones."""
    sorts = {"model": rows.predicted["probabilities"]}
    if CALIBRATED in judged:
        sorts[CALIBRATED] = judged[CALIBRATED]
    return {
        name: {"error": calibration_error(rows.truth, p), "bins": _bins(rows.truth, p)}
        for name, p in sorts.items()
    }


def _bins(truth: Array, probabilities: Array) -> list[dict[str, float]]:
    """For bins of equal width: mean confidence, share that is right, rows; empty bins are left out."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    place = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    return [
        {
            "confidence": float(confidence[place == number].mean()),
            "right": float(right[place == number].mean()),
            "n": int((place == number).sum()),
        }
        for number in np.unique(place).tolist()
    ]


def _risk(rows: Evidence, judged: Mapping[str, Array]) -> dict[str, Any]:
    """The error among the shares of rows that the model is surest of; novel rows are the least sure."""
    p = judged.get(CALIBRATED, rows.predicted["probabilities"])
    sure = p.max(axis=1) - judged.get(NOVEL, 0)
    order = np.argsort(-sure, kind="stable")
    wrong = (rows.predicted["probabilities"].argmax(axis=1) != rows.truth)[order]
    counts = [max(1, round(part * len(wrong))) for part in SHARES]
    return {"shares": list(SHARES), "errors": [float(wrong[:count].mean()) for count in counts]}


def _novelty(
    rows: Evidence, judged: Mapping[str, Array], labels: Sequence[str | None], typical: Array
) -> dict[str, Any]:
    """False alarms among rows of known classes; of each label that the model does not know, what is noticed."""
    groups = np.asarray(rows.features.groups)
    known = rows.known
    found: dict[str, Any] = {"unknown": {}}
    if known.any():
        found["false_alarms"] = share(judged[NOVEL][known], groups[known].tolist())
    names = np.array([label or "" for label in labels])
    for name in sorted({label for label in names[~known].tolist() if label}):
        of_it = np.flatnonzero((names == name) & ~known)
        found["unknown"][name] = {
            "noticed": share(judged[NOVEL][of_it], groups[of_it].tolist()),
            "auroc": _area(typical, unlikeness(judged)[of_it]),
        }
    return found


def _wholes(
    rows: Evidence,
    judged: Mapping[str, Array],
    wholes: Sequence[str],
    typical: Array,
    elsewhere: bool,
) -> dict[str, Any]:
    """How many structures, or images, are refused: most of their parts of known classes are."""
    each = Wholes.of(wholes)
    first = [rows.features.groups[place] for place in each.first.tolist()]
    refused = each.median(judged[NOVEL].astype(np.float64)) > HALF
    found: dict[str, Any] = {"refused": share(refused, first)} if len(first) else {}
    if elsewhere:
        found["auroc"] = _area(typical, each.median(unlikeness(judged)))
    return found


def unlikeness(judged: Mapping[str, Array]) -> Array:
    """Larger for rows more unlike what was learnt from, (rows): the distance where there is one."""
    if DISTANCE in judged:
        return judged[DISTANCE]
    return 1.0 - judged[NOVELTY] if NOVELTY in judged else judged[NOVEL].astype(np.float64)


def _area(typical: Array, novel: Array) -> float | None:
    """Area under the receiver operating characteristic of novel rows against typical ones."""
    if not (len(typical) and len(novel)):
        return None
    from sklearn.metrics import roc_auc_score

    truth = np.concatenate([np.zeros(len(typical)), np.ones(len(novel))])
    return float(roc_auc_score(truth, np.concatenate([typical, novel])))
