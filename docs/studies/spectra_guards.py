"""The study's guards: what they make of the measured films, calibrated on simulated patterns or on measured ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spectra_films import Films, folds

from structkit import Evidence, RunContext, Table
from structkit.evaluation.intervals import share_interval
from structkit.evaluation.verdict import AMBIGUOUS, CLASS, NONE, verdict
from structkit.library import train
from structkit.randomness import generator
from structkit_guards import Verdict
from structkit_powder_spectra import SpectrumCnn

COVERAGE, ALARMS = (
    0.9,
    0.1,
)  # promised of the sets; of what is like the calibration, refused as unlike
HELD_OUT = 0.35  # of the crystals of each class, for the guard
PARTS = (1.0, 0.75, 0.5, 0.25)
Judged = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Guarded:
    """What a network that has seen simulated patterns alone says of the films, and what guards make of it.

    Args:
        name: of the network, and of what the guards were calibrated on.
        films: the rows.
        predicted: probabilities (films, classes).
        classes: of the network.
        judged: arrays of the guards.
    """

    name: str
    films: Table
    predicted: NDArray[Any]
    classes: tuple[str, ...]
    judged: Judged


def guarded(films: Films) -> list[Guarded]:
    """Guards of two sorts."""
    return [_by_simulated(films), _by_measured(films)]


def _by_simulated(films: Films) -> Guarded:
    """A network that learns some of the crystals, calibrated on the others."""
    kept = _held_out(films.library)
    learnt, others = (films.library.select(np.flatnonzero(kept == part)) for part in (False, True))
    model = SpectrumCnn(epochs=8, batch_size=32, learning_rate=0.001, pool=4)
    train(model, learnt, seed=0, tell=print)
    guard = _fitted(model, _evidence(model, learnt), _evidence(model, others))
    rows = _evidence(model, films.table)
    name = "two thirds of the crystals; on simulated patterns of the others"
    probabilities = rows.predicted["probabilities"]
    return Guarded(name, films.table, probabilities, model.classes, guard.judge(model, rows))


def _by_measured(films: Films) -> Guarded:
    """The networks of all crystals, calibrated, fold by fold, on films of other families."""
    model, count = films.model, len(films.table)
    rows = replace(_evidence(model, films.table), predicted={"probabilities": films.network})
    learnt = _evidence(model, films.library)
    judged: dict[str, NDArray[Any]] = {}
    for test in next(iter(folds(films.table, "grouped"))):
        guard = _fitted(model, learnt, rows.select(np.setdiff1d(np.arange(count), test)))
        for name, values in guard.judge(model, rows.select(np.array(test))).items():
            judged.setdefault(name, np.zeros((count, *values.shape[1:]), values.dtype))
            judged[name][test] = values
    name = "all crystals; on films of other families"
    return Guarded(name, films.table, films.network, films.classes, judged)


def _held_out(library: Table) -> NDArray[np.bool_]:
    """Which simulated rows are of crystals that the network does not see: a part of those of each class."""
    labels = dict(zip(library.groups, library.labels, strict=True))
    chosen: set[str] = set()
    for label in sorted(set(labels.values())):
        groups = sorted(group for group, own in labels.items() if own == label)
        order = generator(0, "held out", label).permutation(len(groups))
        count = round(HELD_OUT * len(groups))
        chosen |= {groups[place] for place in order[:count].tolist()}
    return np.array([group in chosen for group in library.groups])


def _evidence(model: SpectrumCnn, table: Table) -> Evidence:
    truth = np.array([model.classes.index(label) for label in table.labels])
    return Evidence(table, {"probabilities": model.predict(table)}, truth, model.classes)


def _fitted(model: SpectrumCnn, learnt: Evidence, calibration: Evidence) -> Verdict:
    guard = Verdict(coverage=COVERAGE, false_alarms=ALARMS)
    guard.fit(model, learnt, calibration, RunContext(0, generator(0, "guard"), Path()))
    return guard


def verdicts(cases: Sequence[Guarded]) -> Iterator[str]:
    """What the guards refuse, and how right the rest is."""
    yield (
        "| network; its guards calibrated | right of all | one class told | of these right | ambiguous | "
        "none of these | sets that hold the truth (promised 90) | classes in a set |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for case in cases:
        cells = _verdicts_of(case)
        print("guards", cells, flush=True)
        yield f"| {' | '.join(cells)} |"


def _verdicts_of(case: Guarded) -> list[str]:
    rows, groups, sets = range(len(case.films)), case.films.groups, case.judged["set"]
    said = [verdict(case.classes, case.predicted, case.judged, row) for row in rows]
    told = [row for row in rows if said[row].sort == CLASS]
    right = [float(said[row].classes[0] == case.films.labels[row]) for row in told]
    held = sets[rows, _truth(case)].astype(float)
    return [
        case.name,
        _share(_right(case), groups),
        str(len(told)),
        _share(np.array(right), [groups[row] for row in told]),
        str(sum(one.sort == AMBIGUOUS for one in said)),
        str(sum(one.sort == NONE for one in said)),
        _share(held, groups),
        f"{sets.sum(axis=1).mean():.1f}",
    ]


def _truth(case: Guarded) -> NDArray[np.int64]:
    return np.array([case.classes.index(label) for label in case.films.labels])


def _right(case: Guarded) -> NDArray[np.float64]:
    return np.asarray(case.predicted.argmax(axis=1) == _truth(case), float)


def _share(right: NDArray[Any], groups: Sequence[str]) -> str:
    if len(right) == 0:
        return "–"
    interval = share_interval(right, groups)
    ends = "" if interval is None else f" [{100 * interval[0]:.0f}, {100 * interval[1]:.0f}]"
    return f"{100 * right.mean():.1f}{ends}"


def refusing(cases: Sequence[Guarded]) -> Iterator[str]:
    """Accuracy against coverage, by what each guard says."""
    yield (
        "| network; calibrated | answered first | "
        + " | ".join(f"{part:.0%}" for part in PARTS)
        + " |"
    )
    yield "|---" * (2 + len(PARTS)) + "|"
    for case in cases:
        orders = {
            "the largest probability (no guard)": case.predicted.max(axis=1),
            "the largest calibrated probability": case.judged["calibrated"].max(axis=1),
            "what is least novel": -case.judged["distance"],
            "the smallest sets": _small_sets(case.judged),
        }
        for name, sure in orders.items():
            cells = _refused(case, sure)
            print("guards", case.name, name, cells, flush=True)
            yield f"| {case.name} | {name} | {' | '.join(cells)} |"


def _refused(case: Guarded, sure: NDArray[Any]) -> list[str]:
    """How right the surest films of each part are."""
    order, right, cells = np.argsort(-sure, kind="stable"), _right(case), []
    for part in PARTS:
        rows = order[: round(part * len(order))]
        cells.append(_share(right[rows], [case.films.groups[row] for row in rows.tolist()]))
    return cells


def _small_sets(judged: Judged) -> NDArray[Any]:
    """Sets of one class first, then larger ones, then empty ones; of equal size the surer first."""
    size = judged["set"].sum(axis=1)
    order: NDArray[Any] = np.where(size == 0, -99.0, -size) + judged["calibrated"].max(axis=1)
    return order
