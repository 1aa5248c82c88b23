"""What a guard makes of a model that is always sure: two classes of points, and the verdict everywhere else.

The model draws a straight line and gives one class or the other to the whole plane. The guard has seen forty groups that
the model never learnt from, and says where its word counts.
"""

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from structkit import Evidence, Row, RunContext, Table, train
from structkit.evaluation.verdict import verdict
from structkit_baselines import LogisticClassifier
from structkit_guards import Verdict

SHOWS = ("verdict", "novelty", "conformal", "calibration")  # components

SAID = ("a", "b", "ambiguous", "none of these")
COLOURS = ("#9ecae1", "#fdae6b", "#d9d9d9", "#ffffff")


def rows_of(count: int, rng: np.random.Generator, name: str) -> Table:
    """Points of two classes that overlap a little, five to a group."""
    truth = np.arange(count) // 5 % 2
    points = rng.normal(size=(count, 2)) + 3.0 * truth[:, None] * [1, 0.4]
    rows = [Row(f"{name} {i}", "ab"[t], group=f"{name} {i // 5}") for i, t in enumerate(truth)]
    return Table.of(rows, vector=points)


def evidence(model: LogisticClassifier, table: Table) -> Evidence:
    """Rows with what the model says of them."""
    truth = np.array([-1 if row.label is None else "ab".index(row.label) for row in table.rows])
    return Evidence(table, {"probabilities": model.predict(table)}, truth, ("a", "b"))


def draw() -> Figure:
    """The plane as the model sees it, and as the guard does."""
    rng = np.random.default_rng(2)
    learnt, calibration = rows_of(200, rng, "learnt"), rows_of(200, rng, "calibration")
    model, guard = LogisticClassifier(), Verdict(coverage=0.97, false_alarms=0.05)
    train(model, learnt)
    context = RunContext(seed=1, rng=rng, scratch=None)  # type: ignore[arg-type]
    guard.fit(model, evidence(model, learnt), evidence(model, calibration), context)
    x, y = np.meshgrid(np.linspace(-6, 9, 120), np.linspace(-6, 7, 104))
    plane = Table.of(
        [Row(str(i)) for i in range(x.size)], vector=np.stack([x.ravel(), y.ravel()], 1)
    )
    said = evidence(model, plane)
    judged = guard.judge(model, said)
    probabilities = said.predicted["probabilities"]
    verdicts = [verdict(("a", "b"), probabilities, judged, row) for row in range(x.size)]
    words = [v.classes[0] if v.sort == "class" else v.sort for v in verdicts]
    shown = (probabilities.argmax(axis=1), np.array([SAID.index(word) for word in words]))
    figure = Figure(figsize=(9, 3.7), layout="constrained")
    for axis, colours, title in zip(
        figure.subplots(1, 2), shown, ("model", "model and guard"), strict=True
    ):
        axis.pcolormesh(
            x, y, colours.reshape(x.shape), cmap=ListedColormap(COLOURS), vmin=-0.5, vmax=3.5
        )
        points = calibration.stack("vector", range(200))
        axis.scatter(
            *points.T, s=5, c=["C0" if label == "a" else "C1" for label in calibration.labels]
        )
        axis.set(title=title, xlabel="first feature", ylabel="second feature")
    handles = [axis.scatter([], [], c=colour, edgecolors="0.5", marker="s") for colour in COLOURS]
    figure.legend(handles, SAID, loc="outside right center", frameon=False)
    return figure
