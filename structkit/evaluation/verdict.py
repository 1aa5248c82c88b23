"""What a prediction comes to when it is judged: a class, several that it may be, or none of these.

Guards give arrays by name; the names here have the same meaning for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from structkit.data.columns import Array
from structkit.evaluation.target import check_probabilities

CALIBRATED = "calibrated"  # probabilities (rows, classes) that are as often right as they say
SET = "set"  # bool (rows, classes): the classes that hold the truth at the promised rate
NOVELTY = "novelty"  # p-value (rows): small for a row that is unlike all that was learnt from
NOVEL = "novel"  # bool (rows): whether it is refused for that
DISTANCE = "distance"  # (rows): the unlikeness itself, larger for rows more unlike
INTERVAL = "interval"  # (rows, 2): the ends between which a number lies at the promised rate
Sort = Literal["class", "ambiguous", "none of these", "number"]
CLASS: Sort = "class"
AMBIGUOUS: Sort = "ambiguous"
NONE: Sort = "none of these"
NUMBER: Sort = "number"


@dataclass(frozen=True)
class Verdict:
    """What a judged prediction comes to.

    Args:
        sort: `class`, `ambiguous`, `none of these`, or `number`.
        classes: the class; those that it may be, the likeliest first; none.
    """

    sort: Sort
    classes: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.sort == CLASS:
            return self.classes[0]
        return f"ambiguous: {' or '.join(self.classes)}" if self.sort == AMBIGUOUS else self.sort


def verdict(
    classes: Sequence[str], probabilities: Array, judged: Mapping[str, Array], row: int
) -> Verdict:
    """What the prediction of one row comes to: novelty first, then the set.

    A row that is like the training data, and of which no class is probable enough for the promise,
    is not refused as unlike: it is ambiguous between its two likeliest classes.

    Args:
        classes: of the model.
        probabilities: (rows, classes), of the model; calibrated ones are preferred where there are
            any.
        judged: what guards gave.
        row: which.
    """
    if NOVEL in judged and judged[NOVEL][row]:
        return Verdict(NONE)
    order = np.argsort(-judged.get(CALIBRATED, probabilities)[row], kind="stable")
    if SET not in judged:
        return Verdict(CLASS, (classes[int(order[0])],))
    inside = [classes[place] for place in order.tolist() if judged[SET][row][place]]
    if len(inside) == 1:
        return Verdict(CLASS, (inside[0],))
    likeliest = tuple(classes[place] for place in order[:2].tolist())
    return Verdict(AMBIGUOUS, tuple(inside) or likeliest)


def number_verdict(judged: Mapping[str, Array], row: int) -> Verdict:
    """The same of a predicted number: it stands, or the row is unlike all that was learnt from."""
    novel = NOVEL in judged and bool(judged[NOVEL][row])
    return Verdict(NONE if novel else NUMBER)


def checked_judgement(
    judged: Mapping[str, Array], rows: int, classes: Sequence[str]
) -> dict[str, Array]:
    """What a guard gave, as plain arrays of its own.

    Raises:
        ValueError: what is wrong with it, in words.
    """
    found = {str(name): _plain(str(name), value, rows) for name, value in judged.items()}
    shapes = {SET: (rows, len(classes)), NOVELTY: (rows,), NOVEL: (rows,), INTERVAL: (rows, 2)}
    for name in shapes.keys() & found.keys():
        if found[name].shape != shapes[name]:
            raise ValueError(f"gave '{name}' of shape {found[name].shape}, expected {shapes[name]}")
    for name in {SET, NOVEL} & found.keys():
        if found[name].dtype != np.bool_:
            raise ValueError(f"gave '{name}' as {found[name].dtype}, expected bool")
    if CALIBRATED in found:
        check_probabilities(found[CALIBRATED], (rows, len(classes)))
    if NOVELTY in found and ((found[NOVELTY] < 0) | (found[NOVELTY] > 1)).any():
        raise ValueError(f"gave '{NOVELTY}' outside 0 to 1")
    if INTERVAL in found and (found[INTERVAL][:, 0] > found[INTERVAL][:, 1]).any():
        raise ValueError(f"gave an '{INTERVAL}' whose lower end lies above the upper")
    return found


def _plain(name: str, value: object, rows: int) -> Array:
    if isinstance(value, np.ma.MaskedArray):
        raise ValueError(f"gave '{name}' as a masked array, expected plain numbers")
    array = np.array(value)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"gave '{name}' as {array.dtype}, expected numbers")
    if array.ndim == 0 or len(array) != rows:
        raise ValueError(f"gave '{name}' of shape {array.shape} for {rows} rows")
    if not np.isfinite(array).all():
        raise ValueError(f"gave a '{name}' that is not finite")
    return array
