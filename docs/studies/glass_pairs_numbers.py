"""Numbers of the study of hundreds of pairs, read from its finished run: bags of boxes, learning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from structkit.randomness import generator
from structkit.run import Run

BAGS, BAG_DRAWS, RESAMPLED = (1, 2, 4, 8, 16), 2000, 300
LEARNT, DRAWS = (10, 20, 40, 80, 160), 20  # boxes of each class; how often they are drawn
STRENGTH = 0.1  # of the linear models of the study
LIQUID = "liquid"
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """An area, and its 95 % interval over trajectories."""

    value: float
    low: float
    high: float


def pairs(run: Run, origin: str) -> int:
    """How many pairs an origin has."""
    return len(run.table(origin)) // 2


def by_energy(liquids: Floats, glasses: Floats) -> float:
    """The area under the curve of the energy alone."""
    truth = np.repeat([1, 0], [len(liquids), len(glasses)])
    return float(roc_auc_score(truth, np.concatenate([liquids, glasses])))


def bagged(run: Run, model: str, origin: str) -> dict[int, Score]:
    """AUC by the mean log-odds of 1, 2, 4, … boxes of one class, as of one larger box.

    The liquids of a bag are of one half of the test trajectories and its glasses of the other:
    what the two boxes of a trajectory have in common would cancel, and the area come out too large.
    """
    table = run.predictions(model)
    rows = [i for i, row in enumerate(table.rows) if row.origin == origin and row.subset == "test"]
    share = np.clip(table.stack("probabilities", rows).astype(float), 1e-45, 1)
    odds = np.log(share[:, 1] / share[:, 0])
    groups, group = np.unique([table.rows[i].group for i in rows], return_inverse=True)
    scores = np.full((2, len(groups)), np.nan)  # of the liquid and of the glass of each trajectory
    for place, index in enumerate(rows):
        scores[int(table.rows[index].label != LIQUID), group[place]] = odds[place]
    return {count: _bag(scores, count) for count in BAGS if count <= len(groups) // 4}


def _bag(scores: Floats, count: int) -> Score:
    rng = generator(0, "bags", count)
    everyone = np.arange(scores.shape[1])

    def area(chosen: NDArray[np.int64]) -> float:
        order = rng.permuted(np.tile(chosen, (BAG_DRAWS, 1)), axis=1)
        half = scores.shape[1] // 2
        ours = _means(scores[0][order[:, :half]], count)
        theirs = _means(scores[1][order[:, half:]], count)
        gap = (ours - theirs)[~np.isnan(ours - theirs)]  # some halves hold too few
        return float((gap > 0).mean() + (gap == 0).mean() / 2)

    resampled = [area(rng.choice(everyone, len(everyone))) for _ in range(RESAMPLED)]
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Score(area(everyone), float(low), float(high))


def _means(scores: Floats, count: int) -> Floats:
    """The mean of the first boxes of each line that are there; a trajectory may have only one of the two."""
    first = np.argsort(np.isnan(scores), axis=1, kind="stable")[:, :count]
    means: Floats = np.take_along_axis(scores, first, axis=1).mean(axis=1)
    return means


def learning(run: Run, features: str, origin: str) -> dict[int, tuple[float, float]]:
    """AUC on the test part after learning from so many boxes of each class: mean and standard deviation of draws.

    The linear model of the study. The test part is that of the first split; boxes are drawn from
    all others.
    """
    table = run.table(features)
    rows = [i for i, row in enumerate(table.rows) if row.origin == origin]
    values = table.stack("vector", rows).astype(float)
    liquid = np.array([table.rows[i].label == LIQUID for i in rows])
    said = run.predictions("linear")
    tested = {row.id for row in said.rows if row.origin == origin and row.subset == "test"}
    test = np.array([table.rows[i].id in tested for i in rows])
    found = {}
    for count in LEARNT:
        rng, areas = generator(0, "learning", count), []
        for _ in range(DRAWS):
            train = np.concatenate(
                [
                    rng.choice(np.flatnonzero(~test & (liquid == side)), count, replace=False)
                    for side in (True, False)
                ]
            )
            model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=1000))
            model.fit(values[train], liquid[train])
            areas.append(roc_auc_score(liquid[test], model.decision_function(values[test])))
        found[count] = float(np.mean(areas)), float(np.std(areas, ddof=1))
    return found
