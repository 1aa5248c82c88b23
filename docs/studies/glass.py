"""The tables of the glass study, from its finished run; writes glass.md and its picture.

.venv/bin/structkit run docs/studies/glass.yaml --workers 2
.venv/bin/python docs/studies/glass.py runs/glass-study
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from structkit.bootstrap import mean_interval
from structkit.randomness import generator
from structkit.report.words import headline
from structkit.runs import Run

HERE = Path(__file__).parent
SETS = range(1, 7)
NAMES = ("T 1.99", "T 1.76", "T 0.957", "T 0.547", "T 0.44", "equal energy")
MODES = {"t": "thermal", "q": "quenched"}
ON_WINDOWS = {"network": "network", "cnn": "CNN", "linear": "g(r)", "metrics": "metrics"}
ON_BOXES = {"network": "network", "linear": "g(r)", "whole": "g(r), trained on boxes", "ruler": "energy"}
BOX, LARGE = 1000, 4320
SIZES, CURVES = (40, 100, 250, 500, BOX, LARGE), (3, 5, 6)
POOLED = "pooled"  # what learnt sets 3, 4 and 5 together
THERMOMETER, GOAL = 0.999, 0.98
FLIPS = 300
BAGS, BAG_DRAWS = (1, 2, 4, 8, 16), 2000


def auc(run: Run, model: str, origin: str) -> dict[str, Any]:
    """Area under the curve on the test part, with its interval over trajectories."""
    return dict(run.tested(model)[origin]["roc_auc"])


def asked(run: Run, model: str, origin: str) -> bool:
    """Whether the run has the model, and has asked it about those configurations."""
    return model in run.steps and origin in run.tested(model)


def cell(found: dict[str, Any]) -> str:
    """`0.985 [0.97, 0.99]`."""
    if found["interval"] is None:
        return f"{found['value']:.3f}"
    low, high = found["interval"]
    return f"{found['value']:.3f} [{low:.2f}, {high:.2f}]"


def scores(run: Run, mode: str, models: dict[str, str], suffix: str, trained: str | None = None) -> Iterator[str]:
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
    kept = {model: words for model, words in models.items() if any(asked(run, *tried[row, model]) for row in rows)}
    yield "| set | " + " | ".join(kept.values()) + " |"
    yield "|---" * (len(kept) + 1) + "|"
    for row in rows:
        cells = [cell(auc(run, *tried[row, model])) if asked(run, *tried[row, model]) else "" for model in kept]
        if any(cells):
            yield f"| {row} | {' | '.join(cells)} |"


def thermometers(run: Run) -> str:
    """Where a baseline is enough, on thermal frames."""
    solved = [n for n in SETS if auc(run, f"linear_t{n}", f"t{n}")["value"] >= THERMOMETER]
    listed = ", ".join(map(str, solved))
    return (
        f"A pair histogram reaches 1.000 on set {listed}: thermal frames are a thermometer, and no network is needed."
    )


def verdicts(run: Run) -> Iterator[str]:
    """What the tables of quenched frames mean, set by set, in words.

    The network learnt sets 3 to 5 together; of the baselines the better of two counts: that, or the set itself.
    """
    for number, name in zip(SETS, NAMES, strict=True):
        by_size_ = [
            (size, auc(run, f"network_{POOLED}", origin(number, size))) for size in SIZES if has(run, number, size)
        ]
        below = [size for size, found in by_size_ if found["value"] <= GOAL]
        enough = next((size for size, _ in by_size_ if size > max(below, default=0)), None)
        size, found = by_size_[-1]
        rivals = {
            words: max(
                auc(run, f"{model}_{trained}", origin(number, size))["value"] for trained in (POOLED, f"q{number}")
            )
            for model, words in ON_BOXES.items()
            if model != "network"
        }
        best = max(rivals, key=lambda words: rivals[words])
        low, high = null(run, f"network_{POOLED}", origin(number, size))
        reach = f"above {GOAL} from {enough} particles on" if enough else f"{cell(found)} at {size} particles"
        words = f"the network is {reach}; at {size} the best baseline is {best} with {rivals[best]:.3f}"
        yield f"* Set {number}, {name}: {words} (by chance: {low:.2f} to {high:.2f})"


def origin(number: int, size: int) -> str:
    """The quenched configurations of a set with so many particles."""
    ends = {250: "", BOX: "_box", LARGE: "_large"}
    return f"q{number}{ends.get(size, f'_w{size}')}"


def has(run: Run, number: int, size: int) -> bool:
    """Whether the run has a set in this size."""
    return asked(run, f"network_{POOLED}", origin(number, size))


def null(run: Run, model: str, origin: str) -> tuple[float, float]:
    """The central 95 % of the AUC when liquid and glass are exchanged at random within each test trajectory."""
    table = run.predictions(model)
    rows = [i for i, r in enumerate(table.rows) if r.origin == origin and r.meta["subset"] == "test"]
    truth = np.array([table.rows[i].label == "liquid" for i in rows])
    _, group = np.unique([table.rows[i].group for i in rows], return_inverse=True)
    score = table.stack("probabilities", rows)[:, 1]
    rng = generator(0, "exchange")
    flips = [truth ^ (rng.random(group.max() + 1) < 0.5)[group] for _ in range(FLIPS)]
    low, high = np.percentile([roc_auc_score(flipped, score) for flipped in flips], [2.5, 97.5])
    return float(low), float(high)


def transfer(run: Run, mode: str) -> Iterator[str]:
    """Trained on the set of the row, tested on that of the column."""
    yield "| trained on | " + " | ".join(f"set {number}" for number in SETS) + " |"
    yield "|---" * 7 + "|"
    trainings = {f"{mode}{number}": f"set {number}" for number in SETS} | {POOLED: "sets 3 to 5"}
    for trained, words in trainings.items():
        if f"network_{trained}" in run.steps and (mode == "q" or trained != POOLED):
            found = [auc(run, f"network_{trained}", f"{mode}{column}")["value"] for column in SETS]
            yield f"| {words} | " + " | ".join(f"{value:.3f}" for value in found) + " |"


def by_size(run: Run, model: str, number: int) -> list[tuple[int, dict[str, Any]]]:
    """AUC in windows of growing size, by what sets 3 to 5 taught at 250 particles; of set 6, what it taught."""
    own = number == 6 and asked(run, f"{model}_q6", origin(6, BOX))
    found = [(size, origin(number, size)) for size in SIZES if has(run, number, size)]
    return [(size, auc(run, f"{model}_{'q6' if own else POOLED}", name)) for size, name in found]


def sizes(run: Run) -> Iterator[str]:
    """The curves as a table."""
    yield "| set, model | " + " | ".join(f"{size}" for size in SIZES) + " |"
    yield "|---" * (len(SIZES) + 1) + "|"
    for number in CURVES:
        for model in ("network", "linear"):
            found = dict(by_size(run, model, number))
            cells = [cell(found[size]) if size in found else "" for size in SIZES]
            yield f"| {number}: {NAMES[number - 1]}, {ON_WINDOWS[model]} | {' | '.join(cells)} |"


def picture(run: Run) -> Figure:
    """AUC against window size, quenched frames."""
    figure = Figure(figsize=(7.5, 3.2), layout="constrained")
    axis = figure.subplots()
    for number, colour in zip(CURVES, ("tab:red", "tab:blue", "black"), strict=True):
        for model, style in (("network", "o-"), ("linear", "s:")):
            points = by_size(run, model, number)
            label = f"{NAMES[number - 1]}, {ON_WINDOWS[model]}"
            axis.plot([s for s, _ in points], [f["value"] for _, f in points], style, color=colour, label=label, ms=4)
    axis.axhline(GOAL, color="0.7", lw=0.8)
    axis.set(title="quenched frames", xlabel="particles in a window", ylabel="ROC-AUC", xscale="log", ylim=(0.4, 1.02))
    axis.set_xticks(SIZES, [str(size) for size in SIZES])
    axis.minorticks_off()
    axis.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def bags(run: Run) -> Iterator[str]:
    """Set 6 by several boxes at once: the mean log-odds of independent boxes of one class, as of one larger box."""
    models = {
        f"network_{POOLED}": "network of sets 3 to 5",
        "linear_q6": "g(r)",
        "whole_q6": "g(r), trained on boxes",
        "metrics_q6": "metrics",
    }
    yield "| particles | " + " | ".join(models.values()) + " |"
    yield "|---" * (len(models) + 1) + "|"
    boxes = len(_log_odds(run, f"network_{POOLED}", "q6_box")[0])
    for count in (count for count in BAGS if count <= boxes // 2):
        cells = [_bagged(*_log_odds(run, model, "q6_box"), count) for model in models]
        yield f"| {count} × {BOX} | {' | '.join(cells)} |"


def _log_odds(run: Run, model: str, origin_: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Of liquid, for the liquid and the glass of every test trajectory."""
    table = run.predictions(model)
    rows = [i for i, r in enumerate(table.rows) if r.origin == origin_ and r.meta["subset"] == "test"]
    share = np.clip(table.stack("probabilities", rows).astype(float), 1e-12, 1)
    odds = np.log(share[:, 1] / share[:, 0])
    order = np.argsort([table.rows[i].group for i in rows], kind="stable")
    labels = np.array([table.rows[i].label for i in rows])[order]
    return odds[order][labels == "liquid"], odds[order][labels == "glass"]


def _bagged(liquid: NDArray[Any], glass: NDArray[Any], count: int) -> str:
    """AUC of bags of `count` boxes drawn from the test part, with its 95 % interval over trajectories."""
    rng = generator(0, "bags", count)

    def area(pick: NDArray[Any]) -> float:
        bags_ = [rng.permuted(np.tile(pick, (BAG_DRAWS, 1)), axis=1)[:, :count] for _ in range(2)]
        return float((liquid[bags_[0]].mean(axis=1) > glass[bags_[1]].mean(axis=1)).mean())

    everyone = np.arange(len(liquid))
    resampled = [area(rng.choice(everyone, len(everyone))) for _ in range(FLIPS)]
    low, high = np.percentile(resampled, [2.5, 97.5])
    return f"{area(everyone):.3f} [{low:.2f}, {high:.2f}]"


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
            parts = [_mean(values[labels == label, column], groups[labels == label]) for label in ("liquid", "glass")]
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
    interval = mean_interval(np.asarray(values, float), [str(g) for g in groups], 0)
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
            found = [auc(run, f"{kind}_{POOLED}", origin(number, size)) for kind in kinds]
            yield f"| {NAMES[number - 1]}, {size} particles | " + " | ".join(map(cell, found)) + " |"


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
                trained = step.removeprefix("attention_").replace(POOLED, "sets 3 to 5").replace("q", "set ")
                yield f"| {trained}, {mode} set {number} ({NAMES[number - 1]}) | {' | '.join(gains)} | {verdict} |"


def size_of_test(run: Run) -> str:
    """How much the test part holds."""
    names = {"q1": "windows", "q1_box": "boxes of 1,000", "q1_large": "boxes of 4,320", "q6": "windows of set 6"}
    tested = run.tested(f"network_{POOLED}")
    found = [f"{tested[name]['n']} {words} of {tested[name]['groups']} trajectories" for name, words in names.items()]
    return f"The test part of each set: {', '.join(found)}."


def page(run: Run) -> Iterator[str]:
    """The lines of glass.md."""
    yield (HERE / "glass_text.md").read_text(encoding="utf-8")
    yield size_of_test(run)
    yield from thermal(run)
    yield from quenched(run)
    yield "\n## Which attention\n\nTrained on sets 3 to 5 together:\n"
    yield from variants(run)
    yield "\n## Is the attention an explanation?\n"
    yield from attention(run)
    yield ""


def thermal(run: Run) -> Iterator[str]:
    """Frames as the simulation leaves them."""
    yield from ("\n## Thermal frames\n", thermometers(run), "\nWindows of 250 particles:\n")
    yield from scores(run, "t", ON_WINDOWS, "")
    yield "\nWhole boxes of 1,000 particles:\n"
    yield from scores(run, "t", ON_BOXES, "_box")
    yield "\nThe network trained on one set (row) and tested on the windows of all:\n"
    yield from transfer(run, "t")
    yield "\nThe three structural metrics per particle, whole boxes:\n"
    yield from metrics(run, "t")


def quenched(run: Run) -> Iterator[str]:
    """Inherent structures."""
    yield from ("\n## Quenched frames\n", *verdicts(run))
    yield "\nWindows of 250 particles, each model trained on its set:\n"
    yield from scores(run, "q", ON_WINDOWS, "")
    yield "\nThe same windows, all models trained on sets 3 to 5 together:\n"
    yield from scores(run, "q", ON_WINDOWS, "", POOLED)
    for size, suffix in ((BOX, "_box"), (LARGE, "_large")):
        yield f"\nWhole boxes of {size:,} particles, trained on sets 3 to 5 together:\n"
        yield from scores(run, "q", ON_BOXES, suffix, POOLED)
        yield f"\nWhole boxes of {size:,} particles, each model trained on its set:\n"
        yield from scores(run, "q", ON_BOXES, suffix)
    yield "\nThe network trained on one set (row) and tested on the windows of all:\n"
    yield from transfer(run, "q")
    yield "\nOther sizes, by the models trained at 250 particles on sets 3 to 5 (g(r) of set 6: on set 6):\n"
    yield from sizes(run)
    yield "\n![AUC against window size](../pictures/glass-study.png)"
    yield "\nEqual energy, by the mean of the log-odds of several independent boxes:\n"
    yield from bags(run)
    yield "\nThe three structural metrics per particle, whole boxes:\n"
    yield from metrics(run, "q")


def main() -> None:
    """Write the page and its picture."""
    run = Run(Path(sys.argv[1] if len(sys.argv) > 1 else "runs/glass-study"))
    picture(run).savefig(HERE.parent / "pictures" / "glass-study.png", dpi=110)
    (HERE / "glass.md").write_text("\n".join(page(run)), encoding="utf-8")


if __name__ == "__main__":
    main()
