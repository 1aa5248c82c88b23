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
SIZES, CURVES = (40, 100, 250, 500, 1000), (1, 4, 6)
THERMOMETER = 0.999
FLIPS = 300


def auc(run: Run, model: str, origin: str) -> dict[str, Any]:
    """Area under the curve on the test part, with its interval over trajectories."""
    return dict(run.tested(model)[origin]["roc_auc"])


def present(run: Run, mode: str, models: dict[str, str]) -> dict[str, str]:
    """The models that the run has."""
    return {model: words for model, words in models.items() if f"{model}_{mode}1" in run.steps}


def cell(found: dict[str, Any]) -> str:
    """`0.985 [0.97, 0.99]`."""
    if found["interval"] is None:
        return f"{found['value']:.3f}"
    low, high = found["interval"]
    return f"{found['value']:.3f} [{low:.2f}, {high:.2f}]"


def scores(run: Run, mode: str, models: dict[str, str], suffix: str) -> Iterator[str]:
    """A Markdown table: sets against models."""
    models = present(run, mode, models)
    yield "| set | " + " | ".join(models.values()) + " |"
    yield "|---" * (len(models) + 1) + "|"
    for number, name in zip(SETS, NAMES, strict=True):
        cells = [cell(auc(run, f"{model}_{mode}{number}", f"{mode}{number}{suffix}")) for model in models]
        yield f"| {number}: {name} | {' | '.join(cells)} |"


def verdicts(run: Run, mode: str) -> Iterator[str]:
    """What the table of windows means, set by set, in words."""
    for number, name in zip(SETS, NAMES, strict=True):
        found = {m: auc(run, f"{m}_{mode}{number}", f"{mode}{number}") for m in present(run, mode, ON_WINDOWS)}
        low, high = null(run, f"network_{mode}{number}", f"{mode}{number}")
        words = _meaning({m: f["value"] for m, f in found.items()}, high, mode)
        yield f"* Set {number}, {name}: {words} (AUC of the network by chance: {low:.2f} to {high:.2f})"


def _meaning(values: dict[str, float], chance: float, mode: str) -> str:
    best = max((m for m in values if m != "network"), key=lambda m: values[m])
    if values["linear"] >= THERMOMETER:
        means = "this set is a thermometer" if mode == "t" else "no network is needed"
        return f"a pair histogram reaches {values['linear']:.3f} here: {means}"
    if max(values.values()) <= chance:
        return "nobody tells them apart in windows of this size"
    if values["network"] >= values[best]:
        return f"the network is ahead, {values['network']:.3f} against {values[best]:.3f} ({ON_WINDOWS[best]})"
    return f"the network ({values['network']:.3f}) is behind: {ON_WINDOWS[best]} reaches {values[best]:.3f}"


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
    for row in SETS:
        found = [auc(run, f"network_{mode}{row}", f"{mode}{column}")["value"] for column in SETS]
        yield f"| set {row} | " + " | ".join(f"{value:.3f}" for value in found) + " |"


def by_size(run: Run, mode: str, model: str, number: int) -> list[dict[str, Any]]:
    """AUC in windows of growing size, the model being trained at 250 particles."""
    ends = {250: "", 1000: "_box"}
    return [auc(run, f"{model}_{mode}{number}", f"{mode}{number}{ends.get(size, f'_w{size}')}") for size in SIZES]


def sizes(run: Run, mode: str) -> Iterator[str]:
    """The curves as a table."""
    yield "| set, model | " + " | ".join(f"{size}" for size in SIZES) + " |"
    yield "|---" * (len(SIZES) + 1) + "|"
    for number in CURVES:
        for model in ("network", "linear"):
            cells = [cell(found) for found in by_size(run, mode, model, number)]
            yield f"| {number}: {NAMES[number - 1]}, {ON_WINDOWS[model]} | {' | '.join(cells)} |"


def picture(run: Run) -> Figure:
    """AUC against window size, quenched frames."""
    figure = Figure(figsize=(7.5, 3.2), layout="constrained")
    axis = figure.subplots()
    for number, colour in zip(CURVES, ("tab:red", "tab:blue", "black"), strict=True):
        for model, style in (("network", "o-"), ("linear", "s:")):
            values = [found["value"] for found in by_size(run, "q", model, number)]
            axis.plot(SIZES, values, style, color=colour, label=f"{NAMES[number - 1]}, {ON_WINDOWS[model]}", ms=4)
    axis.axhline(0.98, color="0.7", lw=0.8)
    axis.set(title="quenched frames", xlabel="particles in a window", ylabel="ROC-AUC", xscale="log", ylim=(0.28, 1.02))
    axis.set_xticks(SIZES, [str(size) for size in SIZES])
    axis.minorticks_off()
    axis.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


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
    yield "| trained and tested on | over bonds | dot products | none |"
    yield "|---|---|---|---|"
    for step in run.steps:
        if step.startswith("dot_"):
            name = step.removeprefix("dot_")
            for suffix, where in (("", "windows"), ("_box", "boxes")):
                found = [auc(run, f"{kind}_{name}", f"{name}{suffix}") for kind in ("network", "dot", "none")]
                set_name = NAMES[int(name[1]) - 1]
                yield f"| {set_name}, {MODES[name[0]]}, {where} | " + " | ".join(map(cell, found)) + " |"


def attention(run: Run) -> Iterator[str]:
    """What the tests say of the attention."""
    yield "| network of set | over random order | over random weights | |"
    yield "|---|---|---|---|"
    for step in run.steps_using("attention-maps"):
        for origin, found in run.faithfulness(step).items():
            for test in found["methods"].values():
                gains = [headline(test[rival]) for rival in ("over_random", "over_random_weights")]
                mode, number = MODES[origin[0]], int(origin[1])
                verdict = "passed" if test["passed"] else "unvalidated"
                yield f"| {number}: {NAMES[number - 1]}, {mode} | {' | '.join(gains)} | {verdict} |"


def size_of_test(run: Run) -> str:
    """How much the test part holds."""
    found = [run.tested(f"network_q{number}")[f"q{number}"] for number in (1, 6)]
    one, six = (f"{part['n']} windows of {part['groups']} trajectories" for part in found)
    return f"The test part: {one} in sets 1 to 5, {six} in set 6."


def times(run: Run) -> str:
    """What the simulations and the networks took."""
    facts = run.provenance()["steps"]
    spent: dict[str, float] = {}
    for fact in facts:
        use = run.steps[fact["step"]]["use"].rpartition("/")[2]
        spent[use] = spent.get(use, 0.0) + (0.0 if fact["cached"] else fact["seconds"])
    shown = sorted((item for item in spent.items() if item[1] > 30), key=lambda item: -item[1])
    return "Minutes by component, where made in this run: " + ", ".join(f"{u} {s / 60:.0f}" for u, s in shown) + "."


def page(run: Run) -> Iterator[str]:
    """The lines of glass.md."""
    yield (HERE / "glass_text.md").read_text(encoding="utf-8")
    yield size_of_test(run)
    for mode, words in MODES.items():
        yield from (f"\n## {words.capitalize()} frames\n", "Windows of 250 particles:\n")
        yield from scores(run, mode, ON_WINDOWS, "")
        yield from ("", *verdicts(run, mode), "\nWhole boxes of 1,000 particles:\n")
        yield from scores(run, mode, ON_BOXES, "_box")
        yield "\nThe network trained on one set (row) and tested on the windows of all:\n"
        yield from transfer(run, mode)
        if mode == "q":
            yield "\nWindows of other sizes, by the models trained at 250:\n"
            yield from sizes(run, mode)
            yield "\n![AUC against window size](../pictures/glass-study.png)"
        yield "\nThe three structural metrics per particle, whole boxes:\n"
        yield from metrics(run, mode)
    if any(step.startswith("dot_") for step in run.steps):
        yield "\n## Which attention\n"
        yield from variants(run)
    yield "\n## Is the attention an explanation?\n"
    yield from attention(run)
    yield from ("\n## Times\n", times(run), "")


def main() -> None:
    """Write the page and its picture."""
    run = Run(Path(sys.argv[1] if len(sys.argv) > 1 else "runs/glass-study"))
    picture(run).savefig(HERE.parent / "pictures" / "glass-study.png", dpi=110)
    (HERE / "glass.md").write_text("\n".join(page(run)), encoding="utf-8")


if __name__ == "__main__":
    main()
