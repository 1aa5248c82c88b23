"""Numbers of the glass study, read from its finished run: areas under the curve, chance, bags of boxes, learning."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from structkit.data.items.structure import recorded
from structkit.randomness import generator
from structkit.run import Run

SETS = range(1, 7)
NAMES = ("T 1.99", "T 1.76", "T 0.957", "T 0.547", "T 0.44", "equal energy")
FLIPS = 300
BAGS, BAG_DRAWS = (1, 2, 4, 8, 16), 2000
PAIRS, DRAWS = (4, 8, 12, 16), 20  # pairs that are learnt from, and how often they are drawn
STRENGTH = 0.1  # of the linear models of the study


def asked(run: Run, model: str, origin: str) -> bool:
    """Whether the run has the model, and has asked it about those configurations."""
    return model in run.steps and origin in run.tested(model)


def auc(run: Run, model: str, origin: str) -> dict[str, Any]:
    """Area under the curve on the test part, with its interval over trajectories."""
    return dict(run.tested(model)[origin]["roc_auc"])


def cell(found: dict[str, Any]) -> str:
    """`0.985 [0.97, 0.99]`."""
    if found["interval"] is None:
        return f"{found['value']:.3f}"
    low, high = found["interval"]
    return f"{found['value']:.3f} [{low:.2f}, {high:.2f}]"


def asked_cell(run: Run, model: str, origin: str) -> str:
    """The same of a model and an origin; nothing where it was not asked."""
    return cell(auc(run, model, origin)) if asked(run, model, origin) else ""


def area(run: Run, model: str, origin: str, everyone: bool) -> float:
    """AUC on the test part, or on all rows of an origin that no model learnt from."""
    score, liquid, _ = _log_odds(run, model, origin, everyone)
    return float(roc_auc_score(liquid, score))


def energies(run: Run, origin: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Inherent-structure energies per particle of the liquids and of the glasses of an origin."""
    table = run.table(origin)
    found: dict[str, list[float]] = {"liquid": [], "glass": []}
    for index, row in enumerate(table.rows):
        found[str(row.label)].append(recorded(table, index)["inherent_energy"])
    return np.array(found["liquid"]), np.array(found["glass"])


def null(run: Run, model: str, origin: str) -> tuple[float, float]:
    """The central 95 % of the AUC when liquid and glass are exchanged at random within each test trajectory."""
    score, liquid, groups = _log_odds(run, model, origin)
    _, group = np.unique(groups, return_inverse=True)
    rng = generator(0, "exchange")
    flips = [liquid ^ (rng.random(group.max() + 1) < 0.5)[group] for _ in range(FLIPS)]
    low, high = np.percentile([roc_auc_score(flipped, score) for flipped in flips], [2.5, 97.5])
    return float(low), float(high)


def bagged(run: Run, model: str, origin: str) -> dict[int, dict[str, Any]]:
    """AUC by the mean log-odds of 1, 2, 4, … boxes of one class, as of one larger box; 95 % over trajectories.

    At most half of the test part makes a bag, since the two bags that are compared share no
    trajectory: what the two boxes of a trajectory have in common would cancel, and the area come
    out too large.
    """
    score, liquid, groups = _log_odds(run, model, origin)
    # one box of each class in a trajectory: both parts in one order
    order = np.argsort(groups, kind="stable")
    ours, theirs = score[order][liquid[order]], score[order][~liquid[order]]
    return {count: _bag(ours, theirs, count) for count in BAGS if count <= len(ours) // 2}


def _bag(liquid: NDArray[Any], glass: NDArray[Any], count: int) -> dict[str, Any]:
    rng = generator(0, "bags", count)

    def area(pick: NDArray[Any]) -> float:
        order = rng.permuted(np.tile(pick, (BAG_DRAWS, 1)), axis=1)
        ours = liquid[order[:, :count]].mean(axis=1)
        gap = ours - glass[order[:, count : 2 * count]].mean(axis=1)
        return float((gap > 0).mean() + (gap == 0).mean() / 2)

    everyone = np.arange(len(liquid))
    resampled = [area(rng.choice(everyone, len(everyone))) for _ in range(FLIPS)]
    low, high = np.percentile(resampled, [2.5, 97.5])
    return {"value": area(everyone), "interval": (float(low), float(high))}


def _log_odds(
    run: Run, model: str, origin: str, everyone: bool = False
) -> tuple[NDArray[Any], NDArray[np.bool_], NDArray[np.str_]]:
    """Of liquid, for every test row (or every row); whether it is one; its trajectory."""
    table = run.predictions(model)
    mine = [i for i, row in enumerate(table.rows) if row.origin == origin]
    rows = mine if everyone else [i for i in mine if table.rows[i].subset == "test"]
    share = np.clip(table.stack("probabilities", rows).astype(float), 1e-45, 1)
    liquid = np.array([table.rows[i].label == "liquid" for i in rows])
    return np.log(share[:, 1] / share[:, 0]), liquid, np.array([table.rows[i].group for i in rows])


def learning(run: Run, features: str, model: str, origin: str) -> dict[int, tuple[float, float]]:
    """AUC on the test part after learning from so many pairs, mean and standard deviation over drawn pairs.

    The linear model of the study, on the features of a step; the test part is that of a model.
    """
    table = run.table(features)
    places = [i for i, row in enumerate(table.rows) if row.origin == origin]
    values = table.stack("vector", places).astype(float)
    liquid = np.array([table.rows[i].label == "liquid" for i in places])
    groups = np.array([table.rows[i].group for i in places])
    test = np.isin(groups, sorted(set(_log_odds(run, model, origin)[2])))
    others = np.unique(groups[~test])
    return {
        count: _learnt(values, liquid, groups, test, others, count)
        for count in PAIRS
        if count <= len(others)
    }


def _learnt(
    values: NDArray[Any],
    liquid: NDArray[np.bool_],
    groups: NDArray[np.str_],
    test: NDArray[np.bool_],
    others: NDArray[np.str_],
    count: int,
) -> tuple[float, float]:
    rng = generator(0, "learning", count)
    areas = []
    for _ in range(DRAWS):
        train = np.isin(groups, rng.choice(others, count, replace=False))
        model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=1000))
        model.fit(values[train], liquid[train])
        areas.append(roc_auc_score(liquid[test], model.decision_function(values[test])))
    return float(np.mean(areas)), float(np.std(areas))
