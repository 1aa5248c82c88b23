"""Equal energy from hundreds of pairs: looks for the pairs, and writes the page of the study and its picture.

.venv/bin/structkit run docs/studies/glass-boxes.yaml --workers 2
.venv/bin/python docs/studies/glass_pairs.py match runs/glass-boxes
.venv/bin/structkit run docs/studies/glass-pairs.yaml --workers 2
.venv/bin/python docs/studies/glass_pairs.py page runs/glass-pairs runs/glass-boxes
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import glass_pairs_numbers as numbers
import numpy as np
from glass_pairs_data import GLASS, LIQUIDS, boxes, write_pairs
from glass_pairs_numbers import Floats, Score
from glass_slow import cell as area_cell
from glass_slow_numbers import area
from glass_tables import head, line
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from structkit.run import Run

HERE = Path(__file__).parent
NOTE = "<!-- made by glass_pairs.py from glass-pairs_text.md and finished runs: change those, not this file -->"
PAIRS = Path("build/glass-pairs")
MODELS = {
    "network": "network",
    "cnn": "CNN",
    "linear": "g(r) to 2.5 σ",
    "far": "g(r) to 5 σ",
    "three": "three-body",
    "metrics": "metrics",
    "ruler": "energy",
}
ORIGINS = {"warm": ("T 0.547", ""), "cold": ("T 0.44", "_cold")}  # words, and how its models end
CURVES = {"distances": "g(r) to 2.5 σ", "further": "g(r) to 5 σ", "local": "three-body"}
BAGGED = ("network", "cnn", "linear", "three")
STYLES = {  # in both pictures
    "network": ("o-", "tab:blue"),
    "CNN": ("s--", "tab:orange"),
    "g(r) to 2.5 σ": ("^:", "tab:green"),
    "g(r) to 5 σ": ("v-.", "tab:purple"),
    "three-body": ("D-", "tab:red"),
}


def cell(score: Score) -> str:
    """`0.756 [0.70, 0.81]`."""
    return f"{score.value:.3f} [{score.low:.2f}, {score.high:.2f}]"


def energies(run: Run) -> Iterator[str]:
    """What there is to choose from: the inherent energies, and how well one of them tells a liquid."""
    glasses = boxes(run, "boxes", GLASS).energies
    yield from head("", ["boxes", "inherent energy, mean ± spread of boxes", "AUC by energy"])
    for temperature in (*LIQUIDS, GLASS):
        found = boxes(run, "boxes", temperature).energies
        shown = f"{numbers.by_energy(found, glasses):.3f}" if temperature != GLASS else ""
        cells = [str(len(found)), f"{found.mean():.4f} ± {found.std(ddof=1):.4f}", shown]
        yield line(f"T {temperature:g}", cells)


def single(run: Run) -> Iterator[str]:
    """One box of 1,000: the mean over three splits."""
    yield from head("liquid", ["pairs", *MODELS.values()])
    for origin, (words, ending) in ORIGINS.items():
        models = [f"{name}{ending}" for name in MODELS]
        areas = [area(run, name, origin) if name in run.steps else None for name in models]
        yield line(words, [str(numbers.pairs(run, origin)), *map(area_cell, areas)])


def several(bags: Mapping[str, Mapping[int, Score]]) -> Iterator[str]:
    """Several independent boxes at once, by the mean of their log-odds."""
    yield from head("boxes of 1,000", bags)
    for count in next(iter(bags.values())):
        yield line(str(count), [cell(found[count]) for found in bags.values()])


def learning(curves: Mapping[str, Mapping[int, tuple[float, float]]]) -> Iterator[str]:
    """The area by the number of boxes that are learnt from."""
    yield from head("boxes of each class", curves)
    for count in next(iter(curves.values())):
        cells = [f"{curve[count][0]:.3f} ± {curve[count][1]:.3f}" for curve in curves.values()]
        yield line(str(count), cells)


def picture(
    bags: Mapping[str, Mapping[int, Score]], curves: Mapping[str, Mapping[int, tuple[float, float]]]
) -> Figure:
    """The area against what was learnt from, and against how many boxes are looked at."""
    figure = Figure(figsize=(9.0, 3.4), layout="constrained")
    learnt, seen = figure.subplots(1, 2, sharey=True)
    for words, curve in curves.items():
        means, spreads = np.array(list(curve.values())).T
        _draw(learnt, words, list(curve), means, spreads)
    for words, found in bags.items():
        values = np.array([score.value for score in found.values()])
        ends = np.array([[score.low, score.high] for score in found.values()]).T
        _draw(seen, words, list(found), values, np.abs(ends - values))
    _dress(learnt, "boxes of each class that are learnt from", numbers.LEARNT)
    _dress(seen, "boxes of 1,000 that are looked at together", numbers.BAGS)
    learnt.set_ylabel("ROC-AUC, equal energy")
    return figure


def _draw(axis: Axes, words: str, counts: list[int], values: Floats, reach: Floats) -> None:
    """A line of one model, by how many boxes."""
    style, colour = STYLES[words]
    axis.errorbar(counts, values, reach, fmt=style, color=colour, ms=4, lw=1, label=words)


def _dress(axis: Axes, words: str, counts: Sequence[int]) -> None:
    axis.axhline(0.5, color="0.8", lw=0.8)
    axis.set(xscale="log", ylim=(0.45, 1.02), xlabel=words)
    axis.set_xticks(counts, [str(count) for count in counts])
    axis.minorticks_off()
    axis.legend(frameon=False, fontsize=8, loc="upper left")


def write_page(run: Run, source: Run) -> None:
    """Write glass-pairs.md and its picture."""
    curves = {words: numbers.learning(run, step, "warm") for step, words in CURVES.items()}
    bags = {MODELS[name]: numbers.bagged(run, name, "warm") for name in BAGGED}
    text = (HERE / "glass-pairs_text.md").read_text(encoding="utf-8")
    parts = {
        "ENERGIES": energies(source),
        "SINGLE": single(run),
        "SEVERAL": several(bags),
        "LEARNING": learning(curves),
    }
    for name, lines in parts.items():
        text = text.replace(f"<!-- {name} -->", "\n".join(lines))
    picture(bags, curves).savefig(HERE.parent / "pictures" / "glass-pairs.png", dpi=110)
    (HERE / "glass-pairs.md").write_text(f"{NOTE}\n\n{text}", encoding="utf-8")


def main() -> None:
    """Look for pairs, or write the page."""
    words = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    words.add_argument("what", choices=["match", "page"])
    words.add_argument("runs", nargs="+", type=Path)
    given = words.parse_args()
    runs = [Run(folder) for folder in given.runs]
    if given.what == "match":
        for found in write_pairs(runs[0], "boxes", PAIRS):
            print(found)
    else:
        write_page(*runs)


if __name__ == "__main__":
    main()
