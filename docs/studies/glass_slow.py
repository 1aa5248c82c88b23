"""The page of the study of slow glasses and its picture, from its finished run.

.venv/bin/structkit run docs/studies/glass-slow.yaml --workers 2
.venv/bin/python docs/studies/glass_slow.py runs/glass-slow
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import glass_slow_numbers as numbers
import numpy as np
from glass_slow_numbers import Mean
from glass_tables import head, line
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from structkit.evaluation.target import Headline
from structkit.run import Run

HERE = Path(__file__).parent
NOTE = "<!-- made by glass_slow.py from glass-slow_text.md and a finished run: change those, not this file -->"
# steps of a cooling from T = 2.0 to 0.05 at the rate of each step of the pipeline; its origins begin with the same letter
RATES = {"hasty": 20_000, "fast": 200_000, "slow": 4_000_000}
WINDOWS = {
    "hasty": "asked",
    "fast": "learnt",
    "slow": "own",
}  # the steps that cut them out of these boxes
SETS = {4: "T 0.547", 5: "T 0.44"}
ASKED = {
    "cnn": "CNN",
    "network": "network",
    "linear": "g(r)",
    "three": "three-body",
    "ruler": "energy",
}
TAUGHT = {"cnn_s": "CNN", "network_s": "network", "linear_s": "g(r)", "three_s": "three-body"}
FEATURES = {"distances": "g(r)", "local": "three-body", "energy": "energy"}
# liquids and glasses whose energies are alike: the origin of each
EQUAL = {
    "T 0.38 held, against its own slow glass": {"liquid": "s6", "glass": "s6"},
    "T 0.547 cooled slowly, against glasses of 200,000 steps": {"liquid": "s4", "glass": "f4"},
}
DRAWN = {"network": ("network", "o-"), "linear": ("g(r)", "s--"), "ruler": ("energy", "^:")}
COLOURS = {4: "tab:blue", 5: "tab:orange"}


def cell(score: Headline | None) -> str:
    """`0.985 [0.97, 0.99]`, or nothing where nothing was asked."""
    if score is None or score.value is None:
        return ""
    low, high = score.interval or (np.nan, np.nan)
    return f"{score.value:.3f} [{low:.2f}, {high:.2f}]"


def with_interval(mean: Mean) -> str:
    """`-3.8653 ± 0.0012`."""
    low, high = mean.interval or (np.nan, np.nan)
    return f"{mean.value:.4f} ± {(high - low) / 2:.4f}"


def energies(run: Run) -> Iterator[str]:
    """The energies of liquids and glasses by rate."""
    yield from head("cooling steps", ["trajectories", "T 0.547", "T 0.44", "glass, T 0.25"])
    for step, count in RATES.items():
        of = numbers.energies(run, step)
        means = [numbers.mean(np.array(list(of[t].values()))) for t in (0.547, 0.44, 0.25)]
        yield line(f"{count:,}", [str(means[0].count), *map(with_interval, means)])


def colder(run: Run) -> str:
    """How much of the energy is lost between 0.25 and 0.05."""
    of = numbers.energies(run, "hasty")
    gaps = np.array([of[0.05][group] - energy for group, energy in of[0.25].items()])
    return f"{with_interval(numbers.mean(gaps))} ε, {len(gaps)} trajectories of 20,000 steps"


def earlier() -> dict[int, dict[str, float]]:
    """The table of glass.md of T 0.547 by rate, boxes: steps of cooling, then areas by the name of the column."""
    lines = (HERE / "glass.md").read_text(encoding="utf-8").splitlines()
    start = next(place for place, text in enumerate(lines) if text.startswith("| cooling steps |"))
    names, _, *rows = (_cells(text) for text in lines[start : start + 5])
    columns = names[4:]
    return {
        int(row[0].replace(",", "")): dict(zip(columns, map(float, row[4:]), strict=True))
        for row in rows
    }


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def rates(run: Run, windows: bool) -> Iterator[str]:
    """Each liquid against the glass of its trajectory by rate, asked of what learnt from 200,000 steps."""
    models = [name for name in ASKED if not windows or name != "ruler"]
    yield from head("liquid", ["cooling steps", *(ASKED[name] for name in models)])
    for number, words in SETS.items():
        for step, count in RATES.items():
            origin = _origin(step, number, windows)
            cells = [cell(numbers.area(run, name, origin)) for name in models]
            yield line(words, [f"{count:,}", *cells])


def _origin(step: str, number: int, windows: bool) -> str:
    if not windows:
        return f"{step[0]}{number}"
    return f"{step[0]}{number}+{WINDOWS[step]}"


def taught(run: Run) -> Iterator[str]:
    """What models say that learnt from the slow glasses and the liquids on the way down to them."""
    yield from head("liquid", ["asked about", *TAUGHT.values()])
    for number, words in SETS.items():
        for origin, what in (
            (f"s{number}+own", "windows of 250"),
            (f"s{number}", "boxes of 1,000"),
        ):
            yield line(words, [what, *(cell(numbers.area(run, name, origin)) for name in TAUGHT)])


def matched(run: Run) -> Iterator[str]:
    """Equal energy: linear models in whole boxes, each trajectory asked of what learnt from all others."""
    yield from head("whole boxes", ["liquids", "glasses", *FEATURES.values()])
    for words, chosen in EQUAL.items():
        counts = numbers.counts(run, "distances", chosen)
        cells = [cell(numbers.left_out(run, features, chosen)) for features in FEATURES]
        yield line(words, [*map(str, counts), *cells])


def pairs(run: Run) -> str:
    """The pairs of equal energy, in words."""
    of = numbers.energies(run, "slow")
    liquid = np.array(list(of[0.38].values()))
    glass = np.array([of[0.25][group] for group in of[0.38]])
    held = numbers.steps_held(run, "slow")
    return (
        f"{len(liquid)} of {run.steps['slow']['with']['trajectories']} trajectories found a match: liquid "
        f"{liquid.mean():.4f} ± {liquid.std(ddof=1):.4f}, glass {glass.mean():.4f} ± {glass.std(ddof=1):.4f} ε per "
        f"particle (± is the spread of single boxes), no pair further apart than {np.abs(liquid - glass).max():.4f}. "
        f"The liquids were held at 0.38 for {min(held):,} to {max(held):,} steps, {np.median(held):,.0f} in the median."
    )


def stayed(run: Run) -> Iterator[str]:
    """How much of the glass the liquid already holds."""
    yield from head("liquid, slow", ["particles in the cage that they have in the glass"])
    for origin, words in (("s4", "T 0.547"), ("s5", "T 0.44"), ("s6", "T 0.38, equal energy")):
        shares = numbers.stayed(run, origin)
        yield line(
            words,
            [f"{100 * shares.mean():.0f} % ({100 * shares.min():.0f} to {100 * shares.max():.0f})"],
        )


def picture(run: Run) -> Figure:
    """AUC against the rate of cooling: windows, and boxes beside what glass.md has of them."""
    figure = Figure(figsize=(9.0, 3.4), layout="constrained")
    windows, boxes = figure.subplots(1, 2, sharey=True)
    for axis, words in ((windows, "windows of 250 particles"), (boxes, "boxes of 1,000 particles")):
        _curves(axis, run, axis is windows)
        axis.axhline(0.5, color="0.8", lw=0.8)
        axis.set(
            xscale="log", xlim=(1.2e4, 7e6), ylim=(0, 1.03), xlabel="cooling steps, T = 2.0 to 0.05"
        )
        axis.set_xticks(list(RATES.values()), [f"{count:,}" for count in RATES.values()])
        axis.minorticks_off()
        axis.set_title(words, fontsize=9)
    _earlier(boxes)
    windows.set_ylabel("ROC-AUC, inherent structures")
    boxes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _curves(axis: Axes, run: Run, windows: bool) -> None:
    """A line a set and model; beside each other, so that their intervals can be seen."""
    beside = iter(np.geomspace(0.75, 1.33, len(SETS) * len(DRAWN)))
    for number, words in SETS.items():
        for model, (name, style) in DRAWN.items():
            shift = next(beside)
            scores = {
                count * shift: numbers.area(run, model, _origin(step, number, windows))
                for step, count in RATES.items()
            }
            _line(axis, scores, style, COLOURS[number], f"{words}, {name}")


def _line(
    axis: Axes, scores: Mapping[float, Headline | None], style: str, colour: str, label: str
) -> None:
    places = [place for place, score in scores.items() if score and score.value is not None]
    shown = [scores[place] for place in places]
    values = np.array([score.value for score in shown if score])
    ends = np.array([score.interval for score in shown if score])
    if places:
        reach = np.abs(ends.T - values)
        axis.errorbar(
            places, values, reach, fmt=style, color=colour, ms=4, lw=1, elinewidth=0.5, label=label
        )


def _earlier(axis: Axes) -> None:
    """Hollow points: the table of glass.md, other data and other trainings."""
    table = earlier()
    for name, style in DRAWN.values():
        values = [row[name] for row in table.values()]
        label = f"{SETS[4]}, {name}, earlier"
        axis.plot(
            list(table), values, style[0], color=COLOURS[4], mfc="none", ms=6, lw=0, label=label
        )


def main() -> None:
    """Write glass-slow.md and its picture."""
    run = Run(Path(sys.argv[1] if len(sys.argv) > 1 else "runs/glass-slow"))
    text = (HERE / "glass-slow_text.md").read_text(encoding="utf-8")
    parts = {
        "ENERGIES": "\n".join(energies(run)),
        "COLDER": colder(run),
        "BOXES": "\n".join(rates(run, windows=False)),
        "WINDOWS": "\n".join(rates(run, windows=True)),
        "TAUGHT": "\n".join(taught(run)),
        "MATCHED": "\n".join(matched(run)),
        "PAIRS": pairs(run),
        "STAYED": "\n".join(stayed(run)),
    }
    for name, words in parts.items():
        text = text.replace(f"<!-- {name} -->", words)
    picture(run).savefig(HERE.parent / "pictures" / "glass-slow.png", dpi=110)
    (HERE / "glass-slow.md").write_text(f"{NOTE}\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
