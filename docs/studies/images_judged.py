"""What the guards of the study of images kept, and what its explanations of single pixels are worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from structkit.run import Run

CRYSTALS = ("graphene", "MoS2", "SrTiO3")
NAMES = ("between columns", "column", "vacancy", "substitution")
OWN, NEIGHBOURS = 1.0, 4.0  # Å from an explained pixel: its own column, the next ones
SAMPLING = 0.25  # Å
MAPS = "relevance_integrated_gradients"
RANDOM = "10⁴ to 10⁶"  # doses drawn for each image, as they were learnt from
Scores = Mapping[str, Any]


def judged(run: Run, step: str, origin: str) -> Scores:
    """What a guard is worth on the test pieces of an origin."""
    scores: Scores = run.trust(step)["origins"][origin]["test"]
    return scores


def percent(share: Scores) -> str:
    """A share with its interval, where there are several groups."""
    if share["interval"] is None:
        return f"{100 * share['value']:.0f}"
    low, high = share["interval"]
    return f"{100 * share['value']:.0f} [{100 * low:.0f}, {100 * high:.0f}]"


def area(value: float | None) -> str:
    """An area under a curve, of what was not learnt from."""
    return "–" if value is None else f"{value:.2f}"


def cells(scores: Scores) -> list[str]:
    """Coverage, size of sets, how many columns get one class and how often that is right, images refused, AUROC."""
    counts = scores["verdicts"]
    total = sum(counts["known"].values())
    answered, right = counts["known"].get("class", 0), counts["right"].get("class", 0)
    return [
        percent(scores["set"]["coverage"]),
        f"{scores['set']['size']:.2f}",
        f"{100 * answered / total:.0f}",
        f"{100 * right / answered:.0f}" if answered else "–",
        percent(scores["wholes"]["refused"]),
        area(scores["wholes"].get("auroc")),
    ]


def known_crystals(run: Run, doses: Mapping[str, str]) -> Iterator[str]:
    """The guard of the network that learnt all crystals, as it learnt them and dose by dose."""
    for crystal in CRYSTALS:
        line = [crystal, RANDOM, *cells(judged(run, "trust", f"{crystal}+damaged+seen"))]
        yield f"| {' | '.join(line)} |"
        for dose, words in doses.items():
            scores = judged(run, "trust", f"{crystal}+damaged+taken[dose={dose}]")
            yield f"| {' | '.join([crystal, words, *cells(scores)])} |"


def new_crystals(run: Run, doses: Mapping[str, str]) -> Iterator[str]:
    """The guards of the networks that never saw a crystal, on that crystal."""
    for crystal in CRYSTALS:
        step = f"trust-no-{crystal}"
        line = [crystal, RANDOM, *cells(judged(run, step, f"{crystal}+damaged+seen"))]
        yield f"| {' | '.join(line)} |"
        for dose, words in doses.items():
            scores = judged(run, step, f"{crystal}+damaged+taken[dose={dose}]")
            yield f"| {' | '.join([crystal, words, *cells(scores)])} |"


def by_class(run: Run) -> Iterator[str]:
    """Coverage of the sets by the true class, where the guard learnt."""
    for crystal in CRYSTALS:
        scores = judged(run, "trust", f"{crystal}+damaged+seen")["set"]["per_class"]
        shares = [scores.get(str(name)) for name in range(len(NAMES))]
        told = ["–" if one is None else f"{percent(one)} ({one['n']})" for one in shares]
        yield f"| {' | '.join([crystal, *told])} |"


def reasons(run: Run) -> Iterator[str]:
    """What the maps of single pixels are worth."""
    for origin, scores in run.faithfulness("reasons").items():
        for method, test in scores["methods"].items():
            line = [origin.partition("+")[0], method.replace("_", " ")]
            for name in ("over_random", "over_strongest", "over_random_weights"):
                low, high = test[name]["interval"]
                line.append(f"{test[name]['value']:.2f} [{low:.2f}, {high:.2f}]")
            yield f"| {' | '.join([*line, 'passed' if test['passed'] else 'failed'])} |"


def reasons_where(run: Run) -> Iterator[str]:
    """How much of a map lies at the pixel's own place, at the next columns, and beyond, by what was said of the pixel."""
    maps = run.table("reasons")
    shares: dict[tuple[str, int], list[list[float]]] = {}
    for row, one in enumerate(maps.rows):
        explained, said = maps.item("explained", row), maps.item("said", row)
        for pixel, name, relevance in zip(explained, said, maps.item(MAPS, row), strict=True):
            key = (one.origin.partition("+")[0], int(name))
            shares.setdefault(key, []).append(_rings(int(pixel), np.abs(relevance)))
    for crystal in CRYSTALS:
        for name, words in enumerate(NAMES):
            several = shares.get((crystal, name), [])
            if several:
                means = [f"{100 * value:.0f}" for value in np.mean(several, axis=0)]
                yield f"| {' | '.join([crystal, words, str(len(several)), *means])} |"


def _rings(pixel: int, relevance: np.ndarray[Any, Any]) -> list[float]:
    """The shares of a map within both distances, between them, and beyond."""
    row, column = divmod(pixel, relevance.shape[1])
    down, across = np.indices(relevance.shape)
    away = SAMPLING * np.hypot(down - row, across - column)
    total = max(float(relevance.sum()), 1e-30)
    own = float(relevance[away <= OWN].sum()) / total
    near = float(relevance[away <= NEIGHBOURS].sum()) / total
    return [own, near - own, 1 - near]
