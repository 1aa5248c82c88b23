"""`Prediction`: what a model, and its guards, say of one new structure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from structkit.data.columns import Array, Column
from structkit.evaluation.target import ATOM_VALUES, Telling
from structkit.evaluation.verdict import (
    CALIBRATED,
    INTERVAL,
    NONE,
    NOVEL,
    NOVELTY,
    SET,
    Verdict,
    number_verdict,
    verdict,
)
from structkit.evaluation.wholes import is_refused


@dataclass(frozen=True)
class Prediction:
    """What a model says of one structure.

    Args:
        id: of the structure.
        classes: in the order of the probabilities; empty for numbers.
        probabilities: one a class; empty for numbers, and for classes of atoms.
        value: a predicted number, in `unit`.
        unit: of the number.
        spread: how uncertain the model is of the number, in `unit`; None where it does not say.
        atoms: probabilities of the atoms' classes, shape (atoms, classes).
        parts: what these are where they are no atoms, such as columns of an image.
        atom_values: predicted numbers of the atoms, in `unit`, shape (atoms,).
        atom_verdicts: what each atom comes to; empty without a guard.
        atom_novelty: p-value of each atom, shape (atoms,); None without such a guard.
        calibrated: calibrated probabilities, one a class; empty without a guard that gives them.
        inside: the classes that hold the truth at the promised rate; None without such a guard.
        interval: the same of a number.
        novelty: p-value, small for a structure unlike all that was learnt from; None without such a
            guard. Of classes of atoms, or of other parts, the median of theirs.
        verdict: what it comes to; None without a guard. Of classes of atoms, or of other parts:
            `none of these` where most of them are, else None.
        epistemic, aleatoric: of a model with several members, what of its doubt more data would
            mend, and what not: in nats, or in the unit of the number; else None.
        words, facts: of a target that is neither classes nor numbers, what it says, as a person
            reads it and as JSON holds it; else empty.
    """

    id: str
    classes: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    value: float | None = None
    unit: str = ""
    atoms: Array | None = None
    parts: str = "atoms"
    atom_values: Array | None = None
    atom_verdicts: tuple[Verdict, ...] = ()
    atom_novelty: Array | None = None
    spread: float | None = None
    calibrated: tuple[float, ...] = ()
    inside: tuple[str, ...] | None = None
    interval: tuple[float, float] | None = None
    novelty: float | None = None
    verdict: Verdict | None = None
    epistemic: float | None = None
    aleatoric: float | None = None
    words: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The most probable class."""
        return self.classes[int(np.argmax(self.probabilities))]

    @property
    def atom_labels(self) -> list[str]:
        """The most probable class of each atom."""
        if self.atoms is None:
            return []
        return [self.classes[place] for place in self.atoms.argmax(axis=1)]


def predictions_of(
    ids: Sequence[str],
    facts: Mapping[str, Any],
    columns: Mapping[str, Column],
    judged: Mapping[str, Column],
    target: object = None,
) -> list[Prediction]:
    """What was said of every row.

    Args:
        ids: of the rows.
        facts: classes, or the unit of a number.
        columns: what the model gave.
        judged: what its guards gave; nothing without any.
        target: what the model predicts, where it may be neither classes nor numbers.
    """
    if isinstance(target, Telling):
        told = [target.told(facts, columns, row) for row in range(len(ids))]
        return [
            Prediction(name, words=words, facts=said)
            for name, (words, said) in zip(ids, told, strict=True)
        ]
    if ATOM_VALUES in columns:
        values, unit = columns[ATOM_VALUES], facts["unit"]
        return [
            Prediction(name, unit=unit, atom_values=values[row]) for row, name in enumerate(ids)
        ]
    make = _of_number if "value" in columns else _of_classes
    made = [make(name, facts, columns, judged, row) for row, name in enumerate(ids)]
    return [_with_doubts(prediction, columns, row) for row, prediction in enumerate(made)]


def _with_doubts(made: Prediction, columns: Mapping[str, Column], row: int) -> Prediction:
    """A prediction with what a model of several members says of its doubt."""
    if "epistemic" not in columns:
        return made
    epistemic, aleatoric = (float(columns[name][row]) for name in ("epistemic", "aleatoric"))
    return replace(made, epistemic=epistemic, aleatoric=aleatoric)


def _of_number(
    name: str,
    facts: Mapping[str, Any],
    columns: Mapping[str, Column],
    judged: Mapping[str, Column],
    row: int,
) -> Prediction:
    spread = float(columns["spread"][row]) if "spread" in columns else None
    ends = judged[INTERVAL][row] if INTERVAL in judged else None
    return Prediction(
        name,
        value=float(columns["value"][row]),
        unit=facts["unit"],
        spread=spread,
        interval=None if ends is None else (float(ends[0]), float(ends[1])),
        novelty=_novelty(judged, row),
        verdict=_verdict_of_number(judged, row) if judged else None,
    )


def _verdict_of_number(judged: Mapping[str, Column], row: int) -> Verdict:
    return number_verdict({key: column[row][None] for key, column in judged.items()}, 0)


def _of_classes(
    name: str,
    facts: Mapping[str, Any],
    columns: Mapping[str, Column],
    judged: Mapping[str, Column],
    row: int,
) -> Prediction:
    p, classes = columns["probabilities"][row], tuple(facts["classes"])
    if p.ndim == 2:
        return _of_atoms(name, classes, p, facts, {key: c[row] for key, c in judged.items()})
    alone = {key: column[row][None] for key, column in judged.items()}
    inside = None
    if SET in judged:
        inside = tuple(c for c, held in zip(classes, judged[SET][row], strict=True) if held)
    calibrated = judged[CALIBRATED][row] if CALIBRATED in judged else ()
    return Prediction(
        name,
        classes,
        tuple(map(float, p)),
        calibrated=tuple(map(float, calibrated)),
        inside=inside,
        novelty=_novelty(judged, row),
        verdict=verdict(classes, p[None], alone, 0) if judged else None,
    )


def _of_atoms(
    name: str,
    classes: tuple[str, ...],
    p: Array,
    facts: Mapping[str, Any],
    judged: Mapping[str, Array],
) -> Prediction:
    """What was said of the atoms of a structure, of which guards gave one item each."""
    verdicts = [verdict(classes, p, judged, atom) for atom in range(len(p))] if judged else []
    novelty = judged.get(NOVELTY)
    refused = NOVEL in judged and is_refused(judged[NOVEL])
    return Prediction(
        name,
        classes,
        atoms=p,
        parts=facts.get("parts", "atoms"),
        atom_verdicts=tuple(verdicts),
        atom_novelty=novelty,
        novelty=float(np.median(novelty)) if novelty is not None and len(novelty) else None,
        verdict=Verdict(NONE) if refused else None,
    )


def _novelty(judged: Mapping[str, Column], row: int) -> float | None:
    return float(judged[NOVELTY][row]) if NOVELTY in judged else None
