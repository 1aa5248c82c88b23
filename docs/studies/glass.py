"""The page of the glass study and its picture, from its finished run.

.venv/bin/structkit run docs/studies/glass.yaml --workers 2
.venv/bin/python docs/studies/glass.py runs/glass-study
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import glass_tables as tables
from glass_numbers import BAGS, BOX, LARGE, POOLED, SIZES
from matplotlib.figure import Figure

from structkit.run import Run

HERE = Path(__file__).parent
COLOURS = ("tab:red", "tab:red", "tab:blue", "tab:blue", "black", "black")  # a set has one colour
STYLES = ("o-", "s:") * 3  # the network, g(r)


def page(run: Run) -> Iterator[str]:
    """The lines of glass.md."""
    yield (HERE / "glass_text.md").read_text(encoding="utf-8")
    yield tables.size_of_test(run)
    yield from thermal(run)
    yield from quenched(run)
    yield "\n## Which attention\n\nTrained on sets 3 to 5 together:\n"
    yield from tables.variants(run)
    yield "\n## Is the attention an explanation?\n"
    yield from tables.attention(run)
    yield ""


def thermal(run: Run) -> Iterator[str]:
    """Frames as the simulation leaves them."""
    yield from ("\n## Thermal frames\n", tables.thermometers(run), "\nWindows of 250 particles:\n")
    yield from tables.scores(run, "t", tables.ON_WINDOWS, "")
    yield "\nWhole boxes of 1,000 particles:\n"
    yield from tables.scores(run, "t", tables.ON_BOXES, "_box")
    yield "\nThe network trained on one set (row) and tested on the windows of all:\n"
    yield from tables.transfer(run, "t")
    yield "\nThe three structural metrics per particle, whole boxes:\n"
    yield from tables.metrics(run, "t")


def quenched(run: Run) -> Iterator[str]:
    """Inherent structures."""
    yield from ("\n## Quenched frames\n", *tables.verdicts(run))
    yield "\nSeveral independent boxes of 1,000 at once, by the mean of their log-odds:\n"
    yield from tables.bags(run)
    yield "\nWindows of 250 particles, each model trained on its set:\n"
    yield from tables.scores(run, "q", tables.ON_WINDOWS, "")
    yield "\nThe same windows, all models trained on sets 3 to 5 together:\n"
    yield from tables.scores(run, "q", tables.ON_WINDOWS, "", POOLED)
    for size, suffix in ((BOX, "_box"), (LARGE, "_large")):
        yield f"\nWhole boxes of {size:,} particles, trained on sets 3 to 5 together:\n"
        yield from tables.scores(run, "q", tables.ON_BOXES, suffix, POOLED)
        yield f"\nWhole boxes of {size:,} particles, each model trained on its set:\n"
        yield from tables.scores(run, "q", tables.ON_BOXES, suffix)
    yield "\nThe network trained on one set (row) and tested on the windows of all:\n"
    yield from tables.transfer(run, "q")
    yield "\nOther sizes, by models trained on windows of 250 particles (of sets 3 to 5; of set 6 for set 6):\n"
    yield from tables.sizes(run)
    yield "\n![AUC against window size](../pictures/glass-study.png)"
    yield "\nThe three structural metrics per particle, whole boxes:\n"
    yield from tables.metrics(run, "q")


def picture(run: Run) -> Figure:
    """AUC against the number of particles, quenched frames."""
    figure = Figure(figsize=(7.5, 3.2), layout="constrained")
    axis = figure.subplots()
    for (words, alone, together), colour, style in zip(
        tables.curves(run), COLOURS, STYLES, strict=True
    ):
        found = {
            size: one["value"]
            for size, one in (alone | together).items()
            if size <= BOX or size in together
        }
        axis.plot(list(found), list(found.values()), style, color=colour, label=words[3:], ms=4)
    axis.axhline(tables.GOAL, color="0.7", lw=0.8)
    axis.set(title="quenched frames", ylabel="ROC-AUC", xscale="log", ylim=(0.4, 1.02))
    axis.set_xlabel("particles in a window; from 2,000 on in boxes of 1,000")
    ticks = [*SIZES[:-1], *(count * BOX for count in BAGS if count > 1)]
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
