"""What is drawn of a guard: reliability, risk against coverage, what is answered, sets, classes and groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from markupsafe import Markup

from structkit.evaluation.verdict import AMBIGUOUS, CLASS, NONE
from structkit_html_report.bars import Sort, shares
from structkit_html_report.interval_figures import interval_figures
from structkit_html_report.plot import Axis, Plot, Series, share_axis
from structkit_html_report.strip import Dot, forest
from structkit_html_report.trusted import Trusted
from structkit_html_report.view import Figure

ANSWERS = (
    Sort("the class", 2),
    Sort("several, the truth among them", 0),
    Sort("refused, though it knows the class", 5),
    Sort("a wrong class", 1),
    Sort("refused, a stranger", 4),
    Sort("several, all wrong", 3),
)
SIZES = tuple(map(Sort, ("empty", "1 class", "2 classes", "3 classes", "more"), (5, 2, 0, 3, 1)))
MOST_CLASSES, MOST_ORIGINS = 40, 12
SIDE = 210.0
FEW = 5  # rows of a bin that say little


def guard_figures(trusted: Trusted) -> list[Figure]:
    """All figures that the guard's scores allow."""
    origins = trusted.origins[:MOST_ORIGINS]
    figures: list[Figure] = [*_answers(trusted, origins)]
    for origin in origins:
        reliability = trusted.tested(origin).get("reliability")
        if reliability:
            caption = f"reliability · {origin} · test; hollow: fewer than {FEW} rows"
            figures.append((_reliability(origin, reliability), caption))
    figures += [*_risk(trusted, origins), *_sizes(trusted, origins)]
    figures += interval_figures(trusted, origins)
    return [*figures, *_classes(trusted, origins), *_groups(trusted, origins)]


def _answers(trusted: Trusted, origins: list[str]) -> Iterator[Figure]:
    """What predictions come to, and how often that is right."""
    if not trusted.classes:
        return
    rows = [(origin, _counts(trusted.tested(origin)["verdicts"])) for origin in origins]
    drawn = shares("what predictions come to", rows, ANSWERS)
    yield drawn, "what predictions come to · test"


def _counts(verdicts: Mapping[str, Mapping[str, int]]) -> list[int]:
    """In the order of `ANSWERS`."""
    known, right, unknown = (verdicts[name] for name in ("known", "right", "unknown"))
    wrong = known.get(CLASS, 0) - right.get(CLASS, 0)
    missed = known.get(AMBIGUOUS, 0) - right.get(AMBIGUOUS, 0)
    return [
        right.get(CLASS, 0),
        right.get(AMBIGUOUS, 0),
        known.get(NONE, 0),
        wrong + unknown.get(CLASS, 0),
        unknown.get(NONE, 0),
        missed + unknown.get(AMBIGUOUS, 0),
    ]


def _reliability(origin: str, found: Mapping[str, Any]) -> Markup:
    """How often predictions of each confidence are right; the diagonal is perfect."""
    ends = np.array([0.0, 1.0])
    drawn = [Series("", ends, ends, way="line", colour=-1)]
    names = {"model": "the model", "calibrated": "after the guard"}
    for number, (name, label) in enumerate(names.items()):
        if name in found:
            bins = found[name]["bins"]
            x, y, n = (np.array([one[key] for one in bins]) for key in ("confidence", "right", "n"))
            drawn.append(Series(label, x, y, way="markers", colour=number, faint=n < FEW))
    words = f"reliability diagram, {origin}"
    axes = share_axis("confidence"), share_axis("share that is right")
    return Plot(words, *axes, drawn, side=SIDE).markup()


def _risk(trusted: Trusted, origins: list[str]) -> Iterator[Figure]:
    """The error among the rows that it is surest of."""
    drawn, highest = [], 0.0
    for number, origin in enumerate(origins):
        risk = trusted.tested(origin).get("risk")
        if risk:
            x, y = np.array(risk["shares"]), np.array(risk["errors"])
            highest = max(highest, float(y.max()))
            drawn.append(Series(origin, x, y, colour=number))
    if drawn:
        top = max(1.1 * highest, 0.02)
        y_axis = Axis("error among them", -0.05 * top, top)
        x_axis = share_axis("share of rows that are answered, the surest first")
        yield Plot("risk against coverage", x_axis, y_axis, drawn).markup(), "risk–coverage · test"


def _sizes(trusted: Trusted, origins: list[str]) -> Iterator[Figure]:
    """How many classes the sets have."""
    rows = []
    for origin in origins:
        sizes = trusted.tested(origin).get("set", {}).get("sizes")
        if sizes:
            counts = [int(sizes.get(str(size), 0)) for size in range(4)]
            rows.append((origin, [*counts, sum(sizes.values()) - sum(counts)]))
    if rows:
        yield shares("sizes of the sets", rows, SIZES), "sizes of the sets · test"


def _classes(trusted: Trusted, origins: list[str]) -> Iterator[Figure]:
    """Coverage by class, an origin a colour."""
    found = {o: trusted.tested(o).get("set", {}).get("per_class", {}) for o in origins}
    found = {origin: classes for origin, classes in found.items() if classes}
    if not found:
        return
    worst = {name: 1.0 for classes in found.values() for name in classes}
    for classes in found.values():
        for name, share in classes.items():
            worst[name] = min(worst[name], share["value"])
    names = sorted(worst, key=lambda name: worst[name])[:MOST_CLASSES]
    kept = [name for name in trusted.classes if name in names]
    rows = []
    for name in kept:
        of_class = [
            (n, classes[name]) for n, classes in enumerate(found.values()) if name in classes
        ]
        rows.append((name, [Dot(s["value"], s["interval"], n) for n, s in of_class]))
    axis = share_axis("share of rows whose set holds the truth")
    drawn = forest("coverage by class", axis, rows, trusted.promise("coverage"), list(found))
    yield drawn, "coverage by class · test"


def _groups(trusted: Trusted, origins: list[str]) -> Iterator[Figure]:
    """In how many groups at most a share of the rows is covered."""
    drawn = []
    for number, origin in enumerate(origins):
        held = trusted.held(origin)
        if held is None or len(held[0]) == 0:
            continue
        _, place = np.unique(np.array(held[1], dtype=str), return_inverse=True)
        means = np.sort(np.bincount(place, held[0].astype(float)) / np.bincount(place))
        x = np.concatenate([[0.0], means, [1.0]])
        y = np.concatenate([[0.0], np.arange(1, len(means) + 1) / len(means), [1.0]])
        drawn.append(Series(origin, x, y, way="steps", colour=number))
    if drawn:
        x_axis, y_axis = (
            share_axis("coverage within a group"),
            share_axis("share of groups, at most"),
        )
        plot = Plot("coverage within groups", x_axis, y_axis, drawn)
        yield plot.markup(), "coverage within groups, summed up · test"
