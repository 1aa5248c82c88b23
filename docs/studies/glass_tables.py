"""The tables of the glass study, as lines of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import glass_numbers as numbers
import numpy as np
from glass_numbers import (
    BOX,
    LARGE,
    NAMES,
    POOLED,
    SETS,
    SIZES,
    asked,
    auc,
    bagged,
    by_size,
    cell,
    learnt_from,
)
from numpy.typing import NDArray

from structkit.evaluation.intervals import mean_interval
from structkit.run import Run
from structkit.words import headline

MODES = {"t": "thermal", "q": "quenched"}
ON_WINDOWS = {"network": "network", "cnn": "CNN", "linear": "g(r)", "metrics": "metrics"}
ON_BOXES = {
    "network": "network",
    "near": "network, trained on boxes",
    "linear": "g(r)",
    "whole": "g(r), trained on boxes",
    "ruler": "energy",
}
BASELINES = ("linear", "whole", "ruler")
CLOSE = (4, 5, 6)  # sets that one box of 1,000 does not settle
CURVES = (3, 5, 6)
THERMOMETER, GOAL = 0.999, 0.98


def scores(
    run: Run, mode: str, models: dict[str, str], suffix: str, trained: str | None = None
) -> Iterator[str]:
    """A Markdown table: sets against models, each trained on its set or all on the same.

    Args:
        run: the finished run.
        mode: `t` or `q`.
        models: prefixes of the steps, and what the table calls them.
        suffix: of the origins tested on.
        trained: what all models learnt from; None, each its own set.
    """
    rows = {f"{number}: {name}": number for number, name in zip(SETS, NAMES, strict=True)}
    tried = {
        (words, model): (f"{model}_{trained or f'{mode}{number}'}", f"{mode}{number}{suffix}")
        for words, number in rows.items()
        for model in models
    }
    kept = {
        model: words
        for model, words in models.items()
        if any(asked(run, *tried[row, model]) for row in rows)
    }
    yield "| set | " + " | ".join(kept.values()) + " |"
    yield "|---" * (len(kept) + 1) + "|"
    for row in rows:
        cells = [
            cell(auc(run, *tried[row, model])) if asked(run, *tried[row, model]) else ""
            for model in kept
        ]
        if any(cells):
            yield f"| {row} | {' | '.join(cells)} |"


def thermometers(run: Run) -> str:
    """Where a baseline is enough, on thermal frames."""
    solved = [n for n in SETS if auc(run, f"linear_t{n}", f"t{n}")["value"] >= THERMOMETER]
    listed = ", ".join(map(str, solved))
    return f"A pair histogram reaches 1.000 on set {listed}: thermal frames are a thermometer, and no network is needed."


def verdicts(run: Run) -> Iterator[str]:
    """What the tables of quenched frames mean, set by set, in words.

    The network learnt sets 3 to 5 together, or equal energy by itself; of the baselines the better
    of two counts: one taught by the same, or by the set alone.
    """
    for number, name in zip(SETS, NAMES, strict=True):
        found = by_size(
            run, numbers.network(number), {size: numbers.origin(number, size) for size in SIZES}
        )
        bags = bagged(run, numbers.network(number), numbers.origin(number, BOX))
        yield f"* Set {number}, {name}: {_reach(found, bags)}; {_rivals(run, number)}"


def _reach(windows: dict[int, dict[str, Any]], bags: dict[int, dict[str, Any]]) -> str:
    """From how many particles on the network is above the goal."""
    below = max((size for size, found in windows.items() if found["value"] <= GOAL), default=0)
    enough = next((size for size in windows if size > below), None)
    if enough:
        return f"the network is above {GOAL} from {enough} particles on ({cell(windows[enough])})"
    count = next((count for count, found in bags.items() if found["value"] > GOAL), None)
    size = max(windows)
    alone = f"the network is {cell(windows[size])} in one box of {size}"
    return alone + (
        f", above {GOAL} with {count} boxes of {BOX} ({cell(bags[count])})" if count else ""
    )


def _rivals(run: Run, number: int) -> str:
    """The best baseline in boxes of 1,000, and what chance gives."""
    name = numbers.origin(number, BOX)
    rivals = {
        words: max(
            auc(run, f"{model}_{taught}", name)["value"]
            for taught in {learnt_from(number), f"q{number}"}
        )
        for model, words in ON_BOXES.items()
        if model in BASELINES
    }
    best = max(rivals, key=lambda words: rivals[words])
    low, high = numbers.null(run, numbers.network(number), name)
    ours = auc(run, numbers.network(number), name)["value"]
    theirs = f"the best baseline ({best}) {rivals[best]:.3f}"
    return f"in boxes of {BOX} it has {ours:.3f}, {theirs}, chance {low:.2f} to {high:.2f}"


def transfer(run: Run, mode: str) -> Iterator[str]:
    """Trained on the set of the row, tested on that of the column."""
    yield "| trained on | " + " | ".join(f"set {number}" for number in SETS) + " |"
    yield "|---" * 7 + "|"
    trainings = {f"{mode}{number}": f"set {number}" for number in SETS} | {POOLED: "sets 3 to 5"}
    for trained, words in trainings.items():
        if f"network_{trained}" in run.steps and (mode == "q" or trained != POOLED):
            found = [auc(run, f"network_{trained}", f"{mode}{column}")["value"] for column in SETS]
            yield f"| {words} | " + " | ".join(f"{value:.3f}" for value in found) + " |"


def sizes(run: Run) -> Iterator[str]:
    """AUC against the number of particles, as a table."""
    yield "| set, model | " + " | ".join(f"{size}" for size in SIZES) + " |"
    yield "|---" * (len(SIZES) + 1) + "|"
    for words, found, _ in curves(run):
        yield f"| {words} | {' | '.join(cell(found[size]) if size in found else '' for size in SIZES)} |"


def curves(run: Run) -> Iterator[tuple[str, dict[int, dict[str, Any]], dict[int, dict[str, Any]]]]:
    """AUC by the number of particles, in one window or box, and in several boxes of 1,000.

    All was taught in windows of 250, but the network of equal energy for boxes.
    """
    for number in CURVES:
        names = {size: numbers.origin(number, size) for size in SIZES}
        for model in ("network", "linear"):
            taught = f"{model}_{learnt_from(number)}"
            boxes = numbers.network(number) if model == "network" else taught
            alone = by_size(run, taught, names) | by_size(run, boxes, names)
            together = {
                count * BOX: found
                for count, found in bagged(run, boxes, names[BOX]).items()
                if count > 1
            }
            yield f"{number}: {NAMES[number - 1]}, {ON_WINDOWS[model]}", alone, together


def bags(run: Run) -> Iterator[str]:
    """The hard sets by several boxes at once."""
    yield "| set, particles | network | g(r) | g(r), trained on boxes | energy |"
    yield "|---|---|---|---|---|"
    for number in CLOSE:
        taught = learnt_from(number)
        models = [numbers.network(number), *(f"{model}_{taught}" for model in BASELINES)]
        columns = [bagged(run, model, numbers.origin(number, BOX)) for model in models]
        for count in columns[0]:
            cells = " | ".join(cell(column[count]) for column in columns)
            yield f"| {number}: {NAMES[number - 1]}, {count} × {BOX} | {cells} |"


def metrics(run: Run, mode: str) -> Iterator[str]:
    """The three metrics per class in whole boxes, and the difference within a trajectory, with intervals."""
    yield "| set | metric | liquid | glass | liquid − glass within a trajectory |"
    yield "|---|---|---|---|---|"
    table = run.table(f"counts_{mode}")
    for number, name in zip(SETS, NAMES, strict=True):
        rows = [i for i, row in enumerate(table.rows) if row.origin == f"{mode}{number}_box"]
        values = table.stack("vector", rows).astype(float)
        labels = np.array([table.rows[i].label for i in rows])
        groups = np.array([table.rows[i].group for i in rows])
        for column, words in enumerate(("B components", "B–B edges", "A without a B neighbour")):
            parts = [
                _mean(values[labels == label, column], groups[labels == label])
                for label in ("liquid", "glass")
            ]
            gap = _gaps(values[:, column], labels, groups)
            yield f"| {number}: {name} | {words} | {parts[0]} | {parts[1]} | {_mean(gap, np.unique(groups))} |"


def _gaps(values: NDArray[Any], labels: NDArray[Any], groups: NDArray[Any]) -> NDArray[np.float64]:
    """Liquid less glass, one number a trajectory."""
    pick = [[values[(groups == g) & (labels == label)].mean() for label in ("liquid", "glass")] for g in
            np.unique(groups)]  # fmt: skip
    liquid, glass = np.array(pick, dtype=np.float64).T
    gaps: NDArray[np.float64] = liquid - glass
    return gaps


def _mean(values: NDArray[Any], groups: Sequence[str] | NDArray[Any]) -> str:
    interval = mean_interval(np.asarray(values, float), [str(g) for g in groups])
    low, high = interval if interval else (np.nan, np.nan)
    return f"{values.mean():.4f} [{low:.4f}, {high:.4f}]"


def variants(run: Run) -> Iterator[str]:
    """The same network with other attentions."""
    kinds = {"network": "none", "bonds": "over bonds", "dot": "dot products"}
    kinds = {kind: words for kind, words in kinds.items() if f"{kind}_{POOLED}" in run.steps}
    yield "| tested on | " + " | ".join(kinds.values()) + " |"
    yield "|---" * (len(kinds) + 1) + "|"
    for number in (3, 4, 5):
        for size in (250, BOX, LARGE):
            found = [auc(run, f"{kind}_{POOLED}", numbers.origin(number, size)) for kind in kinds]
            yield (
                f"| {NAMES[number - 1]}, {size} particles | " + " | ".join(map(cell, found)) + " |"
            )


def attention(run: Run) -> Iterator[str]:
    """What the tests say of the attention."""
    yield "| trained on, asked about | over random order | over random weights | |"
    yield "|---|---|---|---|"
    for step in run.steps_using("attention-maps"):
        for origin, found in run.faithfulness(step).items():
            for test in found["methods"].values():
                gains = [headline(test[rival]) for rival in ("over_random", "over_random_weights")]
                mode, number = MODES[origin[0]], int(origin[1])
                verdict = "passed" if test["passed"] else "unvalidated"
                trained = (
                    step.removeprefix("attention_")
                    .replace(POOLED, "sets 3 to 5")
                    .replace("q", "set ")
                )
                yield f"| {trained}, {mode} set {number} ({NAMES[number - 1]}) | {' | '.join(gains)} | {verdict} |"


def size_of_test(run: Run) -> str:
    """How much the test part holds."""
    names = {
        "q1": "windows",
        "q1_box": "boxes of 1,000",
        "q1_large": "boxes of 4,320",
        "q6": "windows of set 6",
    }
    tested = run.tested(f"network_{POOLED}")
    found = [
        f"{tested[name]['n']} {words} of {tested[name]['groups']} trajectories"
        for name, words in names.items()
    ]
    return f"The test part of each set: {', '.join(found)}."
