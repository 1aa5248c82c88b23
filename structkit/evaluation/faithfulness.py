"""Does an explanation name what the prediction rests on? Deletion curves against chance and against random weights.

An explainer takes part by giving arrays named `relevance_<method>`, one number for each part of a
row's input (a pixel, a bond), and two more verbs: `strength(inputs)`, how much there is of each
part, in the same shape, and `without(inputs, deleted)`, the inputs with some parts taken away. The
core deletes the most relevant parts first and watches the probability of the class that was
predicted on the whole input.

A method passes when, with 95 % confidence over groups, the probability falls (1) sooner than with
parts deleted in random order, and (2) sooner than with the relevance that the same explainer finds
in the same network with random
weights: a map that only repeats the input fails the second (Adebayo et al., NeurIPS 2018). Deletion
curves are those of Petsiuk et al., BMVC 2018.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from structkit.data.masks import copied
from structkit.data.table import Array, Row, Table
from structkit.evaluation.intervals import mean_interval

VERSION = 4  # raised when equal explanations now get other scores, or another record of them
PREFIX = "relevance_"
# of the parts that are there, about evenly spaced in logarithm
FRACTIONS = (
    0.002,
    0.005,
    0.02,
    0.05,
    0.15,
    0.4,
)
RANDOM_ORDERS = 3
Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Relevance = Mapping[str, Array]


@dataclass(frozen=True)
class Order:
    """An order in which the parts of an input are deleted.

    Args:
        by: what says which part is next.
        method: whose relevance it is; None where no explanation is asked.
    """

    by: Literal["relevance", "random_weights", "random", "strongest"]
    method: str | None = None


RANDOM, STRONGEST = Order("random"), Order("strongest")


@dataclass(frozen=True)
class Curve:
    """Mean probability of the class first predicted, after each of `FRACTIONS` was deleted."""

    order: Order
    probability: Sequence[float]


class Deletable(Protocol):
    """An explainer whose maps can be tested."""

    def strength(self, inputs: Mapping[str, Array]) -> Array:
        """How much there is of each part, in the shape of the relevance."""

    def without(
        self, inputs: Mapping[str, Array], deleted: NDArray[np.bool_]
    ) -> Mapping[str, Array]:
        """The inputs with some parts taken away; perhaps with further arrays, then also where none is."""


@dataclass(frozen=True)
class Deletion:
    """The curves of one row: probability of the class first predicted, after each of `FRACTIONS` was deleted."""

    group: str
    intact: float
    curves: Mapping[Order, Floats]


def relevance(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The maps among an explanation's arrays, by method."""
    return {
        name.removeprefix(PREFIX): value
        for name, value in arrays.items()
        if name.startswith(PREFIX)
    }


def deletion(
    explainer: Deletable,
    model: Any,
    features: Table,
    learnt: Relevance,
    random: Relevance,
    rng: np.random.Generator,
) -> Deletion:
    """The deletion curves of a table's only row.

    Args:
        explainer: says what there is to delete, and deletes it.
        model: predicts what is left.
        features: one row.
        learnt: its relevance by method, of the trained network.
        random: the same of the network with random weights.
        rng: of the random orders and of ties.
    """
    ((row, inputs),) = features.records()
    strength = copied("strength", explainer.strength(inputs)).astype(float)
    orders = _orders(learnt, random, strength, rng)
    # an explainer may add arrays to what is left: what stays the same whatever is deleted
    beside = explainer.without(inputs, np.zeros(strength.shape, dtype=bool))
    left: list[Mapping[str, Array]] = [{**_copies(beside), **inputs}]
    for _, places in orders:
        for gone in _steps(places, strength):
            kept = explainer.without(inputs, gone)  # it may use one buffer for all of them
            left.append(_copies(kept))
    p = np.asarray(model.predict(_table(row, left)), dtype=float)
    target = p[:, int(p[0].argmax())]
    curves = target[1:].reshape(len(orders), -1)
    return Deletion(row.group, float(target[0]), _by_order([order for order, _ in orders], curves))


def _copies(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Arrays of an explainer's own, which it may write to again."""
    return {name: copied(name, value) for name, value in arrays.items()}


def _orders(
    learnt: Relevance, random: Relevance, strength: Array, rng: np.random.Generator
) -> list[tuple[Order, Places]]:
    """Every order with the places of the parts in it; chance is tried several times."""
    orders = []
    for method, value in learnt.items():
        orders.append((Order("relevance", method), _ranked(value, strength, rng)))
    for method, value in random.items():
        orders.append((Order("random_weights", method), _ranked(value, strength, rng)))
    orders.append((STRONGEST, _ranked(strength, strength, rng)))
    indifferent = np.zeros_like(strength)
    for _ in range(RANDOM_ORDERS):
        orders.append((RANDOM, _ranked(indifferent, strength, rng)))
    return orders


def _by_order(orders: Sequence[Order], curves: Floats) -> dict[Order, Floats]:
    """One curve an order: the mean of its curves."""
    gathered: dict[Order, list[Floats]] = {order: [] for order in orders}
    for order, curve in zip(orders, curves, strict=True):
        gathered[order].append(curve)
    return {order: np.mean(several, axis=0) for order, several in gathered.items()}


def _ranked(relevance: Array, strength: Array, rng: np.random.Generator) -> Places:
    """The parts that are there, as flat places, most relevant first; ties fall at random."""
    if np.shape(relevance) != strength.shape:
        raise ValueError(
            f"relevance of shape {np.shape(relevance)} for parts of shape {strength.shape}"
        )
    places = np.flatnonzero(strength)
    wanted = -np.asarray(relevance, dtype=float).ravel()[places]
    return places[np.lexsort((rng.random(len(places)), wanted))]


def _steps(places: Places, strength: Array) -> Iterator[NDArray[np.bool_]]:
    """What is deleted at each fraction, in the shape of the parts; at least one part."""
    for fraction in FRACTIONS:
        gone = np.zeros(strength.size, dtype=bool)
        gone[places[: max(1, round(fraction * len(places)))]] = True
        yield gone.reshape(strength.shape)


def _table(row: Row, items: Sequence[Mapping[str, Array]]) -> Table:
    """Variants of one row's inputs as a table; an array whose length differs from variant to variant is ragged."""
    rows = [replace(row, id=str(number)) for number in range(len(items))]
    columns = {name: [np.asarray(item[name]) for item in items] for name in items[0]}
    fixed = {name: len({value.shape for value in values}) == 1 for name, values in columns.items()}
    return Table.of(rows, **{n: np.stack(v) if fixed[n] else v for n, v in columns.items()})


def summary(deletions: Sequence[Deletion]) -> dict[str, Any]:
    """Scores of every method over the rows of one origin, as JSON.

    `over_random`, `over_random_weights` and `over_strongest` are the mean probability after a
    deletion in that other
    order, less that after a deletion by the map: positive when the map finds what matters sooner.
    """
    orders = list(deletions[0].curves)
    methods = [order.method for order in orders if order.by == "random_weights" and order.method]
    return {
        "rows": len(deletions),
        "groups": len({row.group for row in deletions}),
        "fractions": list(FRACTIONS),
        "intact": float(np.mean([row.intact for row in deletions])),
        "curves": [_curve_record(order, deletions) for order in orders],
        "methods": {method: _method(method, deletions) for method in methods},
    }


def _curve_record(order: Order, deletions: Sequence[Deletion]) -> dict[str, Any]:
    mean = np.mean([row.curves[order] for row in deletions], axis=0)
    return {"method": order.method, "order": order.by, "probability": mean.tolist()}


def _method(method: str, deletions: Sequence[Deletion]) -> dict[str, Any]:
    groups = [row.group for row in deletions]
    own = Order("relevance", method)
    rivals = {
        "over_random": RANDOM,
        "over_random_weights": Order("random_weights", method),
        "over_strongest": STRONGEST,
    }
    scores: dict[str, Any] = {}
    for word, rival in rivals.items():
        gain = np.array([float((row.curves[rival] - row.curves[own]).mean()) for row in deletions])
        scores[word] = {"value": float(gain.mean()), "interval": mean_interval(gain, groups)}
    needed = [scores[word]["interval"] for word in ("over_random", "over_random_weights")]
    scores["passed"] = all(interval is not None and interval[0] > 0 for interval in needed)
    return scores


def curves(record: Mapping[str, Any]) -> list[Curve]:
    """The curves of a record of `summary`, of today's form or of that of version 1."""
    stored = record["curves"]
    if isinstance(stored, dict):
        return [Curve(_named(name), probability) for name, probability in stored.items()]
    return [
        Curve(Order(record["order"], record["method"]), record["probability"]) for record in stored
    ]


def _named(name: str) -> Order:
    """The order that version 1 wrote as words."""
    method = name.removesuffix(", random weights")
    learnt = Order("relevance" if method == name else "random_weights", method)
    return {"random order": RANDOM, "strongest first": STRONGEST}.get(name, learnt)
