"""The tables of the crystal study, from its finished run; writes crystals.md and its picture.

.venv/bin/structkit run docs/studies/crystals.yaml --workers 2
.venv/bin/python docs/studies/crystals.py runs/crystal-study
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from structkit.run import Run
from structkit.words import headline
from structkit_diffraction_fingerprint.peaks import sections

HERE = Path(__file__).parent
COLUMNS = {
    "paper_cnn": "fingerprint CNN",
    "paper_linear": "fingerprint linear",
    "paper_nearest": "fingerprint 1-NN",
    "turned_cnn": "fingerprint CNN, turned copies",
    "powder_cnn": "powder CNN",
    "powder_linear": "powder linear",
    "powder_nearest": "powder 1-NN",
    "spglib_loose": "Spglib 0.1 Å, 5°",
    "spglib_tight": "Spglib 0.01 Å",
}
LEVELS = [
    "pristine",
    "s01",
    "s02",
    "s06",
    "s10",
    "s15",
    "v01",
    "v25",
    "v40",
    "v60",
    "v70",
    "v25_s02",
    "v25_s06",
]
MAPS = {"paper_maps": "fingerprint CNN", "powder_maps": "powder CNN"}
WHY = """
Why: turned crystals are unlike anything that the models of the paper's recipe have seen: all three guess (chance is
14 %), and nothing makes a network guess better. At σ 0.15 Å the powder CNN and its baselines differ by one or two
crystals of 130, well within their intervals.
"""
EXPLANATIONS = """\
Six test crystals of each class, on which every map of `response-maps` is tested by deletion (see docs/results.md):
how much lower the mean probability of the predicted class is after deleting what the map marks than after deleting in
random order, by the map of the same network with random weights, or the brightest pixels first, averaged over deletions
of 0.2 to 40 %. To pass is not much: the paper's response maps pass, but on fingerprints a network with random weights
makes maps that are nearly as good, and the brightest pixels are as good on both. The gradient methods are far ahead of
random weights everywhere and, where the margin over "strongest first" is clear, say more than the input.
"""
INTRODUCTION = (HERE / "crystals_text.md").read_text(encoding="utf-8")


def name(level: str) -> str:
    """A level of damage in words."""
    if level == "pristine":
        return "pristine"
    words = {"s": "σ {:.2f} Å", "v": "{:d} % vacancies"}
    parts = level.split("_")
    return ", ".join(
        words[p[0]].format(int(p[1:]) / 100 if p[0] == "s" else int(p[1:])) for p in parts
    )


def test_scores(run: Run) -> dict[str, dict[str, dict[str, Any]]]:
    """Scores on the test part: model, origin."""
    return {model: run.tested(model) for model in COLUMNS}


def table(scores: dict[str, dict[str, dict[str, Any]]], suffix: str) -> Iterator[str]:
    """A Markdown table of accuracies with their intervals."""
    yield "| damage | " + " | ".join(COLUMNS.values()) + " |"
    yield "|---" * (len(COLUMNS) + 1) + "|"
    for level in LEVELS:
        cells = [cell(scores[model][level + suffix]["accuracy"]) for model in COLUMNS]
        yield f"| {name(level)} | " + " | ".join(cells) + " |"


def cell(found: dict[str, Any]) -> str:
    """`98.8 [96, 100]`, in percent."""
    low, high = found["interval"]
    return f"{100 * found['value']:.1f} [{100 * low:.0f}, {100 * high:.0f}]"


def losses(
    scores: dict[str, dict[str, dict[str, Any]]], network: str, rivals: tuple[str, ...]
) -> list[str]:
    """Where a network is worse than a baseline, by how much."""
    found = []
    for suffix in ("", "_turned"):
        for level in LEVELS:
            mine = scores[network][level + suffix]["accuracy"]["value"]
            best = max(rivals, key=lambda rival: scores[rival][level + suffix]["accuracy"]["value"])
            theirs = scores[best][level + suffix]["accuracy"]["value"]
            if theirs > mine + 1e-9:
                where = f"{name(level)}{', turned' if suffix else ''}"
                found.append(
                    f"* {where}: {COLUMNS[network]} {100 * mine:.1f}, {COLUMNS[best]} {100 * theirs:.1f}"
                )
    return found


def tests(run: Run) -> Iterator[str]:
    """What the maps of the two networks are worth."""
    yield "| map | origin | over random order | over random weights | over strongest first | |"
    yield "|---|---|---|---|---|---|"
    for step, words in MAPS.items():
        for origin, found in run.faithfulness(step).items():
            for method, test in found["methods"].items():
                gains = [
                    headline(test[rival])
                    for rival in ("over_random", "over_random_weights", "over_strongest")
                ]
                verdict = "passed" if test["passed"] else "unvalidated"
                yield f"| {words}, {method.replace('_', ' ')} | {name_of(origin)} | {' | '.join(gains)} | {verdict} |"


def name_of(origin: str) -> str:
    """An origin in words."""
    return name(origin.removesuffix("_turned")) + (", turned" if origin.endswith("_turned") else "")


def peaks(run: Run) -> Iterator[str]:
    """Which reflections carry the decisions, for each network."""
    for section in sections(run):
        yield f"### {section.title}\n"
        yield "\n\n".join(section.paragraphs) + "\n"
        yield "| " + " | ".join(section.header) + " |"
        yield "|---" * len(section.header) + "|"
        for line in section.rows:
            yield "| " + " | ".join(map(str, line)) + " |"
        yield ""


def picture(scores: dict[str, dict[str, dict[str, Any]]]) -> Figure:
    """Accuracy at random orientation."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axis = figure.subplots()
    shown = {
        "paper_cnn": "o-",
        "turned_cnn": "s-",
        "powder_cnn": "D-",
        "powder_nearest": "^--",
        "spglib_loose": "x:",
    }
    for model, style in shown.items():
        values = [100 * scores[model][f"{level}_turned"]["accuracy"]["value"] for level in LEVELS]
        axis.plot(range(len(LEVELS)), values, style, label=COLUMNS[model], ms=5)
    axis.set_xticks(
        range(len(LEVELS)),
        [name(level).replace(" vacancies", " vac.") for level in LEVELS],
        rotation=30,
        ha="right",
        fontsize=8,
    )
    axis.set(
        ylabel="accuracy, %", ylim=(0, 103), title="crystals turned at random, held-out elements"
    )
    axis.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def main() -> None:
    """Write the page."""
    run = Run(Path(sys.argv[1] if len(sys.argv) > 1 else "runs/crystal-study"))
    scores = test_scores(run)
    one = scores["paper_cnn"]["pristine"]
    lines = [
        INTRODUCTION.replace("{n}", str(one["n"])).replace("{groups}", str(one["groups"])),
        "## Aligned with the axes, as the paper has them\n",
        *table(scores, ""),
        "",
        "## Turned at random, as real data come\n",
        *table(scores, "_turned"),
        "",
        "## Where a network is worse than a baseline\n",
        *losses(scores, "paper_cnn", ("paper_linear", "paper_nearest")),
        *losses(scores, "powder_cnn", ("powder_linear", "powder_nearest")),
        WHY,
        "\n## What the explanations are worth\n",
        EXPLANATIONS,
        *tests(run),
        "",
        *peaks(run),
    ]
    (HERE / "crystals.md").write_text("\n".join(lines), encoding="utf-8")
    picture(scores).savefig(HERE.parent / "pictures" / "crystal-study.png", dpi=90)


if __name__ == "__main__":
    main()
