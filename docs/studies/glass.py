"""The page of the glass study and its picture, from its finished run.

.venv/bin/structkit run docs/studies/glass.yaml --workers 2
.venv/bin/python docs/studies/glass.py runs/glass-study
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import glass_tables as tables
from glass_numbers import bagged
from matplotlib.figure import Figure

from structkit.run import Run

HERE = Path(__file__).parent
GOAL = 0.98


def page(run: Run) -> Iterator[str]:
    """The lines of glass.md."""
    yield (HERE / "glass_text.md").read_text(encoding="utf-8")
    yield tables.size_of_test(run)
    yield "\n## Inherent structures\n\nWindows of 250; taught by windows of sets 3 to 5, the CNN of sets 1 to 3:\n"
    yield from tables.scores(run, "q", windows=True)
    yield "\nWhole boxes of 1,000 particles, asked of the same models (the energy learnt from boxes):\n"
    yield from tables.scores(run, "q", windows=False)
    yield "\n![AUC against the number of particles](../pictures/glass-study.png)\n"
    yield "Set 5 by the size of the window:\n"
    yield from tables.sizes(run)
    yield "\n## Equal energy\n"
    yield from tables.equal_energy(run)
    yield "\nOne box, by how many pairs were learnt from (mean ± standard deviation of twenty draws):\n"
    yield from tables.learning(run)
    yield "\nT 0.547 against the glass by the rate of cooling, whole boxes (of 200,000 steps, the test part):\n"
    yield from tables.rates(run)
    yield "\n## Thermal frames\n\nWindows of 250 particles:\n"
    yield from tables.scores(run, "t", windows=True)
    yield "\nWhole boxes of 1,000 particles:\n"
    yield from tables.scores(run, "t", windows=False)
    yield "\n## Local or global: which correlations\n"
    yield from tables.correlations(run)
    yield "\n## Which bonds carry the verdict\n"
    yield from tables.explanations(run)
    yield "\nIntegrated gradients, summed over the bonds of a kind (sets 3 to 5; 95 % over trajectories):\n"
    yield from tables.environments(run, "bonds", "network_q")
    for mode, words in (("q", "quenched"), ("t", "thermal")):
        yield f"\n## The three structural metrics per particle, whole boxes, {words}\n"
        yield from tables.metrics(run, mode)
    yield ""
    yield (HERE / "glass_earlier_text.md").read_text(encoding="utf-8")


def picture(run: Run) -> Figure:
    """AUC against the number of particles, inherent structures."""
    figure = Figure(figsize=(7.0, 3.2), layout="constrained")
    axis = figure.subplots()
    for model, words, style in (("network_q", "network", "o-"), ("linear_q", "g(r)", "s:")):
        found = tables.curve(run, model)
        axis.plot(
            list(found),
            list(found.values()),
            style,
            color="tab:blue",
            ms=4,
            label=f"T 0.44, {words}",
        )
    for model, words, style in (("network_6", "network", "o-"), ("linear_6", "g(r)", "s:")):
        if model in run.steps:
            bags = {1000 * count: one["value"] for count, one in bagged(run, model, "q6").items()}
            axis.plot(
                list(bags),
                list(bags.values()),
                style,
                color="black",
                ms=4,
                label=f"equal energy, {words}",
            )
    axis.axhline(GOAL, color="0.7", lw=0.8)
    axis.set(ylabel="ROC-AUC", xscale="log", ylim=(0.35, 1.02))
    axis.set_xlabel("particles in a window; from 2,000 on in boxes of 1,000")
    ticks = [60, 120, 250, 500, 1000, 2000, 4000, 8000]
    axis.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    axis.minorticks_off()
    axis.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def main() -> None:
    """Write the page and its picture."""
    run = Run(Path(sys.argv[1] if len(sys.argv) > 1 else "runs/glass-study"))
    picture(run).savefig(HERE.parent / "pictures" / "glass-study.png", dpi=110)
    (HERE / "glass.md").write_text("\n".join(page(run)), encoding="utf-8")


if __name__ == "__main__":
    main()
