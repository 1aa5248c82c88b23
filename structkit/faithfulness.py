"""Does an explanation name what the prediction rests on? Deletion curves against chance and against random weights.

An explainer takes part by giving arrays named `relevance_<method>`, one number for each part of a row's input (a pixel,
a bond), and two more verbs: `strength(inputs)`, how much there is of each part, in the same shape, and
`without(inputs, deleted)`, the inputs with some parts taken away. The core deletes the most relevant parts first and
watches the probability of the class that was predicted on the whole input.

A method passes when, with 95 % confidence over groups, the probability falls (1) sooner than with parts deleted in
random order, and (2) sooner than with the relevance that the same explainer finds in the same network with random
weights: a map that only repeats the input fails the second (Adebayo et al., NeurIPS 2018). Deletion curves are those
of Petsiuk et al., BMVC 2018.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from structkit.bootstrap import mean_interval
from structkit.table import Array, Row, Table

VERSION = 1  # raised when equal explanations now get other scores
PREFIX = "relevance_"
FRACTIONS = (0.002, 0.005, 0.02, 0.05, 0.15, 0.4)  # of the parts that are there, about evenly spaced in logarithm
RANDOM_ORDERS = 3
RANDOM, STRONGEST = "random order", "strongest first"
Curve = NDArray[np.float64]
Relevance = Mapping[str, Array]


class Deletable(Protocol):
    """An explainer whose maps can be tested."""

    def strength(self, inputs: Mapping[str, Array]) -> Array: ...
    def without(self, inputs: Mapping[str, Array], deleted: NDArray[np.bool_]) -> Mapping[str, Array]: ...


@dataclass(frozen=True)
class Deletion:
    """The curves of one row: probability of the class first predicted, after each of `FRACTIONS` was deleted."""

    group: str
    intact: float
    curves: Mapping[str, Curve]


def relevance(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The maps among an explanation's arrays, by method."""
    return {name.removeprefix(PREFIX): value for name, value in arrays.items() if name.startswith(PREFIX)}


def deletion(
    explainer: Deletable, model: Any, features: Table, learnt: Relevance, random: Relevance, rng: np.random.Generator
) -> Deletion:
    """The deletion curves of a table's only row.

    Args:
        explainer: says what there is to delete, and deletes it.
        model: predicts what is left.
        features: one row.
        learnt, random: its relevance by method, of the trained network and of the network with random weights.
        rng: of the random orders and of ties.
    """
    ((row, inputs),) = features.records()
    strength = np.asarray(explainer.strength(inputs), dtype=float)
    orders = {name: _order(value, strength, rng) for name, value in learnt.items()}
    orders |= {_random(name): _order(value, strength, rng) for name, value in random.items()}
    orders |= {STRONGEST: _order(strength, strength, rng)}
    orders |= {f"{RANDOM} {i}": _order(np.zeros_like(strength), strength, rng) for i in range(RANDOM_ORDERS)}
    left = [inputs, *(explainer.without(inputs, gone) for order in orders.values() for gone in _steps(order, strength))]
    p = np.asarray(model.predict(_table(row, left)), dtype=float)
    target = p[:, int(p[0].argmax())]
    curves = dict(zip(orders, target[1:].reshape(len(orders), -1), strict=True))
    curves[RANDOM] = np.mean([curves.pop(f"{RANDOM} {i}") for i in range(RANDOM_ORDERS)], axis=0)
    return Deletion(row.group, float(target[0]), curves)


def _random(method: str) -> str:
    return f"{method}, random weights"


def _order(relevance: Array, strength: Array, rng: np.random.Generator) -> NDArray[np.int64]:
    """The parts that are there, as flat places, most relevant first; ties fall at random."""
    if np.shape(relevance) != strength.shape:
        raise ValueError(f"relevance of shape {np.shape(relevance)} for parts of shape {strength.shape}")
    places = np.flatnonzero(strength)
    wanted = -np.asarray(relevance, dtype=float).ravel()[places]
    return places[np.lexsort((rng.random(len(places)), wanted))]


def _steps(order: NDArray[np.int64], strength: Array) -> Iterator[NDArray[np.bool_]]:
    """What is deleted at each fraction, in the shape of the parts; at least one part."""
    for fraction in FRACTIONS:
        gone = np.zeros(strength.size, dtype=bool)
        gone[order[: max(1, round(fraction * len(order)))]] = True
        yield gone.reshape(strength.shape)


def _table(row: Row, items: Sequence[Mapping[str, Array]]) -> Table:
    """Variants of one row's inputs as a table; an array whose length differs from variant to variant is ragged."""
    rows = [replace(row, id=str(number)) for number in range(len(items))]
    columns = {name: [np.asarray(item[name]) for item in items] for name in items[0]}
    fixed = {name: len({value.shape for value in values}) == 1 for name, values in columns.items()}
    return Table.of(rows, **{n: np.stack(v) if fixed[n] else v for n, v in columns.items()})


def summary(deletions: Sequence[Deletion], seed: int) -> dict[str, Any]:
    """Scores of every method over the rows of one origin, as JSON.

    `over_random`, `over_random_weights` and `over_strongest` are the mean probability after a deletion in that other
    order, less that after a deletion by the map: positive when the map finds what matters sooner.
    """
    first = deletions[0].curves
    methods = [name for name in first if _random(name) in first]
    return {
        "rows": len(deletions),
        "groups": len({found.group for found in deletions}),
        "fractions": list(FRACTIONS),
        "intact": float(np.mean([found.intact for found in deletions])),
        "curves": {name: np.mean([found.curves[name] for found in deletions], axis=0).tolist() for name in first},
        "methods": {name: _method(name, deletions, seed) for name in methods},
    }


def _method(name: str, deletions: Sequence[Deletion], seed: int) -> dict[str, Any]:
    groups = [found.group for found in deletions]
    rivals = {"over_random": RANDOM, "over_random_weights": _random(name), "over_strongest": STRONGEST}
    found: dict[str, Any] = {}
    for word, rival in rivals.items():
        gain = np.array([float((row.curves[rival] - row.curves[name]).mean()) for row in deletions])
        found[word] = {"value": float(gain.mean()), "interval": mean_interval(gain, groups, seed)}
    needed = [found[word]["interval"] for word in ("over_random", "over_random_weights")]
    found["passed"] = all(interval is not None and interval[0] > 0 for interval in needed)
    return found
