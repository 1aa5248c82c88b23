"""One split of the rows, a model and its guard: what is promised, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from structkit import Evidence, RunContext, Table, train
from structkit.evaluation.classification import calibration_error
from structkit.evaluation.splits import deal
from structkit.evidence import places_of
from structkit.pipeline.spec import Split
from structkit_baselines import LogisticClassifier, NearestNeighbours
from structkit_guards import Verdict

Bools = NDArray[np.bool_]
SPLIT = Split(valid=0.05, calibration=0.3, test=0.3)
COVERAGE = 0.9
MODELS: dict[str, Callable[[], Any]] = {
    "linear": lambda: LogisticClassifier(strength=1e4),
    "1-NN": lambda: NearestNeighbours(neighbours=1),
}


@dataclass(frozen=True)
class Rows:
    """Rows of a table with the unit that a split does not part."""

    table: Table
    units: Sequence[str]

    def select(self, chosen: Bools) -> Rows:
        """Some of them."""
        places = np.flatnonzero(chosen)
        return Rows(self.table.select(places), [self.units[place] for place in places.tolist()])


@dataclass(frozen=True)
class Fitted:
    """A model, its guard, and the rows that they were tested on."""

    model: Any
    guard: Any
    test: Evidence
    judged: Mapping[str, Any]


def fitted(rows: Rows, seed: int, model: str) -> Fitted:
    """Deal the units out, train, calibrate, and judge the test part.

    Args:
        rows: of known classes.
        seed: of the dealing.
        model: its name in `MODELS`.

    Raises:
        DataError: too few units.
    """
    parts = deal(rows.units, rows.table.labels, SPLIT, seed)
    part = np.array([parts[unit] for unit in rows.units])
    learnt, calibration, test = (
        rows.select(part == name) for name in ("train", "calibration", "test")
    )
    made = MODELS[model]()
    train(made, learnt.table, seed=seed)
    with TemporaryDirectory() as scratch:
        context = RunContext(seed, np.random.default_rng(seed), Path(scratch))
        guard = Verdict(coverage=COVERAGE, false_alarms=0.05)
        guard.fit(made, evidence(made, learnt), evidence(made, calibration), context)
    tested = evidence(made, test)
    return Fitted(made, guard, tested, guard.judge(made, tested))


def evidence(model: Any, rows: Rows) -> Evidence:
    """Rows with what a model says of them; the unit of the split is their group."""
    grouped = Table.of(
        [_with_group(row, unit) for row, unit in zip(rows.table.rows, rows.units, strict=True)],
        vector=rows.table.stack("vector"),
    )
    classes = tuple(model.classes)
    p = np.asarray(model.predict(rows.table), dtype=np.float64)
    return Evidence(
        grouped, {"probabilities": p}, places_of(grouped.values("label"), classes), classes
    )


def _with_group(row: Any, unit: str) -> Any:
    return replace(row, group=unit)


def kept(done: Fitted, chosen: Bools | None = None) -> dict[str, float]:
    """What the test rows, or some of them, show of the promises."""
    rows = np.arange(len(done.test)) if chosen is None else np.flatnonzero(chosen)
    test = done.test.select(rows)
    judged = {name: values[rows] for name, values in done.judged.items()}
    p, calibrated, at = test.predicted["probabilities"], judged["calibrated"], np.arange(len(rows))
    wrong = p.argmax(axis=1) != test.truth
    sure = np.argsort(judged["novel"] - calibrated.max(axis=1), kind="stable")
    holds = judged["set"][at, test.truth]
    return {
        "rows": float(len(rows)),
        "units": float(len(set(test.features.groups))),
        "error": float(wrong.mean()),
        "error of the surer half": float(wrong[sure[: len(sure) // 2]].mean()),
        "coverage": float(holds.mean()),
        "coverage of units": mean_of_units(holds, test.features.groups),
        "set size": float(judged["set"].sum(axis=1).mean()),
        "calibration error": calibration_error(test.truth, p),
        "calibrated": calibration_error(test.truth, calibrated),
        "false alarms": float(judged["novel"].mean()),
    }


def mean_of_units(values: NDArray[Any], units: Sequence[str]) -> float:
    """The mean over units of the mean of each."""
    _, place = np.unique(np.asarray(units), return_inverse=True)
    return float((np.bincount(place, values) / np.bincount(place)).mean())


def noticed(done: Fitted, strange: Rows) -> dict[str, float]:
    """What the guard makes of rows of classes that the model does not know."""
    from sklearn.metrics import roc_auc_score

    rows = evidence(done.model, strange)
    judged = done.guard.judge(done.model, rows)
    p = rows.predicted["probabilities"]
    truth = np.concatenate([np.zeros(len(done.test)), np.ones(len(rows))])
    softmax = 1 - np.concatenate([done.test.predicted["probabilities"].max(axis=1), p.max(axis=1)])
    distance = np.concatenate([done.judged["distance"], judged["distance"]])
    return {
        "rows": float(len(rows)),
        "noticed": float(judged["novel"].mean()),
        "auroc": float(roc_auc_score(truth, distance)),
        "softmax auroc": float(roc_auc_score(truth, softmax)),
        "called a class": float((~judged["novel"] & (judged["set"].sum(axis=1) == 1)).mean()),
    }


def summary(several: Sequence[Mapping[str, float]]) -> dict[str, tuple[float, float, float]]:
    """Mean, 5th and 95th percentile of each number over splits."""
    return {
        name: _spread([one[name] for one in several]) for name in (several[0] if several else ())
    }


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    low, high = np.percentile(values, [5, 95])
    return float(np.mean(values)), float(low), float(high)


def by_label(rows: Rows) -> Iterator[tuple[str, Rows]]:
    """The rows of each label."""
    labels = np.array(rows.table.labels)
    for name in sorted(set(labels.tolist())):
        yield name, rows.select(labels == name)
