"""The page of the study of a hundred thousand crystals, from a finished run and what was measured of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from structkit.run import Run

HERE = Path(__file__).parent
MODELS = {
    "paper_cnn": "fingerprint CNN",
    "paper_nearest": "fingerprint 1-NN",
    "powder_linear": "powder linear, turned",
    "powder_nearest": "powder 1-NN, turned",
}
GUARDS = {"paper_trust": "fingerprint CNN", "powder_trust": "powder linear, turned"}
STYLES = {"paper_cnn": "o-", "paper_nearest": "^--", "powder_linear": "s-", "powder_nearest": "v--"}
ROWS = (
    8 * 13
)  # of each crystal of a class: hexagonal and rhombohedral ones are made apart; 13 levels of damage
Level = tuple[float, float]  # share of atoms that are missing, displacement in Å along each axis


def level_of(run: Run, origin: str) -> Level:
    """The damage of an origin's crystals."""
    varied = {key.rpartition(".")[2]: value for key, value in run.lineage[origin].varied.items()}
    return varied.get("vacancies", 0.0), varied.get("displacement", 0.0)


def name(level: Level) -> str:
    """A level of damage in words."""
    vacancies, displacement = level
    words = [f"{100 * vacancies:.0f} % vacancies"] if vacancies else []
    words += [f"σ {displacement:.2f} Å"] if displacement else []
    return ", ".join(words) or "pristine"


def by_level(run: Run, step: str) -> dict[Level, Any]:
    """The scores of a model on the test part, by level."""
    return {level_of(run, origin): scores for origin, scores in run.tested(step).items()}


def percent(found: Mapping[str, Any]) -> str:
    """`98.8 [96, 100]`, in percent."""
    low, high = found["interval"]
    return f"{100 * found['value']:.1f} [{100 * low:.0f}, {100 * high:.0f}]"


def accuracies(run: Run) -> Iterator[str]:
    """A line for each level."""
    scores = {step: by_level(run, step) for step in MODELS}
    yield "| damage | " + " | ".join(MODELS.values()) + " |"
    yield "|---" * (len(MODELS) + 1) + "|"
    for level in scores["paper_cnn"]:
        cells = [percent(scores[step][level]["accuracy"]) for step in MODELS]
        yield f"| {name(level)} | {' | '.join(cells)} |"


def refusals(run: Run) -> Iterator[str]:
    """What the guards make of each level: sets that hold the truth, and what is refused."""
    yield (
        "| damage | "
        + " | ".join(f"{words}: sets hold | refused" for words in GUARDS.values())
        + " |"
    )
    yield "|---" * (2 * len(GUARDS) + 1) + "|"
    found = {step: _tested(run, step) for step in GUARDS}
    for level in by_level(run, "paper_cnn"):
        cells = [cell for step in GUARDS for cell in _cells(found[step][level])]
        yield f"| {name(level)} | {' | '.join(cells)} |"


def _tested(run: Run, step: str) -> dict[Level, Any]:
    origins = run.trust(step)["origins"]
    return {level_of(run, origin): parts["test"] for origin, parts in origins.items()}


def _cells(test: Mapping[str, Any]) -> tuple[str, str]:
    return percent(test["set"]["coverage"]), percent(test["novelty"]["false_alarms"])


def sizes(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A line for each size that was run."""
    yield "| crystals | wall, min | processor, min | ms a crystal | memory, GB | without mapped files, GB | arrays, GB |"
    yield "|---|---|---|---|---|---|---|"
    for one in found:
        count = ROWS * one["per_class"]
        wall, cpu = one["wall"] / 60, one["cpu"] / 60
        each = 1000 * one["cpu"] / count
        memory, own, size = (one[name] / 2**30 for name in ("memory", "own", "bytes"))
        cells = [f"{wall:.1f}", f"{cpu:.1f}", f"{each:.0f}", f"{memory:.2f}", f"{own:.2f}"]
        yield f"| {count:,} | {' | '.join(cells)} | {size:.2f} |"


def stages(run: Run) -> Iterator[str]:
    """Processor time, memory and rows of each step's works."""
    spent: dict[str, list[float]] = {}
    for job in run.provenance()["steps"]:
        total = spent.setdefault(f"{job['step']} {job['work']}", [0.0, 0.0, 0.0])
        total[0] += job.get("cpu_seconds", 0.0)
        total[1] = max(total[1], job["peak_memory_mib"])
        total[2] += 1
    yield "| step and work | jobs | processor, s | memory of a process, MB |"
    yield "|---|---|---|---|"
    for words, (cpu, memory, jobs) in spent.items():
        yield f"| {words} | {jobs:.0f} | {cpu:.0f} | {memory:.0f} |"


def picture(run: Run) -> Figure:
    """Accuracy by level of damage, with intervals over groups."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axis = figure.subplots()
    for step, words in MODELS.items():
        scores = by_level(run, step)
        values = [100 * one["accuracy"]["value"] for one in scores.values()]
        ends = [[100 * end for end in one["accuracy"]["interval"]] for one in scores.values()]
        errors = [
            [value - low for value, (low, _) in zip(values, ends, strict=True)],
            [high - value for value, (_, high) in zip(values, ends, strict=True)],
        ]
        axis.errorbar(
            range(len(values)), values, errors, fmt=STYLES[step], label=words, ms=4, capsize=2
        )
    levels = [name(level).replace(" vacancies", " vac.") for level in by_level(run, "paper_cnn")]
    axis.set_xticks(range(len(levels)), levels, rotation=30, ha="right", fontsize=8)
    axis.set(
        ylabel="accuracy, %",
        ylim=(0, 103),
        title="elements and prototypes that were not learnt from",
    )
    axis.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def growth(found: Sequence[Mapping[str, Any]]) -> Figure:
    """Time, memory and bytes by the number of crystals, beside lines of slope one through the smallest size's."""
    figure = Figure(figsize=(9, 2.8), layout="constrained")
    counts = [ROWS * one["per_class"] for one in found]
    panels = {
        "processor time, min": [one["cpu"] / 60 for one in found],
        "memory of all processes, GB": [one["memory"] / 2**30 for one in found],
        "arrays on the disk, GB": [one["bytes"] / 2**30 for one in found],
    }
    for axis, (words, values) in zip(figure.subplots(1, 3), panels.items(), strict=True):
        proportional = [values[0] * count / counts[0] for count in counts]
        axis.loglog(counts, proportional, color="0.75", lw=1)
        axis.loglog(counts, values, "o-", ms=4)
        axis.yaxis.set_major_formatter("{x:g}")
        axis.yaxis.set_minor_formatter(NullFormatter())
        axis.set(xlabel="crystals", title=words)
    return figure


def write_page(found: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Write hundred-thousand.md and its pictures.

    Args:
        found: what was measured of each size, the largest last.
        folder: of the largest run.
    """
    run = Run(folder)
    text = (HERE / "hundred_thousand_text.md").read_text(encoding="utf-8")
    one = by_level(run, "paper_cnn")[0.0, 0.0]
    blocks = {
        "{sizes}": sizes(found),
        "{accuracies}": accuracies(run),
        "{refusals}": refusals(run),
        "{stages}": stages(run),
        "{n}": [str(one["n"])],
        "{groups}": [str(one["groups"])],
        "{load}": [f"{found[-1]['load']:.0f}"],
    }
    for mark, lines in blocks.items():
        text = text.replace(mark, "\n".join(lines))
    (HERE / "hundred-thousand.md").write_text(text, encoding="utf-8")
    pictures = HERE.parent / "pictures"
    picture(run).savefig(pictures / "hundred-thousand.png", dpi=90)
    growth(found).savefig(pictures / "hundred-thousand-cost.png", dpi=90)
    print(json.dumps({"page": str(HERE / "hundred-thousand.md")}))
