"""Numbers of the study of slow glasses, read from its finished run: areas over seeds, pairs, what moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from structkit.data.items.structure import recorded
from structkit.data.table import Table
from structkit.evaluation.headlines import headlines
from structkit.evaluation.intervals import mean_interval
from structkit.evaluation.target import Headline
from structkit.run import Run
from structkit_md_glass_source.settings import GlassSettings

Floats = NDArray[np.float64]
STRENGTH = 0.1  # of the linear models of the study
CAGE = 0.3  # σ: a particle that is further away has left the cage of its neighbours
LIQUID = "liquid"


@dataclass(frozen=True)
class Mean:
    """A mean over trajectories, its 95 % interval, and how many they are."""

    value: float
    interval: Sequence[float] | None
    count: int


def area(run: Run, model: str, origin: str) -> Headline | None:
    """Area under the curve in the test part, the mean over the seeds; None where a model was not asked."""
    scores = run.headlines(model).get(origin, [])
    return next((score for score in scores if score.name == "roc_auc"), None)


def mean(values: Floats) -> Mean:
    """Of one number a trajectory."""
    interval = mean_interval(values, [str(place) for place in range(len(values))])
    return Mean(float(values.mean()), interval, len(values))


def energies(run: Run, step: str) -> dict[float, dict[str, float]]:
    """Inherent-structure energies per particle, by temperature and trajectory."""
    table = run.table(step)
    by_temperature: dict[float, dict[str, float]] = {}
    for index, row in enumerate(table.rows):
        info = recorded(table, index)
        by_temperature.setdefault(info["temperature"], {})[row.group] = info["inherent_energy"]
    return by_temperature


def left_out(run: Run, features: str, origins: Mapping[str, str]) -> Headline:
    """Area under the curve of a linear model that learns from all trajectories but the one it is asked of.

    Args:
        run: finished.
        features: a step of vectors.
        origins: of the liquids and of the glasses, by their label.
    """
    table = run.table(features)
    rows = _chosen(table, origins)
    values = table.stack("vector", rows).astype(float)
    liquid = np.array([table.rows[index].label == LIQUID for index in rows])
    groups = np.array([table.rows[index].group for index in rows])
    share = np.zeros((len(rows), 2))
    for group in np.unique(groups):
        test = groups == group
        model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=1000))
        share[test] = model.fit(values[~test], liquid[~test]).predict_proba(values[test])
    score = headlines(liquid.astype(int), share, groups.tolist())["roc_auc"]
    return Headline("roc_auc", "ROC-AUC", score["value"], score["interval"])


def counts(run: Run, features: str, origins: Mapping[str, str]) -> tuple[int, int]:
    """How many liquids and glasses are compared."""
    table = run.table(features)
    labels = [table.rows[index].label for index in _chosen(table, origins)]
    return labels.count(LIQUID), len(labels) - labels.count(LIQUID)


def _chosen(table: Table, origins: Mapping[str, str]) -> list[int]:
    """The rows of those labels and origins; of one origin, only of trajectories that have both."""
    rows = [i for i, row in enumerate(table.rows) if origins[str(row.label)] == row.origin]
    if len(set(origins.values())) > 1:
        return rows
    parts = Counter(table.rows[index].group for index in rows)
    return [index for index in rows if parts[table.rows[index].group] == len(origins)]


def steps_held(run: Run, step: str) -> list[int]:
    """For how many time steps each liquid was held until it matched its glass."""
    settings = GlassSettings(**run.steps[step]["with"])
    table = run.table(step)
    infos = [recorded(table, index) for index in range(len(table))]
    held = [info["step"] for info in infos if info["temperature"] == settings.match]
    return [number - settings.step_at(settings.match or settings.hot) for number in held]


def stayed(run: Run, origin: str) -> Floats:
    """The share of particles that are in one cage in the liquid and in the glass of a trajectory: one number each."""
    table = run.table(origin)
    boxes: dict[str, list[Floats]] = {}
    edge = 0.0
    for row in table.rows:
        atoms = run.structure(row)
        edge = float(atoms.cell[0, 0])
        boxes.setdefault(row.group, []).append(atoms.positions[:, :2])
    pairs = [both for both in boxes.values() if len(both) > 1]
    return np.array([_in_cage(liquid - glass, edge) for liquid, glass in pairs])


def _in_cage(apart: Floats, edge: float) -> float:
    """The share of particles that are no further than a cage apart, once the whole box is moved back."""
    apart = apart - edge * np.round(apart / edge)
    apart = apart - np.median(apart, axis=0)
    return float((np.linalg.norm(apart, axis=1) < CAGE).mean())
