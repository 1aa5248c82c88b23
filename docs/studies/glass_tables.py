"""The tables of the glass study, as lines of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations_with_replacement, pairwise
from typing import Any

import glass_numbers as numbers
import numpy as np
from glass_numbers import NAMES, SETS, asked, asked_cell, auc, bagged, cell
from numpy.typing import NDArray

from structkit.evaluation.intervals import mean_interval
from structkit.run import Run
from structkit.words import headline

SEEN = {"cnn": "CNN", "whole": "CNN of boxes", "early": "g(r) of sets 1 to 3", "network": "network", "linear": "g(r)",
        "three": "three-body", "metrics": "metrics", "ruler": "energy"}  # fmt: skip
CORRELATIONS = {
    "linear_q": "g(r), linear",
    "three_q": "three-body, linear",
    "messages_q": "network, distances",
    "angular_q": "network, distances and angles",
    "network_q": "network, distances and pair path",
}
PARTICLES = (60, 120, 250, 500, 1000)
# σ: bonds by length; first shells of A–B, B–B and A–A, what lies between, second shells, the rest
LENGTHS = (0.0, 0.85, 0.95, 1.05, 1.15, 1.4, 1.7, 1.9, 2.1, 2.3, 2.5)
KINDS = {15: "B", 28: "A"}  # P and Ni stand for them
METHOD = "integrated_gradients"  # whose local environments are told


def scores(run: Run, mode: str, windows: bool) -> Iterator[str]:
    """Sets against models, which learnt from windows of several sets together."""
    names = {number: f"{mode}{number}+{mode}" if windows else f"{mode}{number}" for number in SETS}
    kept = {
        prefix: words
        for prefix, words in SEEN.items()
        if any(asked(run, f"{prefix}_{mode}", name) for name in names.values())
    }
    yield from head("set", kept.values())
    for number, name in names.items():
        cells = [asked_cell(run, f"{prefix}_{mode}", name) for prefix in kept]
        if any(cells):
            yield line(f"{number}: {NAMES[number - 1]}", cells)


def equal_energy(run: Run) -> Iterator[str]:
    """Set 6 by models that learnt from it: in windows, in boxes, and in several boxes by their mean log-odds."""
    models = [
        name
        for name in ("cnn_6", "whole_6", "network_6", "linear_6", "three_6")
        if name in run.steps
    ]
    yield from head("quenched, equal energy", [SEEN[name.partition("_")[0]] for name in models])
    yield line("windows of 250", [asked_cell(run, name, "q6+q") for name in models])
    bags = {name: bagged(run, name, "q6") for name in models}
    for count in bags[models[0]]:
        yield line(f"{count} × 1,000", [cell(bags[name][count]) for name in models])
    low, high = numbers.null(run, models[0], "q6")
    yield f"\nBy chance one box gives {low:.2f} to {high:.2f}. {energies(run)}"


def rates(run: Run) -> Iterator[str]:
    """The liquid at 0.547 and the glass of the same trajectory by cooling, asked of what learnt from 200,000 steps.

    No model learnt from the faster and the slower ones, so that all their trajectories count, not the test part alone.
    """
    models = ("cnn_q", "whole_q", "network_q", "linear_q", "three_q", "ruler_q")
    columns = [SEEN[name.partition("_")[0]] for name in models]
    yield from head("cooling steps", ["trajectories", "liquid, ε", "glass, ε", *columns])
    for origin, words in (("hasty", "20,000"), ("q4", "200,000"), ("slow", "400,000")):
        liquid, glass = numbers.energies(run, origin)
        found = [numbers.area(run, name, origin, everyone=origin != "q4") for name in models]
        cells = [f"{value:.3f}" for value in found]
        yield line(words, [str(len(liquid)), f"{liquid.mean():.4f}", f"{glass.mean():.4f}", *cells])


def energies(run: Run) -> str:
    """What the recorded energies say of set 6."""
    liquid, glass = numbers.energies(run, "q6")
    return (
        f"{len(liquid)} pairs: liquid {liquid.mean():.4f} ± {liquid.std():.4f}, glass {glass.mean():.4f} ± "
        f"{glass.std():.4f} ε per particle, no pair further apart than {np.abs(liquid - glass).max():.4f}."
    )


def learning(run: Run) -> Iterator[str]:
    """AUC of one box against the number of pairs that are learnt from."""
    features = {"g(r)": "distances_q", "three-body": "local_q"}
    curves = {
        words: numbers.learning(run, step, "linear_6", "q6") for words, step in features.items()
    }
    counts = list(next(iter(curves.values())))
    yield from head("pairs learnt from", [str(count) for count in counts])
    for words, curve in curves.items():
        yield line(words, [f"{curve[count][0]:.3f} ± {curve[count][1]:.3f}" for count in counts])


def sizes(run: Run) -> Iterator[str]:
    """Set 5 by the number of particles in a window."""
    yield from head("T 0.44", [str(count) for count in PARTICLES])
    for model in ("network_q", "linear_q"):
        names = [_of_size(count) for count in PARTICLES]
        yield line(SEEN[model.partition("_")[0]], [asked_cell(run, model, name) for name in names])


def _of_size(count: int) -> str:
    usual = {250: "q5+q", 1000: "q5"}
    return usual.get(count, f"sizes[particles={count}]")


def correlations(run: Run) -> Iterator[str]:
    """What each order of correlation gives, windows of 250."""
    models = {name: words for name, words in CORRELATIONS.items() if name in run.steps}
    yield from head("set", models.values())
    for number in SETS[:5]:
        cells = [asked_cell(run, name, f"q{number}+q") for name in models]
        yield line(f"{number}: {NAMES[number - 1]}", cells)


def metrics(run: Run, mode: str) -> Iterator[str]:
    """The three metrics per class in whole boxes, and the difference within a trajectory, with intervals."""
    yield from head("set", ["metric", "liquid", "glass", "liquid − glass within a trajectory"])
    table = run.table(f"counts_{mode}")
    for number, name in zip(SETS, NAMES, strict=True):
        rows = [i for i, row in enumerate(table.rows) if row.origin == f"{mode}{number}"]
        if not rows:
            continue
        values = table.stack("vector", rows).astype(float)
        labels = np.array([table.rows[i].label for i in rows])
        groups = np.array([table.rows[i].group for i in rows])
        for column, words in enumerate(("B components", "B–B edges", "A without a B neighbour")):
            parts = [
                _mean(values[labels == label, column], groups[labels == label])
                for label in ("liquid", "glass")
            ]
            gap = _gaps(values[:, column], labels, groups)
            yield line(f"{number}: {name}", [words, *parts, _mean(gap, np.unique(groups))])


def _gaps(values: NDArray[Any], labels: NDArray[Any], groups: NDArray[Any]) -> NDArray[np.float64]:
    """Liquid less glass, one number a trajectory."""
    gaps = []
    for group in np.unique(groups):
        liquid, glass = (
            values[(groups == group) & (labels == label)].mean() for label in ("liquid", "glass")
        )
        gaps.append(liquid - glass)
    return np.array(gaps)


def _mean(values: NDArray[Any], groups: Sequence[str] | NDArray[Any], form: str = "{:.4f}") -> str:
    interval = mean_interval(np.asarray(values, float), [str(g) for g in groups])
    low, high = interval if interval else (np.nan, np.nan)
    return f"{form.format(values.mean())} [{form.format(low)}, {form.format(high)}]"


def explanations(run: Run) -> Iterator[str]:
    """What the core's tests say of every map."""
    yield from head("asked about", ["map", "over random order", "over random weights", ""])
    for step in run.steps_using("attention-maps"):
        for origin, found in run.faithfulness(step).items():
            for method, test in found["methods"].items():
                gains = [headline(test[rival]) for rival in ("over_random", "over_random_weights")]
                verdict = "passed" if test["passed"] else "unvalidated"
                name = NAMES[int(origin[1]) - 1]
                yield line(name, [method.replace("_", " "), *gains, verdict])


def environments(run: Run, step: str, model: str) -> Iterator[str]:
    """Which bonds carry the verdict: what those of a kind say for glass in glasses, less what they say in liquids."""
    table = run.table(step)
    said = _predicted(run, model)
    found: dict[tuple[str, str], dict[str, list[Any]]] = {}
    for index, row in enumerate(table.rows):
        arrays = {name: table.item(name, index) for name in table.arrays}
        # a map speaks for the class that is predicted: turned round where that is liquid
        sign = 1.0 if said[row.origin, row.id] == "glass" else -1.0
        for kind, (relevance, count) in _by_kind(arrays).items():
            one = found.setdefault(kind, {"value": [], "count": [], "label": [], "group": []})
            one["value"].append(sign * relevance)
            one["count"].append(count)
            one["label"].append(str(row.label))
            one["group"].append(row.group)
    columns = [
        "length, σ",
        "bonds a particle: liquid",
        "glass",
        "log-odds for glass: glass − liquid",
    ]
    yield from head("bond", columns)
    for (pair, length), one in sorted(found.items()):
        values, counts = np.array(one["value"]), np.array(one["count"])
        labels, groups = np.array(one["label"]), np.array(one["group"])
        means = [f"{counts[labels == label].mean():.4f}" for label in ("liquid", "glass")]
        both = np.isin(groups, _with_both(labels, groups))
        gap = _gaps(values[both], labels[both], groups[both])
        yield line(pair, [length, *means, _mean(gap, np.unique(groups[both]), "{:+.3f}")])


def _predicted(run: Run, model: str) -> dict[tuple[str, str], str]:
    """The class that a model gives each row."""
    table = run.predictions(model)
    share = table.stack("probabilities", range(len(table.rows)))
    names = np.array(["glass", "liquid"])[share.argmax(axis=1)]
    return {(row.origin, row.id): str(name) for row, name in zip(table.rows, names, strict=True)}


def _with_both(labels: NDArray[Any], groups: NDArray[Any]) -> list[str]:
    """The trajectories of which a liquid and a glass were explained."""
    return sorted(set(groups[labels == "liquid"]) & set(groups[labels == "glass"]))


def _by_kind(arrays: Mapping[str, NDArray[Any]]) -> dict[tuple[str, str], tuple[float, float]]:
    """Summed relevance of the bonds of each pair of species and range of length, and how many a particle has."""
    ends = np.sort([arrays["numbers"][arrays[name]] for name in ("senders", "receivers")], axis=0)
    relevance, particles = arrays[f"relevance_{METHOD}"], len(arrays["numbers"])
    result = {}
    for a, b in combinations_with_replacement(sorted(KINDS), 2):
        for low, high in pairwise(LENGTHS):
            inside = (arrays["distances"] >= low) & (arrays["distances"] < high)
            mine = inside & (ends[0] == a) & (ends[1] == b)
            if mine.any():
                name = f"{KINDS[b]}–{KINDS[a]}", f"{low:.2f} to {high:.2f}"
                result[name] = float(relevance[mine].sum()), float(mine.sum() / particles)
    return result


def size_of_test(run: Run) -> str:
    """How much the test part holds."""
    tested = run.tested("linear_q")
    names = {"q1+q": "windows", "q1": "boxes", "q6+q": "windows of set 6", "q6": "boxes of set 6"}
    found = [
        f"{tested[name]['n']} {words} of {tested[name]['groups']} trajectories"
        for name, words in names.items()
        if name in tested
    ]
    return f"The test part of each set: {', '.join(found)}."


def head(first: str, others: Any) -> Iterator[str]:
    """The two lines above a table."""
    columns = [first, *others]
    yield line(columns[0], columns[1:])
    yield "|---" * len(columns) + "|"


def line(first: str, others: Sequence[str]) -> str:
    """One row of a table."""
    return f"| {' | '.join([first, *others])} |"


def curve(run: Run, model: str) -> dict[int, float]:
    """AUC of set 5 by the number of particles, then by boxes of 1,000 at once."""
    alone = {
        count: auc(run, model, _of_size(count))["value"]
        for count in PARTICLES
        if asked(run, model, _of_size(count))
    }
    together = {1000 * count: found["value"] for count, found in bagged(run, model, "q5").items()}
    return alone | together
