"""What the report shows of a target beside its headlines; each sort has a view in its own file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from structkit.data.rows import Row
from structkit.data.table import Array, Table
from structkit.evaluation.target import Headline
from structkit.run import Run
from structkit.words import valued
from structkit_html_report.pictured import Image, Pictured

MISTAKES = 6
Figure = tuple[Image, str]  # and its caption


@dataclass(frozen=True)
class Guess:
    """What a model said of a row, in words.

    Args:
        truth: what is known of the row; nothing where that is not said beside the prediction.
        predicted: what the model said.
        right: whether that is the same; None where it is more or less so.
    """

    truth: str
    predicted: str
    right: bool | None = None


@dataclass(frozen=True)
class Mistake:
    """A test row that a model was wrong about, and how wrong."""

    row: Row
    guess: Guess
    size: str


@dataclass(frozen=True)
class Details:
    """A table that is folded away."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


class View:
    """Shows a target that the report knows nothing of: its headlines, and nothing else.

    Attributes:
        loss: what the losses of the learning curve are.
        further: more scores for the table: their names in `metrics.json`, and in words.
        pure: those of `further` that have no unit.
        worst: in words, which mistakes are shown.
        faultless: in words, that there are none.
        higher: whether a higher first headline is better; None where that is not known.
        lead: the word before what it says.
        measured: the word before how good it is.
        unguarded: in words, what it does without a guard with whatever it is shown.
    """

    loss: ClassVar[str] = "loss"
    further: ClassVar[Mapping[str, str]] = {}
    pure: ClassVar[Sequence[str]] = ("r2",)
    worst: ClassVar[str] = ""
    faultless: ClassVar[str] = ""
    higher: ClassVar[bool | None] = None
    lead: ClassVar[str] = "Predicts"
    measured: ClassVar[str] = "Right"
    unguarded: ClassVar[str] = "it answers whatever it is shown"

    def says(self, metrics: Mapping[str, Any]) -> str:
        """What the model says of a row, as the beginning of a sentence; nothing where that is not known."""
        return ""

    def amount(self, told: Headline) -> str:
        """The value of the first headline as it stands in a sentence."""
        return valued(told)

    def how_good(self, told: Headline) -> str:
        """The first headline as a part of a sentence."""
        return f"{told.words} {self.amount(told)}"

    def worst_part(self, run: Run, step: str) -> str:
        """A sentence on the class or group that it is worst at; nothing where none stands out."""
        return ""

    def figures(self, run: Run, step: str) -> list[Figure]:
        """Figures of the predictions on the test part."""
        return []

    def details(self, run: Run, step: str) -> list[Details]:
        """Tables that are folded away."""
        return []

    def mistakes(self, run: Run, step: str) -> dict[str, list[Mistake]]:
        """The worst mistakes on the test part, by origin; nothing where none are told."""
        return {}

    def pictures(
        self, run: Run, metrics: Mapping[str, Any], row: Row, arrays: Mapping[str, Array]
    ) -> list[Pictured]:
        """Pictures of what was said of a row."""
        return []

    def guess(self, metrics: Mapping[str, Any], row: Row, arrays: Mapping[str, Array]) -> Guess:
        """What was said of a row.

        Args:
            metrics: of the model, with what must be known to read its predictions.
            row: of the predictions.
            arrays: of that row.
        """
        return Guess(row.label or "no label", "as in predictions.csv")


def tested_rows(run: Run, step: str) -> dict[str, Table]:
    """The predictions of the test rows whose truth is known, by origin."""
    table = run.predictions(step)
    origins, subsets = np.array(table.origins), np.array(table.values("subset"))
    chosen = (subsets == "test") & run.target(step).scored(table)
    places = {origin: np.flatnonzero(chosen & (origins == origin)) for origin in run.tested(step)}
    return {origin: table.select(rows) for origin, rows in places.items()}
